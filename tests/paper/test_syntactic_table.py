"""Tables of syntactic rows: the accuracies of each C side by side, then what all C share."""

import pytest
from reading import measure

from textvae.paper.render.table import Column
from textvae.paper.rows import rows_of
from textvae.paper.syntactic_rows import Accuracy, Constant, PhenomenonTable

LAYOUT = PhenomenonTable(
    (Accuracy("p1", Column("$p_1$", "p1")), Accuracy("p2", Column("$p_2$", "p2"), error="error")),
    (Constant("coverage", Column("cov.", "cov."), places=1, percent=True),),
)


def cell(values: dict, C=3.0, corpus="wiki50", model="lstm", seed=1):
    return measure(values, corpus, model, C, seed)


def simple(p1, p2=0.5, coverage=1.0, row="agreement.simple", **more) -> dict:
    return {f"{row}.p1": p1, f"{row}.p2": p2, f"{row}.coverage": coverage} | more


def blocks(measured) -> list[list[list[str]]]:
    made = LAYOUT.blocks(rows_of(measured))
    return [[["/".join(cell) for cell in line.cells] for line in block] for block in made]


def test_block_per_heading():
    values = simple(0.25, row="npi.simple") | simple(0.75) | simple(0.125, row="mine")
    assert blocks(cell(values)) == [
        [["SUBJECT-VERB AGREEMENT", "", "", ""], ["Simple", "0.75", "0.50", "100.0"]],
        [["NEGATIVE POLARITY ITEMS", "", "", ""], ["Simple", "0.25", "0.50", "100.0"]],
        [["mine", "0.12", "0.50", "100.0"]],
    ]


def test_missing_row_or_value_is_a_dash():
    """npi.simple was not tested at C = 3, and p2 is null at C = 100."""
    other = simple(0.5, p2=None) | simple(0.25, row="npi.simple")
    [_, agreement], [_, polarity] = blocks(cell(simple(0.75)) + cell(other, C=100.0))
    assert agreement == ["Simple", "0.75", "0.50", "0.50", "–", "100.0"]
    assert polarity == ["Simple", "–", "–", "0.25", "0.50", "100.0"]
    # What all C share is taken from the first that has it.
    unknown = simple(0.5, coverage=None)
    [[_, line]] = blocks(cell(unknown) + cell(simple(0.5, coverage=0.5), C=100.0))
    assert line[-1] == "50.0"
    assert blocks(cell(unknown))[0][1][-1] == "–"


def test_seeds_give_means_with_deviations_below():
    """0.5 and 0.7 deviate by 0.14 from 0.6; standard errors over items are averaged."""
    error = "agreement.simple.error"
    measured = [
        *cell(simple(0.5, **{error: 0.02})),
        *cell(simple(0.7, **{error: 0.04}), seed=2),
        *cell(simple(0.25), C=100.0),
    ]
    [[_, means, deviations]] = blocks(measured)
    assert means == ["Simple", "0.60", "0.50 ± 0.03", "0.25", "0.50", "100.0"]
    assert deviations == ["", "±0.14", "±0.00", "", "", ""]
    [block] = LAYOUT.blocks(rows_of(measured))
    assert [line.small for line in block] == [False, False, True]


@pytest.mark.parametrize("other", [{"corpus": "cbt"}, {"model": "gru"}])
def test_several_corpora_or_models_have_titles(other):
    """They may differ in rows and C."""
    wiki = "WIKI, up to 50 words"
    titles = ("CBT", wiki) if "corpus" in other else (f"{wiki} (gru)", f"{wiki} (lstm)")
    first = cell(simple(0.75) | simple(0.5, row="npi.simple"), **other)
    second = cell(simple(0.25, row="mine", coverage=0.987), C=100.0)
    agreement, polarity, mine = blocks(first + second)
    assert len(LAYOUT.columns(rows_of(first + second))) == len(agreement[0]) == 6
    assert [line[0] for line in agreement] == [titles[0], "SUBJECT-VERB AGREEMENT", "Simple"]
    assert agreement[2][1:] == ["0.75", "0.50", "–", "–", "100.0"]
    assert [line[0] for line in polarity] == ["NEGATIVE POLARITY ITEMS", "Simple"]
    assert mine == [[titles[1], *[""] * 5], ["mine", "–", "–", "0.25", "0.50", "98.7"]]
