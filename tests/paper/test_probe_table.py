"""What linear probes read from codes, beside chance: the table and its data."""

import csv
import io

from textvae.cells import Cell
from textvae.paper.exhibits.probe import METRICS, probe, probe_csv
from textvae.paper.measurements import Measured
from textvae.paper.render.html import html
from textvae.paper.render.latex import latex
from textvae.paper.rows import rows_of
from textvae.paper.syntactic_rows import names_in

VALUES = {
    "agreement.simple.grammatical_accuracy": 0.51,
    "agreement.simple.grammatical_standard_error": 0.02,
    "agreement.simple.grammatical_chance": 0.5,
    "agreement.simple.number_accuracy": 0.75,
    "agreement.simple.number_standard_error": 0.04,
    "agreement.simple.number_chance": 0.625,
    "agreement.simple.items": 9,
}
UNDEFINED = {
    f"npi.simple.{what}": None
    for what in ("number_accuracy", "number_standard_error", "number_chance")
} | {"npi.simple.grammatical_accuracy": 1.0, "npi.simple.items": 1}


def cell(values: dict, C=3.0, seed=1) -> list[Measured]:
    of = Cell("wiki50", "lstm", C, seed)
    return [Measured(of, "probe", "pairs", 140, metric, value) for metric, value in values.items()]


def table(measured):
    return probe(rows_of(measured), "Models of WIKI.")


def texts(table) -> list[list[str]]:
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def data(measured) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(probe_csv(rows_of(measured)))))


def test_two_accuracies_for_each_C_then_chance_and_items():
    found = table(cell(VALUES) + cell(VALUES | {"agreement.simple.number_accuracy": 0.9}, C=100.0))
    assert [(span.title, span.columns) for span in found.spans] == [
        *(("", 1), ("C = 3", 2), ("C = 100", 2), ("Chance", 2), ("", 1))
    ]
    assert [column.html for column in found.columns] == ["", *["gram.", "number"] * 3, "items"]
    assert texts(found) == [
        ["SUBJECT-VERB AGREEMENT", *[""] * 7],
        [
            *("Simple", "0.51 ± 0.02", "0.75 ± 0.04", "0.51 ± 0.02", "0.90 ± 0.04"),
            *("0.50", "0.62", "9"),
        ],
    ]


def test_what_is_not_defined_is_a_dash():
    """A row without number; and an accuracy whose error is not known stands alone."""
    assert texts(table(cell(UNDEFINED)))[1] == ["Simple", "1.00", "–", "–", "–", "1"]


def test_latex_and_html_tell_the_same_and_whence():
    found = table(cell(VALUES))
    assert r"Simple & 0.51 $\pm$ 0.02 & 0.75 $\pm$ 0.04 & 0.50 & 0.62 & 9 \\" in latex(found)
    assert "<td>0.51 ± 0.02</td><td>0.75 ± 0.04</td><td>0.50</td>" in html(found)
    assert r"\caption{Linear probes of the codes. Models of WIKI.}" in latex(found)
    assert r"\label{tab:table4-probe}" in latex(found)


def test_seeds_vary_below_and_items_beside():
    measured = cell(VALUES) + cell(VALUES | {"agreement.simple.number_accuracy": 0.95}, seed=2)
    found = table(measured)
    assert texts(found)[1:] == [
        ["Simple", "0.51 ± 0.02", "0.85 ± 0.04", "0.50", "0.62", "9"],
        ["", "±0.00", "±0.14", "", "", ""],
    ]
    assert found.notes[-1].startswith("Means over 2 seeds")


def test_csv_has_a_line_for_each_row_and_property():
    records = data(cell(VALUES | UNDEFINED))
    assert records[1] == {
        "corpus": "wiki50",
        "model": "lstm",
        "C": "3",
        "row": "agreement.simple",
        "property": "number",
        "accuracy": "0.75",
        "seeds": "1",
        "standard_deviation": "",
        "standard_error": "0.04",
        "chance": "0.625",
        "items": "9",
    }
    assert [(r["row"], r["property"], r["accuracy"], r["seeds"]) for r in records] == [
        ("agreement.simple", "grammatical", "0.51", "1"),
        ("agreement.simple", "number", "0.75", "1"),
        ("npi.simple", "grammatical", "1", "1"),
        ("npi.simple", "number", "", "0"),
    ]


def test_csv_has_the_means_over_seeds():
    """0.75 and 0.25 are 0.5 with a deviation of 0.35; errors of 0.04 and 0.06 are 0.05."""
    other = {
        "agreement.simple.number_accuracy": 0.25,
        "agreement.simple.number_standard_error": 0.06,
    }
    [_, record] = data(cell(VALUES) + cell(VALUES | other, seed=2))
    assert (record["accuracy"], record["standard_error"], record["seeds"]) == ("0.5", "0.05", "2")
    assert record["standard_deviation"] == "0.3535533905932738"


def test_its_metrics_are_not_those_of_pairs():
    """What is measured of the decoder does not make a row of probes."""
    assert names_in(rows_of(cell({"npi.simple.p1": 0.5, "npi.simple.pairs": 9})), METRICS) == []


def test_names_of_rows_are_text_in_every_markup():
    name = r"<b>& \foo{x}"
    found = table(cell({f"{name}.items": 3}))
    assert texts(found) == [[name, "–", "–", "–", "–", "3"]]
    assert "&lt;b&gt;&amp; \\foo{x}" in html(found)
    assert r"\textless{}b\textgreater{}\& \textbackslash{}foo\{x\}" in latex(found)
