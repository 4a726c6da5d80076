"""The comparison with the paper: counts of verdicts first, then the numbers of its corpora."""

import re

import pytest
from reading import measure, measure_as_printed, records, texts

from textvae.cells import Cell
from textvae.paper.exhibits.comparison import (
    comparison_table,
    comparison_table_csv,
    nothing_compared,
    summary_table,
)
from textvae.paper.measurements import Measured
from textvae.paper.ours import Reproduction
from textvae.paper.render.latex import latex
from textvae.paper.render.table import MAX_TITLE_LENGTH
from textvae.paper.stand_ins import parse_stand_ins
from textvae.paper.verdicts import VERDICTS, compare


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


def test_differences_are_shown_for_the_papers_corpora_only(compared):
    """A block per row; the erratum's number is followed by the printed one."""
    assert texts(comparison_table(compared)) == [
        ["Table 1", "D", "62.0", "63.5", "0.7", "2", "1.5", "2", "±3.1", "agrees"],
        ["CBT C=3", "AU", "8", "20", "", "1", "12", "150", "±3", "deviates"],
        [
            *("Table 1; WIKI C=3", "Bucket 1 BL2"),
            *("9.51", "9.50", "", "1", "−0.01", "0", "±1.00", "agrees"),
        ],
        ["", "as printed", "4.61", "", "", "", "4.89", "106", "±1.00", "deviates"],
    ]


def test_run_without_the_papers_corpora_is_a_single_line():
    """A stand-in's numbers are not compared."""
    stand_ins = parse_stand_ins([("cbt/lstm/C15", "mine/small/C2")])
    run = Reproduction(measure({"rate_nats": 2.0}, "mine", "small", 2.0), {}, stand_ins)
    [[line]] = texts(nothing_compared(len(compare(run)), "A caption."))
    assert "None of 433 numbers" in line
    # A longer title would be cut.
    assert len(line) <= MAX_TITLE_LENGTH
    assert comparison_table(compare(run)).blocks == ()


def test_csv_has_every_printed_number_in_order(compared):
    lines = records(comparison_table_csv(compared))
    assert len(lines) == 433
    assert [line["table"] for line in lines] == [one.figure.table for one in compared]
    assert {line["verdict"] for line in lines} == set(VERDICTS)
    D = next(line for line in lines if (line["row"], line["column"]) == ("CBT C=3", "D"))
    assert float(D.pop("standard_deviation")) == pytest.approx(0.5**0.5)
    assert list(D.values())[:-5] == [
        *("table1", "CBT C=3", "D", ".62", "nats", "cbt", "lstm", "3", "", "distortion_nats"),
        *("62", "63.5", "cbt/lstm/C3", "2", "seeds", "", "1.5"),
        D["relative_difference"],
        *("3.1", "agrees"),
    ]
    assert float(D["relative_difference"]) == pytest.approx(1.5 / 62)
    assert D["verdict_as_printed"] == ""
    moved = next(line for line in lines if line["paper_as_printed"])
    assert (moved["row"], moved["column"], moved["printed"]) == ("WIKI C=3", "Bucket 1 BL2", "4.61")
    assert (moved["paper"], moved["paper_as_printed"]) == ("9.51", "4.61")
    assert (moved["verdict"], moved["verdict_as_printed"]) == ("agrees", "deviates")


def test_numbers_of_generated_text_have_the_size_of_its_corpora():
    """The smallest of the copies; the paper does not say how large its are."""
    copies = [
        Measured(Cell("cbt", "lstm", 3.0, 1), *("any", "test", sentences), *number, "greedy", copy)
        for copy, sentences in ((1, 48_000), (2, 47_000))
        for number in (("mean_length", 9.0), ("fce_nats", 86.6))
    ]
    rows = [*copies, *measure({"distortion_nats": 62.0})]
    several = compare(Reproduction(rows, {}, {}))
    sizes = {
        line["metric"]: line["generated_sentences"]
        for line in records(comparison_table_csv(several))
        if line["ours"] and line["C"] == "3"
    }
    assert sizes["fce_nats"] == sizes["mean_length"] == "47000"
    assert sizes["distortion_nats"] == ""
    assert any("47,000 sentences" in note for note in comparison_table(several).notes)
    without = compare(Reproduction(measure({"distortion_nats": 62.0}), {}, {}))
    assert not any("sentences" in note for note in comparison_table(without).notes)


def test_every_number_of_a_cell_has_a_line():
    """Of 96 numbers that the erratum moves there is a second line."""
    printed = [one.figure for one in compare(Reproduction([], {}, {}))]
    # Corpus sizes, and Test lines, have no C; the deviation of one copy is not known.
    cells = [one for one in printed if one.C is not None and "deviation" not in one.metric]
    table = comparison_table(compare(Reproduction(measure_as_printed(cells), {}, {})))
    assert len(texts(table)) == len(cells) + 96 == 473
    assert re.findall(r"\\label\{(.*)\}", latex(table)) == ["tab:comparison-numbers"]
