"""The fifteen rows of Table 4: their names in a set of pairs, their titles in the paper."""

import pytest

from textvae.cells import Cell
from textvae.paper.measurements import Measured
from textvae.paper.published import published
from textvae.paper.rows import rows_of
from textvae.paper.syntactic_rows import HEADINGS, ROWS, by_heading, names_in, with_metrics


def rows(*metrics: str, C=3.0):
    cell = Cell("wiki50", "lstm", C, 1)
    return rows_of(Measured(cell, "syntax", "pairs", 9, metric, 0.5) for metric in metrics)


def test_there_are_ten_three_and_two():
    assert [len(titles) for titles in HEADINGS.values()] == [10, 3, 2]
    assert len(set(ROWS)) == 15


def test_titles_and_headings_are_the_papers():
    """As its Table 4 prints them, each with the numbers that go by that name."""
    printed = {f.metric.rpartition(".")[0]: f.row for f in published("table4") if "." in f.metric}
    titled = {
        name: f"{heading}: {title}"
        for heading, titles in by_heading(ROWS)
        for name, title in titles.items()
    }
    assert list(titled.items()) == list(printed.items())
    assert titled["reflexive.relative-clause"] == "REFLEXIVE ANAPHORA: Across a relative clause"


def test_names_come_in_the_papers_order_and_others_by_name():
    found = rows(
        "npi.simple.p1", "zoo.p1", "agreement.simple.p2", "a.b.c.p1", "reflexive.simple.p1"
    )
    assert names_in(found, ("p1", "p2")) == [
        *("agreement.simple", "reflexive.simple", "npi.simple"),
        *("a.b.c", "zoo"),
    ]


@pytest.mark.parametrize("metric", ["p1", "rate_nats", "agreement.simple", "npi.simple.coverage"])
def test_a_row_is_told_by_its_metric(metric):
    """p1 alone is of no row; other measurements of the cell are none of pairs."""
    assert names_in(rows(metric), ("p1",)) == []
    assert with_metrics(rows(metric), ("p1",)) == []


def test_a_row_may_have_the_name_of_a_metric():
    assert names_in(rows("p1.p1"), ("p1",)) == ["p1"]


def test_cells_that_were_not_tested_are_left_out():
    tested, untested = rows("npi.simple.p1"), rows("rate_nats", C=100.0)
    assert with_metrics([*tested, *untested], ("p1",)) == tested


def test_headings_without_rows_are_left_out_and_rows_without_heading_come_last():
    assert by_heading(["all", "npi.simple", "reflexive.simple"]) == [
        ("REFLEXIVE ANAPHORA", {"reflexive.simple": "Simple"}),
        ("NEGATIVE POLARITY ITEMS", {"npi.simple": "Simple"}),
        ("", {"all": "all"}),
    ]
    assert by_heading([]) == []
