"""Rows of tables: seeds and copies aggregated, and the fifteen rows of Table 4."""

import pytest

from textvae.cells import Cell
from textvae.paper.measurements import Measured
from textvae.paper.published import published
from textvae.paper.rows import corpus_title, on_target, rows_of
from textvae.paper.syntactic_rows import HEADINGS, ROWS, by_heading, names_in, with_metrics


def measured(value=3.0, metric="R", corpus="cbt", model="lstm", C=3.0, seed=1, **changed):
    columns = {"measurement": "any", "split": "test", "sentences": 100} | changed
    return Measured(Cell(corpus, model, C, seed), metric=metric, value=value, **columns)


def test_seeds_have_a_mean_and_a_deviation():
    """2, 3 and 7: mean 4, squared deviations 4 + 1 + 9 = 14 over N - 1 = 2."""
    (row,) = rows_of([measured(v, seed=seed) for seed, v in ((3, 7.0), (1, 2.0), (2, 3.0))])
    assert (row.seeds, row.copies, row.values["R"]) == ((1, 2, 3), (), (2, 3, 7))
    assert (row.mean("R"), row.deviation("R")) == (4, pytest.approx(7**0.5))


def test_missing_values_stay_out_of_the_mean_and_fewest_sentences_count():
    (row,) = rows_of(
        [
            *(measured(None, sentences=20), measured(seed=2, sentences=30)),
            *(measured(metric="slope"), measured(seed=3, metric="slope")),
        ]
    )
    assert row.values["R"] == (None, 3, None)
    assert (row.mean("R"), row.deviation("R")) == (3, None)
    assert (row.mean("unknown"), row.known("unknown")) == (None, [])
    assert row.sentences == {"R": 20, "slope": 100}


@pytest.mark.parametrize(("rate", "within"), [(2, True), (4, True), (1.99, False), (4.01, False)])
def test_rate_on_target_is_within_a_nat(rate, within):
    assert on_target(rate, 3.0) == within


def test_rows_are_sorted_by_corpus_model_C_and_decoding():
    """The paper's corpora come first, in its order."""
    given = [
        measured(corpus=corpus, model=model, C=C)
        for corpus in ("zebra", "yelp", "Wiki", "abc", "cbt")
        for model in ("lstm", "gru")
        for C in (100.0, 3.0)
    ]
    assert [(row.corpus, row.model, row.C) for row in rows_of(given)] == [
        (corpus, model, C)
        for corpus in ("cbt", "Wiki", "yelp", "abc", "zebra")
        for model in ("gru", "lstm")
        for C in (3, 100)
    ]
    assert [corpus_title(name) for name in ("CBT", "webtext", "mine")] == ["CBT", "WebText", "mine"]


def test_rows_of_generated_text_are_by_decoding():
    """Over the copies of all seeds, 1, 2 and 6: mean 3, squared deviations 14 over N - 1 = 2."""
    copies = [(2, 1, 2.0), (1, 7, 6.0), (1, 1, 1.0)]
    texts = [measured(v, seed=seed, decoding="greedy", copy=copy) for copy, seed, v in copies]
    others = [measured(decoding=name, copy=1) for name in ("nucleus0.9", "top15", "top5")]
    rows = rows_of([*others, *texts, measured(), measured(C=1.0, decoding="top5", copy=1)])
    assert [(row.C, row.decoding) for row in rows] == [
        (1, "top5"),
        *((3, name) for name in ["", "greedy", "top5", "top15", "nucleus0.9"]),
    ]
    greedy = rows[2]
    assert (greedy.seeds, greedy.copies, rows[1].copies) == ((1, 7), (1, 2), ())
    assert (greedy.values["R"], greedy.deviation("R")) == ((1, 2, 6), pytest.approx(7**0.5))


def test_rows_of_table_4_have_the_papers_titles():
    printed = {f.metric.rpartition(".")[0]: f.row for f in published("table4") if "." in f.metric}
    titled = {
        name: f"{heading}: {title}"
        for heading, titles in by_heading(ROWS)
        for name, title in titles.items()
    }
    assert list(titled.items()) == list(printed.items())
    assert [len(titles) for titles in HEADINGS.values()] == [10, 3, 2]


def test_pairs_are_named_in_the_papers_order_then_by_name():
    metrics = ("npi.simple.p1", "zoo.p1", "agreement.simple.p2", "a.b.c.p1", "p1.p1")
    # No rows of p1 or p2.
    others = ("p1", "R", "reflexive.simple", "npi.relative-clause.coverage")
    rows = rows_of(measured(metric=metric) for metric in metrics + others)
    names = names_in(rows, ("p1", "p2"))
    assert names == ["agreement.simple", "npi.simple", "a.b.c", "p1", "zoo"]
    assert by_heading(names) == [
        ("SUBJECT-VERB AGREEMENT", {"agreement.simple": "Simple"}),
        ("NEGATIVE POLARITY ITEMS", {"npi.simple": "Simple"}),
        ("", {name: name for name in ("a.b.c", "p1", "zoo")}),
    ]
    assert by_heading([]) == []
    untested = rows_of(measured(metric=metric, C=100.0) for metric in others)
    assert with_metrics([*rows, *untested], ("p1",)) == rows
