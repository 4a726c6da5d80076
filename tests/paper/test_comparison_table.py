"""The comparison as pages and as data: counts of verdicts first, then every number."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest

from textvae.cells import Cell
from textvae.paper.exhibits.comparison import comparison_table, comparison_table_csv, summary_table
from textvae.paper.measurements import Measured
from textvae.paper.render.html import html
from textvae.paper.render.latex import latex
from textvae.paper.stand_ins import parse_stand_ins
from textvae.paper.verdicts import VERDICTS, Reproduction, compare

STAND_INS = parse_stand_ins([("cbt/lstm/C15", "mine/small/C2")])


def measured(cell, metric, value):
    return Measured(Cell.parse(cell), "made-up", "test", 100, metric, value)


@pytest.fixture
def compared():
    rows = [
        measured("cbt/lstm/C3/seed1", "distortion_nats", 63.0),
        measured("cbt/lstm/C3/seed2", "distortion_nats", 64.0),
        measured("cbt/lstm/C3/seed1", "active_units", 20.0),
        measured("mine/small/C2/seed1", "rate_nats", 2.0),
        measured("wiki/lstm/C3/seed1", "bleu2_bucket1", 9.5),
    ]
    return compare(Reproduction(rows, {}, STAND_INS))


def lines_of(table):
    """Every line of a table as texts, with "" for what is blank."""
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def test_the_summary_counts_each_table_and_all(compared):
    lines = lines_of(summary_table(compared, "A caption."))
    assert lines == [
        ["Section 3, corpora", "20", "0", "0", "0", "20"],
        ["Table 1", "189", "2", "1", "1", "185"],
        ["Section 3.2", "4", "0", "0", "0", "4"],
        ["Table 3", "126", "0", "0", "0", "126"],
        ["Table 4", "94", "0", "0", "0", "94"],
        ["All", "433", "2", "1", "1", "429"],
    ]


def test_a_block_is_a_row_of_the_papers(compared):
    table = comparison_table(compared)
    blocks = {
        tuple(line.cells[0][0] for line in block if line.cells[0]): block for block in table.blocks
    }
    D, _, _, _, AU = [
        ["/".join(cell) for cell in line.cells] for line in blocks["Table 1", "CBT C=3"][:5]
    ]
    assert D[1:] == ["D", "62.0", "63.5", "0.7", "2", "1.5", "2", "±3.1", "agrees"]
    assert AU[1:] == ["AU", "8", "20", "", "1", "12", "150", "±3", "deviates"]
    # A row with a stand-in says which.
    assert ("Table 1", "CBT C=15", "ours: mine/small/C2") in blocks
    assert ("Table 4", "SUBJECT-VERB AGREEMENT", "Simple") in blocks
    assert ("Section 3.2; Yelp C=5",) in blocks


def test_what_the_erratum_moves_stands_with_what_is_printed_there(compared):
    lines = lines_of(comparison_table(compared))
    at = next(i for i, line in enumerate(lines) if line[3] == "9.50")
    assert lines[at][2:] == ["9.51", "9.50", "", "1", "−0.01", "0", "±1.00", "agrees"]
    assert lines[at + 1][1:] == [
        "as printed",
        "4.61",
        "",
        "",
        "",
        "4.89",
        "106",
        "±1.00",
        "deviates",
    ]


def test_the_data_hold_every_printed_number_in_the_papers_order(compared):
    records = list(csv.DictReader(io.StringIO(comparison_table_csv(compared))))
    assert len(records) == 433
    assert [r["table"] for r in records] == [one.figure.table for one in compared]
    D = next(r for r in records if (r["row"], r["column"]) == ("CBT C=3", "D"))
    assert (D["printed"], D["paper"], D["ours"], D["unit"]) == (".62", "62", "63.5", "nats")
    assert (D["measured_on"], D["seeds"], D["standard_deviation_over"]) == (
        "cbt/lstm/C3",
        "2",
        "seeds",
    )
    assert float(D["standard_deviation"]) == pytest.approx(0.5**0.5)
    assert (D["difference"], D["verdict"], D["verdict_as_printed"]) == ("1.5", "agrees", "")
    moved = next(r for r in records if r["paper_as_printed"])
    assert (moved["row"], moved["column"], moved["printed"]) == ("WIKI C=3", "Bucket 1 BL2", "4.61")
    assert (moved["paper"], moved["paper_as_printed"]) == ("9.51", "4.61")
    assert (moved["verdict"], moved["verdict_as_printed"]) == ("agrees", "deviates")
    assert {r["verdict"] for r in records} == set(VERDICTS)


class Rows(HTMLParser):
    """Counts the rows of a page's tables."""

    def __init__(self, text):
        super().__init__()
        self.tables = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append(0)
        if tag == "tr":
            self.tables[-1] += 1


def test_both_tables_are_on_one_page(compared):
    tables = (summary_table(compared, "A caption."), comparison_table(compared))
    page = html(*tables)
    assert Rows(page).tables == [1 + 6, 1 + 433 + 96]
    assert page.count("<title>") == page.count("</html>") == 1
    assert page.index("A caption.") < page.index("Every number")


def test_the_latex_goes_over_pages_and_is_labelled_once(compared):
    tex = latex(comparison_table(compared))
    assert tex.count(r"\begin{table*}") > 5
    assert re.findall(r"\\label\{(.*)\}", tex) == ["tab:comparison-numbers"]
