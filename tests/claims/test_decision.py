"""Three verdicts, and the interval that each rests on."""

import numpy as np
import pytest
from made_up import KINDS, LSTM

from textvae.cells import Cell
from textvae.claims.claim import above, at_most, claim
from textvae.claims.decision import (
    FAILS,
    HOLDS,
    NOT_MEASURED,
    OPEN,
    UNSURE,
    decide,
    decide_as_printed,
)
from textvae.claims.evidence import Key
from textvae.claims.worlds import worlds
from textvae.errors import InputError
from textvae.paper.measurements import Measured
from textvae.paper.replicates import Replicates

KIND = {("cbt", "lstm"): LSTM}


@claim(says="D falls.", section="3.1", statistic="fall of D", bound=above(0))
def falls(evidence):
    for family in evidence.families():
        for step in family.steps("distortion_nats"):
            yield step.place, -step.change


def measured(C, value, seed=1, metric="distortion_nats", decoding="", copy=None, sentences=2000):
    cell = Cell("cbt", "lstm", C, seed)
    return Measured(
        *(cell, "rate-distortion", "test", sentences, metric, value), decoding=decoding, copy=copy
    )


def resampled(C, values, seed=1):
    return Replicates(
        Cell("cbt", "lstm", C, seed), "rate-distortion", "distortion_nats", tuple(values)
    )


def world(rows, replicates=()):
    return worlds(rows, replicates, KIND, {})


def test_one_seed_without_more_is_decided_by_its_value():
    decision = decide(falls, world([measured(3, 62.0), measured(15, 53.0)]))
    assert (decision.verdict, decision.value, decision.interval) == (HOLDS, 9, None)
    assert decision.basis == "one seed; no interval"
    assert decision.place == "CBT, lstm, C = 3 → 15"


def test_of_one_seed_resampled_sentences_give_the_interval():
    noise = np.random.default_rng(1).normal(size=(2, 400))
    rows = [measured(3, 62.0), measured(15, 60.0)]
    decision = decide(
        falls, world(rows, [resampled(3, 62 + noise[0]), resampled(15, 60 + noise[1])])
    )
    low, high = decision.interval
    assert decision.verdict == OPEN
    assert decision.reason == UNSURE
    assert decision.basis == "one seed; 400 resamples of 2,000"
    assert (high - low) / 2 == pytest.approx(1.96 * 2**0.5, rel=0.15)


def test_resamples_are_paired_between_cells():
    """What both cells find hard in a resample cancels in their difference."""
    noise = np.random.default_rng(1).normal(size=400)
    rows = [measured(3, 62.0), measured(15, 60.0)]
    decision = decide(falls, world(rows, [resampled(3, 62 + noise), resampled(15, 60 + noise)]))
    assert decision.verdict == HOLDS
    assert decision.interval == pytest.approx((2, 2))


def test_a_resample_of_one_of_two_cells_is_no_interval():
    rows = [measured(3, 62.0), measured(15, 60.0)]
    decision = decide(falls, world(rows, [resampled(3, [61.0, 63.0])]))
    assert decision.basis == "one seed; no interval"


def test_several_seeds_come_before_resampled_sentences():
    rows = [measured(C, D + seed / 10, seed) for C, D in ((3, 62), (15, 53)) for seed in (1, 2, 3)]
    rows[0] = measured(3, 62.4, 1)
    decision = decide(falls, world(rows, [resampled(3, [1.0, 2.0]), resampled(15, [1.0, 2.0])]))
    assert decision.basis == "3 seeds"
    # Differences 9.3, 9, 9: mean 9.1, standard error 0.1, t 4.303.
    assert decision.value == pytest.approx(9.1)
    assert decision.interval == pytest.approx((9.1 - 0.4303, 9.1 + 0.4303))


def test_copies_are_what_one_seed_of_generated_text_has():
    @claim(says="Short.", section="3.3.2", statistic="length", bound=at_most(20))
    def short(evidence):
        for family in evidence.families("greedy"):
            for C, length in family.over_C("mean_length").items():
                yield family.place(C), length

    rows = [
        measured(3, length, metric="mean_length", decoding="greedy", copy=copy)
        for copy, length in ((1, 15.0), (2, 15.2))
    ]
    decision = decide(short, world(rows))
    assert decision.basis == "one seed; 2 copies"
    assert decision.value == pytest.approx(15.1)
    assert decision.interval == pytest.approx((15.1 - 12.706 * 0.1, 15.1 + 12.706 * 0.1))


def test_one_place_that_breaks_it_decides():
    rows = [measured(3, 62.0), measured(15, 53.0), measured(50, 54.0), measured(100, 32.0)]
    decision = decide(falls, world(rows))
    assert (decision.verdict, decision.value) == (FAILS, -1)
    assert (decision.met, decision.places) == (2, 3)
    assert decision.place == "CBT, lstm, C = 15 → 50"


def test_a_place_that_is_surely_broken_comes_before_one_that_may_be():
    """The other is farther off, but unsure."""
    rows = [measured(3, 62.0), measured(15, 65.0), measured(100, 66.0)]
    noise = 20 * np.random.default_rng(1).normal(size=400)
    replicates = [
        resampled(3, 62 + noise),
        resampled(15, [65.0] * 400),
        resampled(100, [66.0] * 400),
    ]
    decision = decide(falls, world(rows, replicates))
    assert (decision.verdict, decision.value) == (FAILS, -1)


def test_nothing_measured():
    decision = decide(falls, world([measured(3, 62.0)]))
    assert (decision.verdict, decision.reason) == (OPEN, NOT_MEASURED)
    assert (decision.value, decision.places, decision.basis) == (None, 0, "")


def test_a_value_that_is_not_defined_is_none():
    assert decide(falls, world([measured(3, 62.0), measured(15, None)])).verdict == OPEN


def test_printed_numbers_have_no_basis():
    found = world([measured(3, 62.0), measured(15, 53.0)]).evidence()
    decision = decide_as_printed(falls, found)
    assert (decision.verdict, decision.basis, decision.interval) == (HOLDS, "", None)


def test_a_model_that_nobody_described():
    with pytest.raises(InputError, match=r"cbt/lstm/C3/seed1: is measured, but its config\.json"):
        worlds([measured(3, 62.0)], [], {("cbt", "gru"): KINDS["gru"]}, {})


def test_the_vocabulary_of_the_corpus_stands_beside_that_of_the_dictionary():
    row = measured(3, 9800.0, metric="vocabulary_size", decoding="nucleus0.9", copy=2)
    found = worlds([row], [], KIND, {"cbt": {"vocabulary_size": 12000.0}})
    key = Key("cbt", "lstm", 3, "nucleus0.9", "corpus_vocabulary_size")
    assert found.values[key] == {(1, 2): 12000}
