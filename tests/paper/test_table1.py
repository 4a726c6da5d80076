"""Table 1 from measurements: its lines, its notes, and ours beside the paper's."""

import csv
import io

import pytest

from textvae.cells import Cell
from textvae.paper.exhibits.table1 import METRICS, table1, table1_csv
from textvae.paper.measurements import Measured
from textvae.paper.published import published
from textvae.paper.render.html import html
from textvae.paper.render.latex import latex
from textvae.paper.rows import rows_of

CBT_3 = {f.metric: f.value for f in published("table1") if (f.corpus, f.C) == ("cbt", 3)}


def cell(values: dict, corpus="cbt", model="lstm", C=3.0, seed=1) -> list[Measured]:
    return [
        Measured(Cell(corpus, model, C, seed), "any", "test", 12000, metric, value)
        for metric, value in values.items()
    ]


def texts(table) -> list[list[str]]:
    """The lines of a table, as a reader sees them."""
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def compared(rows) -> dict[tuple[str, str], dict[str, str]]:
    """The lines of the CSV by corpus and metric."""
    records = csv.DictReader(io.StringIO(table1_csv(rows)))
    return {(record["corpus"], record["metric"]): record for record in records}


def test_the_papers_own_numbers_give_the_papers_own_table():
    """Row by row as printed, but D in nats with a decimal."""
    measured = [
        Measured(Cell(f.corpus, f.model, f.C, 1), "any", "test", 1, f.metric, f.value)
        for f in published("table1")
    ]
    lines = texts(table1(rows_of(measured), "Caption"))
    assert lines[0] == [
        *("CBT", "3", "62.0", "3.0", "−0.39", "0.05", "8"),
        *("7.49/2.63", "1.28/0.13", "8.95/3.48", "1.49/0.10"),
        *("10.37/4.81", "1.68/0.12", "9.46/3.54", "1.57/0.12"),
    ]
    assert [line[0] for line in lines] == ["CBT", "", "", "WIKI", "", "", "WebText", "", ""]
    assert [line[1] for line in lines] == ["3", "15", "100"] * 3
    assert lines[5][2:7] == ["17.0", "100.0", "−4.97", "0.15", "64"]
    assert lines[5][7:9] == ["65.67/63.17", "60.02/55.92"]


def test_latex_and_html_tell_the_same_numbers():
    table = table1(rows_of(cell(CBT_3)), "Caption")
    for number in ("62.0", "0.05", "8", "7.49", "2.63"):
        assert f"{number} " in latex(table)
        assert number in html(table)
    assert "$-$0.39" in latex(table)
    assert "−0.39" in html(table)
    tex = latex(table)
    assert "&  & " not in tex  # nothing left blank in a row of one seed
    assert r"CBT & 3 & 62.0 & 3.0 & $-$0.39 & 0.05 & 8 & 7.49 & 2.63 & 1.28 & 0.13" in tex


def test_several_seeds_give_means_with_standard_deviations_below():
    """AU of 8 and 9 is 8.5 on average; D of 62 and 63 deviates by 0.71."""
    measured = cell(CBT_3) + cell(
        CBT_3 | {"distortion_nats": 63.0, "active_units": 9, "bleu2_bucket1": 7.69}, seed=2
    )
    table = table1(rows_of(measured), "Caption")
    mean, deviation = texts(table)
    assert (mean[2], mean[6], mean[7]) == ("62.5", "8.5", "7.59/2.63")
    assert (deviation[2], deviation[6], deviation[7]) == ("±0.7", "±0.7", "±0.14/±0.00")
    assert deviation[:2] == ["", ""]
    assert table.blocks[0][1].small
    assert "Means over 2 seeds, with the standard deviation over seeds below." in table.notes


def test_rows_may_differ_in_seeds():
    measured = cell(CBT_3) + cell(CBT_3, seed=2) + cell(CBT_3, C=15.0)
    table = table1(rows_of(measured), "Caption")
    assert [line.small for line in table.blocks[0]] == [False, True, False]
    assert any(note.startswith("Means over 1 to 2 seeds") for note in table.notes)


def test_missing_values_are_dashes():
    """Not measured (LogDetCov) or measured as null (an empty bucket): the same to a reader."""
    values = CBT_3 | dict.fromkeys(["bleu2_bucket3", "rouge2_bucket3"])
    del values["logdetcov"]
    table = table1(rows_of(cell(values)), "Caption")
    [line] = texts(table)
    assert (line[4], line[11], line[12]) == ("–", "–/–", "1.68/0.12")
    assert "3.0 & -- & 0.05" in latex(table)


