"""The comparison with the paper: counts of verdicts first, then every number."""

import re

import pytest
from reading import measure, records, texts

from textvae.paper.exhibits.comparison import comparison_table, comparison_table_csv, summary_table
from textvae.paper.render.latex import latex
from textvae.paper.stand_ins import parse_stand_ins
from textvae.paper.verdicts import VERDICTS, Reproduction, compare


@pytest.fixture(scope="module")
def compared():
    measured = [
        *measure({"distortion_nats": 63.0, "active_units": 20.0}),
        *measure({"distortion_nats": 64.0}, seed=2),
        *measure({"rate_nats": 2.0}, "mine", "small", 2.0),
        *measure({"bleu2_bucket1": 9.5}, "wiki"),
    ]
    stand_ins = parse_stand_ins([("cbt/lstm/C15", "mine/small/C2")])
    return compare(Reproduction(measured, {}, stand_ins))


def test_summary_counts_verdicts_of_each_table(compared):
    assert texts(summary_table(compared, "A caption.")) == [
        ["Section 3, corpora", "20", "0", "0", "0", "20"],
        ["Table 1", "189", "2", "1", "1", "185"],
        ["Section 3.2", "4", "0", "0", "0", "4"],
        ["Table 3", "126", "0", "0", "0", "126"],
        ["Table 4", "94", "0", "0", "0", "94"],
        ["All", "433", "2", "1", "1", "429"],
    ]


def test_block_per_row_of_the_paper(compared):
    """A row with a stand-in names it; the erratum's number is followed by the printed one."""
    table = comparison_table(compared)
    blocks = {
        tuple(line.cells[0][0] for line in block if line.cells[0]): block for block in table.blocks
    }
    assert ("Table 1", "CBT C=15", "ours: mine/small/C2") in blocks
    assert ("Table 4", "SUBJECT-VERB AGREEMENT", "Simple") in blocks
    assert ("Section 3.2; Yelp C=5",) in blocks
    lines = texts(table)
    first = next(i for i, line in enumerate(lines) if line[:2] == ["Table 1", "D"])
    assert lines[first][2:] == ["62.0", "63.5", "0.7", "2", "1.5", "2", "±3.1", "agrees"]
    AU = ["AU", "8", "20", "", "1", "12", "150", "±3", "deviates"]
    assert lines[first + 4][1:] == AU
    moved = next(i for i, line in enumerate(lines) if line[3] == "9.50")
    assert lines[moved][2:] == ["9.51", "9.50", "", "1", "−0.01", "0", "±1.00", "agrees"]
    printed = ["as printed", "4.61", "", "", "", "4.89", "106", "±1.00", "deviates"]
    assert lines[moved + 1][1:] == printed


def test_csv_has_every_printed_number_in_order(compared):
    lines = records(comparison_table_csv(compared))
    assert len(lines) == 433
    assert [line["table"] for line in lines] == [one.figure.table for one in compared]
    assert {line["verdict"] for line in lines} == set(VERDICTS)
    D = next(line for line in lines if (line["row"], line["column"]) == ("CBT C=3", "D"))
    assert float(D.pop("standard_deviation")) == pytest.approx(0.5**0.5)
    assert list(D.values())[:-5] == [
        *("table1", "CBT C=3", "D", ".62", "nats", "cbt", "lstm", "3", "", "distortion_nats"),
        *("62", "63.5", "cbt/lstm/C3", "2", "seeds", "1.5", D["relative_difference"]),
        *("3.1", "agrees"),
    ]
    assert float(D["relative_difference"]) == pytest.approx(1.5 / 62)
    assert D["verdict_as_printed"] == ""
    moved = next(line for line in lines if line["paper_as_printed"])
    assert (moved["row"], moved["column"], moved["printed"]) == ("WIKI C=3", "Bucket 1 BL2", "4.61")
    assert (moved["paper"], moved["paper_as_printed"]) == ("9.51", "4.61")
    assert (moved["verdict"], moved["verdict_as_printed"]) == ("agrees", "deviates")


def test_every_number_has_a_line_and_the_table_one_label(compared):
    """Of 96 numbers that the erratum moves there is a second line."""
    table = comparison_table(compared)
    assert len(texts(table)) == 433 + 96
    assert re.findall(r"\\label\{(.*)\}", latex(table)) == ["tab:comparison-numbers"]
