"""Three verdicts, and the interval that each rests on."""

import numpy as np
import pytest
from made_up import LSTM, SPECS, claim

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.claims.claim import above, at_most
from textvae.paper.claims.decision import (
    FAILS,
    HOLDS,
    NO_INTERVAL,
    NOT_MEASURED,
    OPEN,
    UNSURE,
    decide,
    decide_as_printed,
)
from textvae.paper.claims.samples import samples_of
from textvae.paper.measurements import Measured, Replicates


@claim(bound=above(0))
def falls(evidence):
    for series in evidence.series():
        for step in series.steps("distortion_nats"):
            yield step.place, -step.change


def measured(
    C, value, seed=1, metric="distortion_nats", decoding="", copy=None, sentences=2000, corpus="cbt"
):
    cell = Cell(corpus, "lstm", C, seed)
    return Measured(
        *(cell, "rate-distortion", "test", sentences, metric, value), decoding=decoding, copy=copy
    )


def resampled(C, values, seed=1):
    return Replicates(
        Cell("cbt", "lstm", C, seed), "rate-distortion", "distortion_nats", tuple(values)
    )


def samples(rows, replicates=()):
    return samples_of(rows, replicates, {row.cell: LSTM for row in rows}, {})


def test_one_seed_without_more_is_decided_by_its_value():
    decision = decide(falls, samples([measured(3, 62.0), measured(15, 53.0)]))
    assert (decision.verdict, decision.value, decision.interval) == (HOLDS, 9, None)
    assert decision.basis == "one seed; no interval"
    assert decision.place == "cbt, lstm, C = 3 → 15"


