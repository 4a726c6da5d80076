"""A line a syntactic row, the numbers of each C side by side, then those that are one for all C."""

import pytest

from textvae.cells import Cell
from textvae.paper.measurements import Measured
from textvae.paper.render.table import Column
from textvae.paper.rows import rows_of
from textvae.paper.syntactic_rows import Accuracy, Constant, PhenomenonTable

LAYOUT = PhenomenonTable(
    (Accuracy("p1", Column("$p_1$", "p1")), Accuracy("p2", Column("$p_2$", "p2"), error="error")),
    (Constant("coverage", Column("cov.", "cov."), places=1, percent=True),),
)


def cell(values: dict, C=3.0, corpus="wiki50", model="lstm", seed=1) -> list[Measured]:
    of = Cell(corpus, model, C, seed)
    return [Measured(of, "syntax", "pairs", 9, metric, value) for metric, value in values.items()]


def simple(p1, p2=0.5, coverage=1.0, row="agreement.simple", **more) -> dict:
    return {f"{row}.p1": p1, f"{row}.p2": p2, f"{row}.coverage": coverage} | more


def texts(measured) -> list[list[list[str]]]:
    """The lines of each block, as a reader sees them."""
    blocks = LAYOUT.blocks(rows_of(measured))
    return [[["/".join(cell) for cell in line.cells] for line in block] for block in blocks]


def test_every_C_has_its_columns_and_a_span_over_them():
    measured = cell(simple(1.0), C=100.0, corpus="cbt") + cell(simple(1.0))
    rows = rows_of(measured + cell(simple(1.0), C=2.5))
    headings = [column.latex for column in LAYOUT.columns(rows)]
    assert headings == ["", *["$p_1$", "$p_2$"] * 3, "cov."]
    assert [(span.title, span.columns) for span in LAYOUT.spans(rows)] == [
        *(("", 1), ("C = 2.5", 2), ("C = 3", 2), ("C = 100", 2))
    ]
    for block in LAYOUT.blocks(rows):
        assert {len(line.cells) for line in block} == {len(headings)}


def test_a_block_for_each_heading_with_the_heading_on_a_line_of_its_own():
    values = simple(0.25, row="npi.simple") | simple(0.75) | simple(0.125, row="mine")
    assert texts(cell(values)) == [
        [["SUBJECT-VERB AGREEMENT", "", "", ""], ["Simple", "0.75", "0.50", "100.0"]],
        [["NEGATIVE POLARITY ITEMS", "", "", ""], ["Simple", "0.25", "0.50", "100.0"]],
        [["mine", "0.12", "0.50", "100.0"]],
    ]


def test_a_C_without_a_row_or_a_value_has_dashes_there():
    """npi.simple was not asked at C = 3, and p2 is null at C = 100."""
    measured = cell(simple(0.75)) + cell(
        simple(0.5, p2=None) | simple(0.25, row="npi.simple"), C=100.0
    )
    [_, simply], [_, polar] = texts(measured)
    assert simply == ["Simple", "0.75", "0.50", "0.50", "–", "100.0"]
    assert polar == ["Simple", "–", "–", "0.25", "0.50", "100.0"]


def test_several_seeds_are_means_with_deviations_below():
    """0.5 and 0.7 deviate by 0.14 from 0.6. At C = 100 there is one seed. Coverage has none."""
    measured = (
        cell(simple(0.5)) + cell(simple(0.7), seed=2) + cell(simple(0.25, coverage=1.0), C=100.0)
    )
    [[_, means, deviations]] = texts(measured)
    assert means == ["Simple", "0.60", "0.50", "0.25", "0.50", "100.0"]
    assert deviations == ["", "±0.14", "±0.00", "", "", ""]
    [block] = LAYOUT.blocks(rows_of(measured))
    assert [line.small for line in block] == [False, False, True]


def test_a_standard_error_stands_beside_its_accuracy():
    """Over seeds it is their mean: they share the items, so that it does not shrink."""
    error = "agreement.simple.error"
    measured = cell(simple(0.5, **{error: 0.02})) + cell(simple(0.7, **{error: 0.04}), seed=2)
    [[_, means, deviations]] = texts(measured)
    assert means == ["Simple", "0.60", "0.50 ± 0.03", "100.0"]
    assert deviations == ["", "±0.14", "±0.00", ""]


@pytest.mark.parametrize("other", [{"corpus": "cbt"}, {"model": "gru"}])
def test_several_corpora_or_models_come_one_after_the_other_with_titles(other):
    """Rows and C of the one may not be those of the other."""
    first = cell(simple(0.75) | simple(0.5, row="npi.simple"), **other)
    second = cell(simple(0.25, row="mine", coverage=0.987), C=100.0)
    titles = {"cbt": "CBT", "gru": "WIKI, up to 50 words (gru)"}
    last = {"cbt": "WIKI, up to 50 words", "gru": "WIKI, up to 50 words (lstm)"}
    [which] = other.values()
    assert texts(first + second) == [
        [
            [titles[which], *[""] * 5],
            ["SUBJECT-VERB AGREEMENT", *[""] * 5],
            ["Simple", "0.75", "0.50", "–", "–", "100.0"],
        ],
        [
            ["NEGATIVE POLARITY ITEMS", *[""] * 5],
            ["Simple", "0.50", "0.50", "–", "–", "100.0"],
        ],
        [
            [last[which], *[""] * 5],
            ["mine", "–", "–", "0.25", "0.50", "98.7"],
        ],
    ]


def test_what_is_one_for_all_C_is_taken_from_the_first_that_has_it():
    values = simple(0.5, coverage=None)
    [[_, line]] = texts(cell(values) + cell(values | simple(0.5, coverage=0.5), C=100.0))
    assert line[-1] == "50.0"
    [[_, line]] = texts(cell(values))
    assert line[-1] == "–"
