"""Table 2 from homotopies: its lines, what is shaded, and how sensitive the decoders are."""

import csv
import io

import pytest

from textvae.cells import Cell
from textvae.paper.exhibits.sensitivity import DIRECTIONS, Sensitivity
from textvae.paper.exhibits.table2 import table2, table2_csv
from textvae.paper.homotopy import Homotopy
from textvae.paper.render.html import html
from textvae.paper.render.latex import latex

GREEDY = ("the cat sat .", "the cat sat .", "the <unk> sat .")
TOP = ("a cat .", "", "the cat sat .")


def homotopy(C=3.0, corpus="cbt", model="lstm", seed=1, greedy=GREEDY, top=TOP) -> Homotopy:
    return Homotopy(Cell(corpus, model, C, seed), {"greedy": greedy, "top15": top})


def texts(table) -> list[list[str]]:
    """The lines of a table, as a reader sees them."""
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def test_a_block_for_each_c_a_line_for_each_code_a_column_for_each_decoding():
    table = table2([homotopy(), homotopy(C=15.0)], [], "Caption")
    assert [column.latex for column in table.columns] == ["", "$C$", "", "Greedy", "Top-15"]
    assert [len(block) for block in table.blocks] == [3, 3]
    assert texts(table) == [
        ["CBT", "3", "1", "the cat sat .", "a cat ."],
        ["", "", "2", "the cat sat .", "∅"],
        ["", "", "3", "the <unk> sat .", "the cat sat ."],
        ["", "15", "1", "the cat sat .", "a cat ."],
        ["", "", "2", "the cat sat .", "∅"],
        ["", "", "3", "the <unk> sat .", "the cat sat ."],
    ]


def test_sentences_equal_to_a_neighbour_in_their_column_are_shaded():
    """In the greedy column the first two; that another column has the same one is no matter."""
    [block] = table2([homotopy()], [], "Caption").blocks
    assert [line.shaded for line in block] == [(3,), (3,), ()]
    both = homotopy(greedy=("a", "b", "b"), top=("b", "b", "b"))
    [block] = table2([both], [], "Caption").blocks
    assert [line.shaded for line in block] == [(4,), (3, 4), (3, 4)]
    tex, page = (render(table2([both], [], "Caption")) for render in (latex, html))
    assert tex.count(r"\cellcolor") == page.count("prose shaded") == 5


def test_the_title_of_a_block_has_what_tells_the_blocks_apart():
    def titles(*cells) -> list[str]:
        return [line[0] for line in texts(table2(cells, [], "Caption"))[::3]]

    assert titles(homotopy(), homotopy(corpus="wiki")) == ["CBT", "WIKI"]
    assert titles(homotopy(model="gru"), homotopy()) == ["CBT (gru)", "CBT (lstm)"]
    assert titles(homotopy(), homotopy(seed=2), homotopy(seed=2, C=15.0)) == [
        "CBT (seed 1)",
        "CBT (seed 2)",
        "",
    ]


@pytest.mark.parametrize(
    ("codes", "note"),
    [
        (7, "1 and 7: decoded from samples of the prior; 2 to 6: from codes at equal steps"),
        (3, "1 and 3: decoded from samples of the prior; 2: from the code half-way between them."),
        (2, "1 and 2: decoded from samples of the prior. Grey: the same sentence as the one"),
    ],
)
def test_the_first_note_tells_what_the_codes_are(codes, note):
    made = tuple(f"{code} ." for code in range(codes))
    [found] = table2([homotopy(greedy=made, top=made)], [], "Caption").notes
    assert found.startswith(note)
    assert "∅" not in found


def test_a_sentence_of_no_words_shows():
    table = table2([homotopy()], [], "Caption")
    assert table.notes[0].endswith("∅: a sentence of no words.")
    assert r"2 & \cellcolor[gray]{.87}the cat sat . & $\emptyset$ \\" in latex(table)


def sensitivity(shares, error=0.0123, **cell) -> list[Sensitivity]:
    return [
        Sensitivity(homotopy(**cell).cell, direction, 200, 7, share, error)
        for direction, share in zip(DIRECTIONS, shares, strict=True)
    ]


def test_the_share_of_distinct_neighbours_of_each_block():
    found = [
        *sensitivity([0.325, 0.2, 0.1]),
        *sensitivity([1.0, 0.0, None], error=None, C=15.0),
        *sensitivity([0.9, 0.9, 0.9], C=100.0),
    ]
    table = table2([homotopy(), homotopy(C=15.0), homotopy(C=20.0)], found, "Caption")
    assert table.notes[1] == (
        "Neighbouring codes that decode greedily to different sentences, in % with standard "
        "errors, on 200 lines of 7 codes between two samples of the prior / up / down the gradient "
        "of log p(x|z). CBT, C = 3: 32.5 ± 1.2 / 20.0 ± 1.2 / 10.0 ± 1.2; C = 15: 100.0 / 0.0 / –; "
        "C = 20: – / – / –."
    )


def test_nothing_is_said_of_cells_that_are_not_in_the_table():
    assert len(table2([homotopy()], sensitivity([1, 1, 1], C=15.0), "Caption").notes) == 1


def test_names_and_sentences_are_text_whatever_they_hold():
    hostile = r"<script>\input{x}</script>"
    one = Homotopy(homotopy().cell, {hostile: (hostile, "=1+1", "% & $")})
    tex, page = latex(table2([one], [], hostile)), html(table2([one], [], hostile))
    assert r"\input{" not in tex
    assert r"\% \& \$" in tex
    assert "<script" not in page
    [first, *_] = csv.DictReader(io.StringIO(table2_csv([one])))
    assert (first["decoding"], first["sentence"]) == (hostile, hostile)


def test_a_spreadsheet_finds_no_formula_among_the_sentences():
    said = ("=cmd|'/C calc'!A0", "+ 1", "- he said", "@SUM(1)", "a = b", "")
    made = homotopy(greedy=said, top=said)
    rows = csv.DictReader(io.StringIO(table2_csv([made])))
    sentences = [row["sentence"] for row in rows][: len(said)]
    assert sentences == [" =cmd|'/C calc'!A0", " + 1", " - he said", " @SUM(1)", "a = b", ""]


def test_csv_has_a_line_for_each_sentence_as_it_was():
    lines = table2_csv([homotopy(), homotopy(C=15.0)]).splitlines()
    assert lines[:7] == [
        "corpus,model,C,seed,decoding,code,sentence,equal_to_neighbour",
        "cbt,lstm,3,1,greedy,1,the cat sat .,1",
        "cbt,lstm,3,1,greedy,2,the cat sat .,1",
        "cbt,lstm,3,1,greedy,3,the <unk> sat .,0",
        "cbt,lstm,3,1,top15,1,a cat .,0",
        "cbt,lstm,3,1,top15,2,,0",
        "cbt,lstm,3,1,top15,3,the cat sat .,0",
    ]
    assert len(lines) == 13
