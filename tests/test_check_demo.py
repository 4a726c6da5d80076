"""The check of the demo's results fails on results that are wrong."""

import csv

import pytest

from check_demo import check, of_figure1, of_table1, of_table2, of_table3, of_table4


def row(C, **changes):
    good = {
        "C": C,
        "rate_nats": C + 0.1,
        "distortion_nats": 40.0 - C,
        "active_units": 4.0,
        "bound_excess_nats": 2.0,
        "bound_excess_standard_error": 0.1,
    }
    return good | changes


def figure(**changes):
    models = {name: [row(C) for C in (2.0, 5.0, 10.0, 15.0)] for name in ("gru", "lstm", "cnn")}
    return models | changes


def test_good_results():
    assert of_table1({"lstm": [row(2.0), row(5.0), row(15.0)]}) == []
    assert of_figure1(figure()) == []


FAULTS = [
    ({"rate_nats": 3.5}, "R = 3.50 is not within 1 of C"),
    ({"rate_nats": float("nan")}, "R = nan is not within 1 of C"),
    ({"active_units": 0.0}, "no active unit"),
    ({"bound_excess_nats": -0.4}, "D + R is below H by 4.0 standard errors"),
]
IN_STEPS = [
    ({"distortion_nats": 39.0}, "D does not fall from C = 2 to C = 5"),
    ({"active_units": 3.0}, "AU falls from C = 2 to C = 5"),
]


@pytest.mark.parametrize(("change", "complaint"), FAULTS + IN_STEPS)
def test_a_table_with_one_fault(change, complaint):
    found = of_table1({"lstm": [row(2.0), row(5.0, **change)]})
    assert any(line.endswith(complaint) for line in found)


@pytest.mark.parametrize(("change", "complaint"), FAULTS)
def test_a_figure_with_one_fault(change, complaint):
    rows = [row(2.0), row(5.0, **change), row(10.0), row(15.0)]
    assert of_figure1(figure(gru=rows)) == [f"gru: C = 5: {complaint}"]


def test_a_figure_whose_distortion_does_not_fall_or_that_lacks_something():
    flat = [row(C, distortion_nats=40.0) for C in (2.0, 5.0, 10.0, 15.0)]
    assert of_figure1(figure(cnn=flat)) == ["cnn: D does not fall over C"]
    assert of_figure1(figure(cnn=figure()["cnn"][:3])) == ["cnn: fewer than 4 C"]
    two = figure()
    del two["lstm"]
    assert of_figure1(two) == ["fewer than 3 models"]


def text(C, **changes):
    """Two copies of good text in any decoding."""
    good = {
        "fce_nats": [50.0 + C, 50.2 + C],
        "floor_nats": [45.0, 45.0],
        "excess_nats": [5.0 + C, 5.2 + C],
        "excess_standard_error": [0.1, 0.1],
        "reverse_nats": [30.0, 30.0],
        "self_bleu4": [50.0 - C, 50.2 - C],
        "accepted_percent": [20.0, 21.0],
        "kn5_fce_nats": [60.0, 60.0],
    }
    return good | changes


def texts(**changes):
    good = {(d, C): text(C) for d in ("greedy", "nucleus0.9") for C in (2.0, 5.0, 15.0)}
    return good | {("nucleus0.9", 15.0): text(15.0, **changes)}


def test_a_table_3_with_one_fault(capsys):
    assert of_table3(texts()) == []
    assert "table3, greedy: C = 15, FCE 65.1, floor 45.0" in capsys.readouterr().out
    # One copy is enough to beat the floor.
    assert of_table3(texts(excess_nats=[5.0, -0.4])) == [
        "nucleus0.9, C = 15: a synthetic corpus beats the floor"
    ]
    assert of_table3(texts(fce_nats=[51.0, 51.0])) == [
        "FCE of nucleus0.9 is not worse at the greatest C"
    ]
    assert of_table3(texts() | {("greedy", 5.0): text(5.0, self_bleu4=[50.0, 50.0])}) == [
        "greedy self-BLEU does not fall with C"
    ]


def test_a_table_2_with_one_fault():
    def lines(*shares):
        places = zip((2.0, 5.0, 15.0), shares, strict=True)
        return {("", C): {"distinct_interpolation": [share]} for C, share in places}

    assert of_table2(lines(0.4, 0.3, 0.9)) == []
    assert of_table2(lines(0.4, 0.9, 0.4)) == ["neighbours are not told apart better at larger C"]


def judged(C, p1, p2, language_model=0.9, rows=10, heading="agreement"):
    """Fifteen rows, of which those of one heading are as told, and others as they should be."""
    good = (0.9, 0.9) if C < 10 else (0.9, 0.3)
    row = {"C": C}
    for name, count in (("agreement", rows), ("reflexive", 3), ("npi", 2)):
        told = (p1, p2, language_model) if name == heading else (*good, 0.9)
        metrics = ("p1", "p2", "language_model", "p1_bar", "p2_bar")
        values = dict(zip(metrics, (*told, *told[:2]), strict=True))
        row |= {f"{name}.{i}.{metric}": v for i in range(count) for metric, v in values.items()}
    return row


def test_a_table_4_with_one_fault(capsys):
    low, high = judged(2.0, 0.71, 0.70), judged(40.0, 0.9, 0.3)
    assert of_table4({"lstm": [low, high]}) == []
    said = "table4, npi: C = 40, p1 0.90, p2 0.30, barred 0.90 and 0.30, language model 0.90"
    assert said in capsys.readouterr().out
    for faulty, complaint in (
        ([judged(2.0, 0.8, 0.7), high], "agreement: p1 and p2 do not agree at C = 2"),
        ([low, judged(40.0, 0.8, 0.7)], "agreement: p1 and p2 do not part at C = 40"),
        (
            [low, judged(40.0, 0.8, 0.8, heading="npi")],
            "npi: p1 and p2 do not part at C = 40",
        ),
        ([low, judged(40.0, 0.9, 0.3, 0.5)], "agreement, C = 40: grammar is not known"),
        ([judged(2.0, 0.5, 0.5), high], "agreement, C = 2: grammar is not known"),
        ([judged(2.0, 0.7, 0.7, rows=9), high], "14 rows, not 15"),
    ):
        assert of_table4({"lstm": faulty}) == [complaint]


def test_what_is_read_is_what_was_written(tmp_path, capsys):
    folder = tmp_path / "measurements"
    folder.mkdir()
    table = {"lstm": figure()["lstm"]}
    pairs = {"lstm": [judged(2.0, 0.7, 0.7), judged(40.0, 0.9, 0.3)]}
    for name, models in (("table1", table), ("figure1", figure()), ("table4", pairs)):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["model", "C", "metric", "value"])
            for model, rows in models.items():
                for cell in rows:
                    for metric, value in cell.items():
                        if metric != "C":
                            writer.writerow([model, cell["C"], metric, value])
    lines = {
        ("", 2.0): {"distinct_interpolation": [0.2]},
        ("", 5.0): {"distinct_interpolation": [0.4]},
    }
    for name, measured in (("table2", lines), ("table3", texts())):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["C", "decoding", "copy", "metric", "value"])
            for (decoding, C), metrics in measured.items():
                for metric, values in metrics.items():
                    for copy, value in enumerate(values, start=1):
                        writer.writerow([C, decoding, copy, metric, value])
    assert check(tmp_path) == []
    assert len(capsys.readouterr().out.splitlines()) == 4 + 12 + 6 + 1 + 6