def test_of_one_seed_resampled_sentences_give_the_interval():
    noise = np.random.default_rng(1).normal(size=(2, 400))
    rows = [measured(3, 62.0), measured(15, 60.0)]
    decision = decide(
        falls, samples(rows, [resampled(3, 62 + noise[0]), resampled(15, 60 + noise[1])])
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
    decision = decide(falls, samples(rows, [resampled(3, 62 + noise), resampled(15, 60 + noise)]))
    assert decision.verdict == HOLDS
    assert decision.interval == pytest.approx((2, 2))


def test_a_resample_of_one_of_two_cells_is_no_interval():
    rows = [measured(3, 62.0), measured(15, 60.0)]
    decision = decide(falls, samples(rows, [resampled(3, [61.0, 63.0])]))
    assert decision.basis == "one seed; no interval"


def test_several_seeds_come_before_resampled_sentences():
    rows = [measured(C, D + seed / 10, seed) for C, D in ((3, 62), (15, 53)) for seed in (1, 2, 3)]
    rows[0] = measured(3, 62.4, 1)
    decision = decide(falls, samples(rows, [resampled(3, [1.0, 2.0]), resampled(15, [1.0, 2.0])]))
    assert decision.basis == "3 seeds"
    # Differences 9.3, 9, 9: mean 9.1, standard error 0.1, t 4.3027.
    assert decision.value == pytest.approx(9.1)
    assert decision.interval == pytest.approx((9.1 - 0.43027, 9.1 + 0.43027))


def test_copies_are_what_one_seed_of_generated_text_has():
    @claim(bound=at_most(20))
    def short(evidence):
        for series in evidence.series("greedy"):
            for C, length in series.over_C("mean_length").items():
                yield series.location(C), length

    rows = [
        measured(3, length, metric="mean_length", decoding="greedy", copy=copy)
        for copy, length in ((1, 15.0), (2, 15.2))
    ]
    decision = decide(short, samples(rows))
    assert decision.basis == "one seed; 2 copies"
    assert decision.value == pytest.approx(15.1)
    assert decision.interval == pytest.approx((15.1 - 12.7062 * 0.1, 15.1 + 12.7062 * 0.1))


def test_one_place_that_breaks_it_decides():
    rows = [measured(3, 62.0), measured(15, 53.0), measured(50, 54.0), measured(100, 32.0)]
    decision = decide(falls, samples(rows))
    assert (decision.verdict, decision.value) == (FAILS, -1)
    assert (decision.met, decision.places) == (2, 3)
    assert decision.place == "cbt, lstm, C = 15 → 50"


def test_a_place_that_is_surely_broken_comes_before_one_that_may_be():
    """The other is farther off, but unsure."""
    rows = [measured(3, 62.0), measured(15, 65.0), measured(100, 66.0)]
    noise = 20 * np.random.default_rng(1).normal(size=400)
    replicates = [
        resampled(3, 62 + noise),
        resampled(15, [65.0] * 400),
        resampled(100, [66.0] * 400),
    ]
    decision = decide(falls, samples(rows, replicates))
    assert (decision.verdict, decision.value) == (FAILS, -1)


def test_nothing_measured():
    decision = decide(falls, samples([measured(3, 62.0)]))
    assert (decision.verdict, decision.reason) == (OPEN, NOT_MEASURED)
    assert (decision.value, decision.places, decision.basis) == (None, 0, "")


def test_a_value_that_is_not_defined_is_none():
    assert decide(falls, samples([measured(3, 62.0), measured(15, None)])).verdict == OPEN


def test_printed_numbers_have_no_basis():
    found = samples([measured(3, 62.0), measured(15, 53.0)]).evidence()
    decision = decide_as_printed(falls, found)
    assert (decision.verdict, decision.basis, decision.interval) == (HOLDS, "", None)


def test_a_model_that_nobody_described():
    with pytest.raises(InputError, match=r"cbt/lstm/C3/seed1: is measured, but its config\.json"):
        samples_of([measured(3, 62.0)], [], {Cell("cbt", "gru", 3, 1): SPECS["gru"]}, {})


def test_an_overridden_cell_is_no_evidence():
    """A cell of another width than its model's other cells."""
    rows = [measured(C, D) for C, D in ((3, 62.0), (15, 53.0), (50, 99.0), (100, 32.0))]
    specs = {row.cell: LSTM for row in rows} | {rows[2].cell: SPECS["lstm-wide"]}
    decision = decide(falls, samples_of(rows, [], specs, {}))
    assert (decision.verdict, decision.places) == (HOLDS, 2)


def test_each_place_has_the_basis_of_its_own_numbers():
    """That another corpus has one seed takes nothing from the three of this one."""
    rows = [
        measured(C, D + noise, seed)
        for C, D in ((3, 62), (15, 60))
        for seed, noise in ((1, 0.0), (2, 9.0 * (C == 3)), (3, -9.0 * (C == 3)))
    ]
    other = [measured(3, 90.0, corpus="yelp"), measured(15, 80.0, corpus="yelp")]
    alone, both = decide(falls, samples(rows)), decide(falls, samples(rows + other))
    assert (alone.verdict, alone.basis) == (OPEN, "3 seeds")
    assert (both.verdict, both.basis, both.interval) == (OPEN, "3 seeds", alone.interval)


def test_a_place_without_an_interval_beside_others_decides_nothing():
    """A bucket of so few sentences that some resample has none of them."""
    rows = [measured(3, 62.0), measured(15, 53.0), measured(100, 54.0)]
    noise = np.random.default_rng(1).normal(size=400) / 10
    replicates = [resampled(3, 62 + noise), resampled(15, 53 + noise)]
    decision = decide(falls, samples(rows, replicates))
    assert (decision.verdict, decision.reason) == (OPEN, NO_INTERVAL)


def test_two_seeds_that_miss_to_either_side_do_not_meet_in_the_middle():
    @claim(bound=at_most(1))
    def meets(evidence):
        for series in evidence.series():
            for C, rate in series.over_C("rate_nats").items():
                yield series.location(C), abs(rate - C)

    rows = [measured(15, R, seed, "rate_nats") for seed, R in ((1, 13.4), (2, 16.6))]
    decision = decide(meets, samples(rows))
    assert (decision.verdict, decision.basis) == (FAILS, "2 seeds")
    assert decision.value == pytest.approx(1.6)
