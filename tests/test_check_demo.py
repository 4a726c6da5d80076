"""The check of the demo's results fails on results that are wrong."""

import csv

import pytest

from check_demo import check, of_figure1, of_table1


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


def test_what_is_read_is_what_was_written(tmp_path, capsys):
    folder = tmp_path / "measurements"
    folder.mkdir()
    table = {"lstm": figure()["lstm"]}
    for name, models in (("table1", table), ("figure1", figure())):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["model", "C", "metric", "value"])
            for model, rows in models.items():
                for cell in rows:
                    for metric, value in cell.items():
                        if metric != "C":
                            writer.writerow([model, cell["C"], metric, value])
    assert check(tmp_path) == []
    assert len(capsys.readouterr().out.splitlines()) == 4 + 12
