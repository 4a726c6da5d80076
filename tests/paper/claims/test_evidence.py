"""Numbers in series of cells that differ only in C, and the specs of models."""

import json

from made_up import evidence, levels, union

from textvae.cells import Cell
from textvae.paper.claims.evidence import MeasurementKey, ModelSpec
from textvae.paper.claims.samples import read_specs

NUMBERS = union(
    [
        *(levels("rate_nats", 100, 3, 15), levels("fce_nats", 3, 15, decoding="top15")),
        levels("fce_nats", 3, decoding="greedy"),
        levels("fce_nats", 3, model="lstm-beta2", decoding="greedy"),
        levels("rate_nats", 20, model="lstm-beta2"),
        # Neither the ELBO, which has no C, nor C = 0, which aims at collapse.
        *(levels("rate_nats", 20, model="lstm-elbo"), levels("rate_nats", 0, model="gru")),
        *(levels("rate_nats", 0.5, corpus=corpus) for corpus in ("mine", "webtext")),
    ],
    *([99, 3, 15], [86, 52], [9], [9], [20], [7], [0], [1], [1]),
)


def test_series_are_selected_and_sorted():
    """By objective, beta and decoding; in the order of the paper's corpora and decodings."""

    def titles(several):
        return [series.title for series in several]

    numbers = evidence(NUMBERS)
    assert titles(numbers.series()) == ["cbt, lstm", "webtext, lstm", "mine, lstm"]
    assert titles(numbers.series("greedy")) == ["cbt, lstm, greedy"]
    assert titles(numbers.generated()) == ["cbt, lstm, greedy", "cbt, lstm, top-15"]
    assert titles(numbers.other_betas()) == ["cbt, lstm-beta2"]


def test_steps_and_span_follow_rising_C():
    numbers = evidence(NUMBERS)
    series, short, _ = numbers.series()
    steps = [(step.place, step.change) for step in series.steps("rate_nats")]
    assert steps == [("cbt, lstm, C = 3 → 15", 12), ("cbt, lstm, C = 15 → 100", 84)]
    span = series.span("rate_nats")
    assert (span.place, span.change) == ("cbt, lstm, C = 3 → 100", 96)
    assert short.span("rate_nats") is None
    assert list(short.steps("rate_nats")) == list(series.steps("active_units")) == []
    assert series.location(2.5) == "cbt, lstm, C = 2.5"
    assert (series.sizes["vocabulary_size"], numbers.series()[2].sizes) == (12000, {})


def test_keys_are_recorded_when_they_are_read():
    numbers = evidence(NUMBERS)
    series = numbers.series()[0]
    key = MeasurementKey("cbt", "lstm", 3, "", "rate_nats")
    series.levels("rate_nats")
    assert series.at(3, "rate_nats") == 3
    assert (numbers.consumed_keys(), numbers.consumed_keys()) == ({key}, set())
    steps = series.steps("rate_nats")
    for C in ((3, 15), (15, 100)):
        next(steps)
        assert numbers.consumed_keys() == {key._replace(C=one) for one in C}


def test_rows_of_pairs_are_context():
    numbers = evidence(union([levels(f"{row}.p1", 3) for row in "ba"], [1], [1]))
    assert numbers.series()[0].syntactic_rows() == ["a", "b"]
    assert (numbers.context, numbers.consumed_keys()) == ({"a.p1", "b.p1"}, set())


def test_specs_are_read_by_cell(tmp_path):
    content = {
        "cell": {"corpus": "cbt", "model": "lstm", "C": 3, "seed": 1},
        "architecture": {"encoder": "lstm", "decoder": "cnn", "hidden": 512, "latent": 64},
        "training": {"recipe": {"objective": "rate-target", "beta": 1, "epochs": 10}},
    }
    (tmp_path / "config.json").write_text(json.dumps(content))
    spec = ModelSpec("lstm", "cnn", "rate-target", 1, hidden=512, latent=64)
    assert read_specs([tmp_path / "config.json"]) == {Cell("cbt", "lstm", 3, 1): spec}
