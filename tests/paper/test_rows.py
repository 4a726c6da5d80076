"""The seeds of one (corpus, model, C), or of a decoding of it, side by side."""

import math

import pytest

from textvae.cells import Cell
from textvae.paper.measurements import Measured
from textvae.paper.rows import corpus_title, on_target, rows_of


def measured(
    corpus="cbt", model="lstm", C=3.0, seed=1, metric="rate_nats", value=3.0, sentences=100
):
    return Measured(Cell(corpus, model, C, seed), "any", "test", sentences, metric, value)


def test_mean_and_standard_deviation_over_seeds():
    """2, 3 and 7: mean 4, squared deviations 4 + 1 + 9 = 14 over N - 1 = 2."""
    [row] = rows_of([measured(seed=seed, value=v) for seed, v in ((3, 7.0), (1, 2.0), (2, 3.0))])
    assert row.seeds == (1, 2, 3)
    assert row.values["rate_nats"] == (2, 3, 7)
    assert row.mean("rate_nats") == 4
    assert row.deviation("rate_nats") == pytest.approx(math.sqrt(7))


def test_one_seed_has_no_deviation_and_an_unknown_metric_no_mean():
    [row] = rows_of([measured()])
    assert (row.mean("rate_nats"), row.deviation("rate_nats")) == (3, None)
    assert (row.mean("nonesuch"), row.known("nonesuch")) == (None, [])


def test_a_seed_without_a_value_keeps_its_place_and_stays_out_of_the_mean():
    [row] = rows_of(
        [measured(seed=1, value=None), measured(seed=2), measured(seed=3, metric="logdetcov")]
    )
    assert row.values["rate_nats"] == (None, 3, None)
    assert row.mean("rate_nats") == 3
    assert row.deviation("rate_nats") is None


def test_sentences_are_counted_by_metric_and_the_fewest_told():
    [row] = rows_of(
        [
            measured(seed=1, metric="logdetcov"),
            measured(seed=1, metric="slope", value=None, sentences=20),
            measured(seed=2, metric="slope", sentences=30),
            measured(seed=3, metric="slope", sentences=25),
        ]
    )
    assert row.sentences == {"logdetcov": 100, "slope": 20}


@pytest.mark.parametrize(
    ("rate", "found"), [(2, True), (4, True), (1.99, False), (4.01, False), (0, False)]
)
def test_on_target_is_within_a_nat_of_c(rate, found):
    assert on_target(rate, 3.0) == found


def test_rows_follow_the_papers_corpora_then_names_then_models_then_C():
    given = [
        measured(corpus=corpus, model=model, C=C)
        for corpus in ("zebra", "yelp", "Wiki", "abc", "cbt")
        for model in ("lstm", "gru")
        for C in (100.0, 3.0)
    ]
    found = [(row.corpus, row.model, row.C) for row in rows_of(given)]
    assert found == [
        (corpus, model, C)
        for corpus in ("cbt", "Wiki", "yelp", "abc", "zebra")
        for model in ("gru", "lstm")
        for C in (3, 100)
    ]


def generated(decoding, copy, C=3.0, seed=1, value=60.0):
    cell = Cell("cbt", "lstm", C, seed)
    return Measured(cell, "fce", "test", 100, "fce_nats", value, decoding=decoding, copy=copy)


def test_a_decoding_has_the_copies_of_all_seeds():
    """Over 1, 2 and 6: mean 3, squared deviations 4 + 1 + 9 = 14 over N - 1 = 2."""
    [row] = rows_of(
        [
            generated("greedy", 2, value=2.0),
            generated("greedy", 1, seed=7, value=6.0),
            generated("greedy", 1, value=1.0),
        ]
    )
    assert (row.decoding, row.seeds, row.copies) == ("greedy", (1, 7), (1, 2))
    assert row.values["fce_nats"] == (1, 2, 6)
    assert row.mean("fce_nats") == 3
    assert row.deviation("fce_nats") == pytest.approx(math.sqrt(7))


def test_a_row_for_each_decoding_after_the_one_of_no_text():
    names = ["nucleus0.9", "top15", "top5", "greedy"]
    rows = rows_of([*(generated(name, 1) for name in names), measured(), generated("top5", 1, 1.0)])
    assert [(row.C, row.decoding) for row in rows] == [
        (1, "top5"),
        *((3, name) for name in ["", "greedy", "top5", "top15", "nucleus0.9"]),
    ]
    assert rows[1].copies == ()


def test_the_papers_corpora_have_the_papers_names():
    assert [corpus_title(name) for name in ("cbt", "webtext", "mine")] == [
        "CBT",
        "WebText",
        "mine",
    ]
