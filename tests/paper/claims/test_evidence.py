"""Numbers in series of cells that differ in C alone."""

from made_up import evidence, over_C

from textvae.paper.claims.evidence import MeasurementKey

FOUND = evidence(
    over_C("rate_nats", {100: 99, 3: 3, 15: 15})
    | over_C("fce_nats", {3: 86, 15: 52}, decoding="greedy")
    | over_C("rate_nats", {20: 20}, model="lstm-beta2")
    | over_C("rate_nats", {20: 7}, model="lstm-elbo")
    | over_C("rate_nats", {0: 0}, model="gru")
)


def test_a_series_is_of_the_papers_objective():
    """Not the ELBO, which has no C, nor C = 0, which aims at collapse, nor another beta."""
    assert [series.title for series in FOUND.series()] == ["cbt, lstm"]
    assert [series.title for series in FOUND.series("greedy")] == ["cbt, lstm, greedy"]
    assert [series.title for series in FOUND.generated()] == ["cbt, lstm, greedy"]
    assert [series.title for series in FOUND.other_betas()] == ["cbt, lstm-beta2"]


def test_steps_go_by_rising_C():
    (series,) = FOUND.series()
    steps = list(series.steps("rate_nats"))
    assert [step.place for step in steps] == ["cbt, lstm, C = 3 → 15", "cbt, lstm, C = 15 → 100"]
    assert [step.change for step in steps] == [12, 84]
    assert series.span("rate_nats").change == 96
    assert series.span("active_units") is None
    assert list(series.steps("active_units")) == []


def test_corpora_come_in_the_papers_order():
    found = evidence(
        over_C("rate_nats", {3: 3}, "mine")
        | over_C("rate_nats", {3: 3}, "webtext")
        | over_C("rate_nats", {3: 3}, "cbt")
    )
    assert [series.corpus for series in found.series()] == ["cbt", "webtext", "mine"]


def test_what_was_read_is_known():
    found = evidence(over_C("rate_nats", {3: 3, 15: 15}) | over_C("types", {3: 9}))
    (series,) = found.series()
    series.at(3, "rate_nats")
    assert found.consumed_keys() == {MeasurementKey("cbt", "lstm", 3, "", "rate_nats")}
    assert found.consumed_keys() == set()
    assert series.sizes["vocabulary_size"] == 12000
