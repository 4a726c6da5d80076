"""Table 2: its lines, what is shaded, and the sensitivity of decoders, in notes and as CSV."""

from dataclasses import replace

import pytest
from reading import measure, records, texts

from textvae.cells import Cell
from textvae.paper.exhibits.sensitivity import (
    DIRECTIONS,
    Sensitivity,
    sensitivities,
    sensitivity_csv,
)
from textvae.paper.exhibits.table2 import table2, table2_csv
from textvae.paper.homotopy import Homotopy
from textvae.paper.measurements import Measured

GREEDY = ("the cat sat .", "the cat sat .", "the <unk> sat .")
TOP = ("a cat .", "", "the cat sat .")


def homotopy(C=3.0, corpus="cbt", model="lstm", seed=1, greedy=GREEDY, top=TOP) -> Homotopy:
    return Homotopy(Cell(corpus, model, C, seed), {"greedy": greedy, "top15": top})


def table(*homotopies, sensitivities=()):
    return table2(homotopies, sensitivities, "Caption")


def test_block_per_C_line_per_code_column_per_decoding():
    both = table(homotopy(), homotopy(C=15.0))
    assert [column.latex for column in both.columns] == ["", "$C$", "", "Greedy", "Top-15"]
    assert [len(block) for block in both.blocks] == [3, 3]
    first, *rest = [
        ["3", "1", "the cat sat .", "a cat ."],
        ["", "", "2", "the cat sat .", "∅"],
        ["", "", "3", "the <unk> sat .", "the cat sat ."],
    ]
    assert texts(both) == [["CBT", *first], *rest, ["", "15", *first[1:]], *rest]
    assert "∅: " in both.notes[0]
    # Shaded: equal to a neighbour in the same column.
    assert [line.shaded for line in both.blocks[0]] == [(3,), (3,), ()]
    [block] = table(homotopy(greedy=("a", "b", "b"), top=("b", "b", "b"))).blocks
    assert [line.shaded for line in block] == [(4,), (3, 4), (3, 4)]


def test_block_title_has_model_or_seed_if_there_are_several():
    def titles(*cells) -> list[str]:
        return [line[0] for line in texts(table(*cells))[::3]]

    assert titles(homotopy(), homotopy(corpus="wiki")) == ["CBT", "WIKI"]
    assert titles(homotopy(model="gru"), homotopy()) == ["CBT (gru)", "CBT (lstm)"]
    seeds = [homotopy(), homotopy(seed=2), homotopy(seed=2, C=15.0)]
    assert titles(*seeds) == ["CBT (seed 1)", "CBT (seed 2)", ""]


@pytest.mark.parametrize(
    ("codes", "ends"), [(7, "; codes 2 to 6 "), (3, "; code 2 "), (2, "prior. ")]
)
def test_note_explains_the_codes(codes, ends):
    sentences = tuple(f"{code} ." for code in range(codes))
    [note] = table(homotopy(greedy=sentences, top=sentences)).notes
    assert note.startswith(f"Codes 1 and {codes} ")
    assert ends in note
    assert "∅" not in note


def test_note_has_shares_of_distinct_neighbours_of_each_block():
    def shares(values, error=0.0123, **cell) -> list[Sensitivity]:
        return [
            Sensitivity(homotopy(**cell).cell, direction, 200, 7, share, error)
            for direction, share in zip(DIRECTIONS, values, strict=True)
        ]

    measured = [
        *shares([0.325, 0.2, 0.1]),
        *shares([1.0, 0.0, None], error=None, C=15.0),
        *shares([0.9, 0.9, 0.9], C=100.0),
    ]
    cells = [homotopy(), homotopy(C=15.0), homotopy(C=20.0)]
    _, note = table(*cells, sensitivities=measured).notes
    assert "200 lines of 7 codes" in note
    assert note.endswith(
        "CBT, C = 3: 32.5 ± 1.2 / 20.0 ± 1.2 / 10.0 ± 1.2; C = 15: 100.0 / 0.0 / –; "
        "C = 20: – / – / –."
    )
    assert len(table(homotopy(), sensitivities=shares([1, 1, 1], C=15.0)).notes) == 1