def test_a_model_is_named_where_there_are_several():
    measured = cell(CBT_3) + cell(CBT_3, model="gru")
    titles = [line[0] for line in texts(table1(rows_of(measured), "Caption"))]
    assert titles == ["CBT (gru)", "CBT (lstm)"]


def bound(C: float, excess: float, error: float = 0.5, seed: int = 1) -> list[Measured]:
    values = {
        "entropy_nats": 38.704,
        "bound_excess_nats": excess,
        "bound_excess_standard_error": error,
    }
    return cell(CBT_3 | values, corpus="grammar", C=C, seed=seed)


def test_a_known_entropy_is_told_with_the_row_that_comes_nearest_to_it():
    """Nearest by standard errors: 2 nats at 0.5 are 4 of them, 3 nats at 1 are 3."""
    rows = rows_of(cell(CBT_3) + bound(5, 2) + bound(15, 3, 1.0, seed=1) + bound(15, 4, seed=2))
    [note] = [note for note in table1(rows, "Caption").notes if "bound" in note]
    assert note == (
        "grammar: the bound D + R ≥ H (H = 38.70 nats) holds. Paired by sentence, D + R exceeds H "
        "least surely at C = 15: by 3.00 nats, 3.0 standard errors."
    )


@pytest.mark.parametrize(("excess", "verdict"), [(-1.4, "holds"), (-1.6, "IS BROKEN")])
def test_a_broken_bound_is_called_so(excess, verdict):
    """Three standard errors below are allowed to chance."""
    notes = table1(rows_of(bound(5, excess) + bound(15, 7)), "Caption").notes
    assert any(f"(H = 38.70 nats) {verdict}" in note for note in notes)


def test_where_nothing_is_known_of_the_bound_nothing_is_said():
    values = CBT_3 | {"entropy_nats": None, "bound_excess_nats": None}
    assert not any("bound" in note for note in table1(rows_of(cell(values)), "Caption").notes)
    values = CBT_3 | {"bound_excess_nats": 1.0, "bound_excess_standard_error": 0.5}
    notes = table1(rows_of(cell(values)), "Caption").notes
    assert any("CBT: the bound D + R ≥ H holds." in note for note in notes)


def test_csv_has_ours_beside_the_papers():
    measured = cell({"distortion_nats": 60.0}) + cell({"distortion_nats": 61.0}, seed=2)
    found = compared(rows_of(measured))
    assert found["cbt", "distortion_nats"] == {
        "corpus": "cbt",
        "model": "lstm",
        "C": "3",
        "metric": "distortion_nats",
        "ours": "60.5",
        "seeds": "2",
        "standard_deviation": "0.7071067811865476",
        "sentences": "12000",
        "paper": "62",
        "difference": "-1.5",
    }
    # Not measured, and still beside the paper's.
    unmeasured = found["cbt", "rouge4_all"]
    assert (unmeasured["ours"], unmeasured["seeds"], unmeasured["paper"]) == ("", "0", "0.12")
    assert unmeasured["difference"] == ""


def test_the_papers_values_are_those_of_its_erratum():
    """WIKI's BLEU and ROUGE stand in WebText's row and the other way about; D does not."""
    values = dict.fromkeys(METRICS, 0.0)
    found = compared(rows_of(cell(values, "WIKI", C=100) + cell(values, "webtext", C=100)))
    assert found["WIKI", "bleu2_all"]["paper"] == "45.84"
    assert found["webtext", "bleu2_all"]["paper"] == "31.84"
    assert found["WIKI", "rouge4_bucket1"]["paper"] == "78.79"
    assert found["WIKI", "distortion_nats"]["paper"] == "17"
    assert found["webtext", "logdetcov"]["paper"] == "-7.85"


@pytest.mark.parametrize("other", [{"corpus": "yelp"}, {"model": "gru"}, {"C": 4.0}])
def test_a_cell_that_the_paper_has_not_stands_alone(other):
    found = compared(rows_of(cell(CBT_3, **other)))
    assert {record["paper"] for record in found.values()} == {""}
    assert {record["difference"] for record in found.values()} == {""}


def test_csv_keeps_what_the_table_has_no_column_for():
    """After the columns of Table 1, which come in their order."""
    values = {"moment_matched_kl": 1.5, "iw_nll_nats": 60.25} | CBT_3
    records = list(csv.DictReader(io.StringIO(table1_csv(rows_of(cell(values))))))
    assert [record["metric"] for record in records] == [
        *METRICS,
        "iw_nll_nats",
        "moment_matched_kl",
    ]