def test_sentences_that_were_cut_and_unknown_words_are_noted():
    cut = replace(homotopy(), cut={"greedy": 2, "top15": 0}, longest=9)
    told = replace(homotopy(C=15.0), between=("a", "b"), unknown_words=("1 of 2 words is unknown",))
    notes = table(cut, told).notes
    assert "Sentences cut at the maximum length: CBT, C = 3, Greedy, 2 of 3 after 9 words." in notes
    assert "Unknown words of the given sentences: CBT, C = 15: 1 of 2 words is unknown." in notes
    assert len(table(homotopy()).notes) == 1
    shares = {"distinct_interpolation": 0.25, "lines": 200, "codes": 7}
    for percent in (0, 12.5):
        measured = sensitivities(measure(shares | {"cut_percent": percent}))
        (note,) = table(homotopy(), sensitivities=measured).notes[1:]
        assert ("Up to 12.5% of the sentences of a cell were cut" in note) == bool(percent)


def test_csv_has_a_line_per_sentence():
    """A spreadsheet would evaluate sentences that begin like a formula: a space precedes them."""
    lines = table2_csv([homotopy(), homotopy(C=15.0)]).splitlines()
    assert lines[:6] == [
        "corpus,model,C,seed,decoding,code,sentence,equal_to_neighbour",
        "cbt,lstm,3,1,greedy,1,the cat sat .,1",
        "cbt,lstm,3,1,greedy,2,the cat sat .,1",
        "cbt,lstm,3,1,greedy,3,the <unk> sat .,0",
        "cbt,lstm,3,1,top15,1,a cat .,0",
        "cbt,lstm,3,1,top15,2,,0",
    ]
    assert len(lines) == 13
    sentences = ("=cmd|'/C calc'!A0", "+ 1", "- he said", "@SUM(1)", "a = b", "")
    lines = records(table2_csv([homotopy(greedy=sentences, top=sentences)]))
    safe = [" =cmd|'/C calc'!A0", " + 1", " - he said", " @SUM(1)", "a = b", ""]
    assert [record["sentence"] for record in lines] == safe * 2


def test_sensitivity_csv_has_a_line_per_cell_and_direction():
    values = {"lines": 200, "codes": 7, "distinct_interpolation": 0.25}
    values |= {"distinct_interpolation_standard_error": 0.01, "distinct_gradient_up": 0.125}
    values |= {"distinct_gradient_up_standard_error": None, "distinct_gradient_down": None}
    assert sensitivity_csv(sensitivities(measure(values))).splitlines() == [
        "corpus,model,C,seed,direction,lines,codes,distinct_share,standard_error,cut_percent",
        "cbt,lstm,3,1,interpolation,200,7,0.25,0.01,",
        "cbt,lstm,3,1,gradient_up,200,7,0.125,,",
        "cbt,lstm,3,1,gradient_down,200,7,,,",
    ]


def test_sensitivities_are_sorted_and_only_of_measured_cells():
    """Neither of a cell of which only text was measured, nor of a direction that was not."""
    cells = [{"corpus": "abc"}, {"C": 100}, {"seed": 2}, {}]
    measured = [one for cell in cells for one in measure({"distinct_gradient_up": 0.5}, **cell)]
    text = Cell("cbt", "lstm", 15, 1), "diversity", "synthetic", 9, "lines", 5, "greedy", 1
    found = sensitivities([*measured, Measured(*text)])
    names = ["cbt/lstm/C3/seed1", "cbt/lstm/C100/seed1", "cbt/lstm/C3/seed2", "abc/lstm/C3/seed1"]
    assert [str(one.cell) for one in found] == names
    assert found[0] == Sensitivity(Cell("cbt", "lstm", 3, 1), "gradient_up", None, None, 0.5, None)


@pytest.mark.parametrize(
    ("between", "ends"),
    [((), "samples of the prior"), (("a b", "c"), "the posterior means of two given sentences")],
)
def test_note_names_the_ends_of_the_line(between, ends):
    table = table2([replace(homotopy(), between=between)], [], "Caption", "table2")
    assert sum(f"are {ends}" in note for note in table.notes) == 1
