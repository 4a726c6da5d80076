"""Decisions of claims, and the 95% intervals that they rest on."""

import math
from dataclasses import replace

import numpy as np
import pytest
from made_up import LSTM, SPECS, claim

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.claims.claim import above, at_most, catalogue
from textvae.paper.claims.decision import (
    FAILS,
    HOLDS,
    NO_INTERVAL,
    NOT_MEASURED,
    OPEN,
    UNSURE,
    bootstrap_interval,
    decide,
    decide_as_printed,
    mean_interval,
)
from textvae.paper.claims.samples import samples_of
from textvae.paper.measurements import Measured, Replicates

NOISE = np.random.default_rng(1).normal(size=(2, 400))


@claim(bound=above(0))
def falls(evidence):
    for series in evidence.series():
        for step in series.steps("distortion_nats"):
            yield step.location, -step.change


def measured(C, value, seed=1, corpus="cbt", metric="distortion_nats", sentences=2000, **text):
    cell = Cell(corpus, "lstm", C, seed)
    return Measured(cell, "any", "test", sentences, metric, value, **text)


def resampled(C, values):
    return Replicates(Cell("cbt", "lstm", C, 1), "any", "distortion_nats", tuple(values))


def decided(rows, replicates=(), a_claim=falls):
    return decide(a_claim, samples_of(rows, replicates, {row.cell: LSTM for row in rows}, {}))


def test_interval_of_a_mean_is_students():
    """By a table of the quantiles for 1, 2, 10 and 99 degrees of freedom."""
    for count, quantile in {2: 12.7062, 3: 4.30265, 11: 2.22814, 100: 1.98422}.items():
        # The squares about the mean sum to 1 - 1 / count.
        deviation = math.sqrt((1 - 1 / count) / (count - 1))
        half = quantile * deviation / math.sqrt(count)
        interval = mean_interval(5, [0.0] * (count - 1) + [1.0])
        assert interval == pytest.approx((5 - half, 5 + half), rel=1e-5)


def test_interval_bootstrap_interval_is_centred_on_the_value():
    """Replicates of 0 to 400 have mean 200, and the middle 95% is 10 to 390."""
    assert bootstrap_interval(100, list(range(401))) == pytest.approx((-90, 290))
    # Of 0, 1 and 8, at 0.05 and 1.95 of the way; the mean is 3.
    assert bootstrap_interval(3, [8, 0, 1]) == pytest.approx((0.05, 7.65))


def test_one_seed_alone_is_decided_by_its_worst_location():
    rows = [measured(C, D) for C, D in ((3, 62.0), (15, 53.0), (50, 54.0), (100, 32.0))]
    decision = decided(rows)
    assert (decision.verdict, decision.value, decision.interval) == (FAILS, -1, None)
    assert decision.location == "cbt, lstm, C = 15 → 50"
    assert (decision.met, decision.locations, decision.basis) == (2, 3, "one seed; no interval")
    # As for the paper's numbers, which have no basis.
    evidence = samples_of(rows, [], {row.cell: LSTM for row in rows}, {}).evidence()
    assert decide_as_printed(falls, evidence) == replace(decision, basis="")
    # One cell whose width differs from the others of its model is left out.
    specs = {row.cell: LSTM for row in rows} | {rows[2].cell: SPECS["lstm-wide"]}
    left = decide(falls, samples_of(rows, [], specs, {}))
    assert (left.verdict, left.value, left.locations, left.reason) == (HOLDS, 9, 2, "")
    unknown = decided([measured(3, 62.0), measured(15, None)])
    assert (unknown.verdict, unknown.reason, unknown.basis) == (OPEN, NOT_MEASURED, "")
    with pytest.raises(InputError, match=r"cbt/lstm/C3/seed1: .*config\.json"):
        samples_of(rows, [], {Cell("cbt", "gru", 3, 1): SPECS["gru"]}, {})


def test_interval_of_one_seed_is_of_resampled_sentences():
    rows = [measured(3, 62.0, sentences=1500), measured(15, 60.0)]
    apart = decided(rows, [resampled(3, 62 + NOISE[0]), resampled(15, 60 + NOISE[1])])
    low, high = apart.interval
    assert (apart.verdict, apart.reason) == (OPEN, UNSURE)
    assert apart.basis == "one seed; 400 resamples of 1,500 to 2,000"
    assert (high - low) / 2 == pytest.approx(1.96 * 2**0.5, rel=0.15)
    # Resamples are paired: what is hard for both cells cancels. The shorter list counts.
    paired = decided(rows, [resampled(3, 62 + NOISE[0]), resampled(15, 60 + NOISE[0][:300])])
    assert (paired.verdict, paired.basis[:23]) == (HOLDS, "one seed; 300 resamples")
    assert paired.interval == pytest.approx((2, 2))
    assert decided(rows, [resampled(3, [61.0, 63.0])]).basis == "one seed; no interval"


def test_interval_of_several_seeds_precedes_that_of_sentences():
    rows = [measured(C, D + seed / 10, seed) for C, D in ((3, 62), (15, 53)) for seed in (1, 2, 3)]
    rows[0] = measured(3, 62.4, 1)
    # Differences 9.3, 9, 9: mean 9.1, standard error 0.1, t 4.3027.
    alone = decided(rows, [resampled(3, [1.0, 2.0]), resampled(15, [1.0, 2.0])])
    assert (alone.verdict, alone.basis, alone.value) == (HOLDS, "3 seeds", pytest.approx(9.1))
    assert alone.interval == pytest.approx((9.1 - 0.43027, 9.1 + 0.43027))
    # A corpus with one seed takes nothing from the three of this one.
    other = [measured(3, 90.0, corpus="yelp"), measured(15, 80.0, corpus="yelp")]
    both = decided([*rows, *other])
    assert (both.verdict, both.reason, both.value) == (OPEN, NO_INTERVAL, 10)


def test_interval_of_active_units_ends_at_the_number_of_dimensions():
    (active,) = (one for one in catalogue() if one.name == "any-C-avoids-collapse")
    # 63, 64 and 62 of 64: by Student, 63 - 2.48 to 63 + 2.48.
    units = ((1, 63), (2, 64), (3, 62))
    rows = [measured(3, AU, seed, metric="active_units") for seed, AU in units]
    assert decided(rows, a_claim=active).interval == pytest.approx((60.5159, 64), abs=1e-4)


def test_statistic_is_averaged_over_seeds_not_the_measurements():
    """Rates of 13.4 and 16.6 each miss 15 by 1.6; their mean does not."""

    @claim(bound=at_most(1))
    def meets(evidence):
        (series,) = evidence.series()
        yield "here", abs(series.at(15, "rate_nats") - 15)

    rows = [measured(15, R, seed, metric="rate_nats") for seed, R in ((1, 13.4), (2, 16.6))]
    decision = decided(rows, a_claim=meets)
    assert (decision.verdict, decision.value) == (FAILS, pytest.approx(1.6))


def test_interval_of_generated_text_is_of_copies():
    @claim(bound=at_most(20))
    def short(evidence):
        (cell,), (text,) = evidence.series(), evidence.series("greedy")
        yield "here", text.at(3, "mean_length") - cell.at(3, "rate_nats")

    rows = [
        measured(3, length, metric="mean_length", decoding="greedy", copy=copy)
        for copy, length in ((1, 15.0), (2, 15.2))
    ]
    # The cell itself has no copies.
    decision = decided([*rows, measured(3, 1.0, metric="rate_nats")], a_claim=short)
    assert (decision.basis, decision.value) == ("one seed; 2 copies", pytest.approx(14.1))
    assert decision.interval == pytest.approx((14.1 - 1.27062, 14.1 + 1.27062))


def test_sure_miss_precedes_a_larger_unsure_one():
    rows = [measured(3, 62.0), measured(15, 65.0), measured(100, 66.0)]
    replicates = [resampled(3, 62 + 20 * NOISE[0]), resampled(15, [65.0] * 400)]
    decision = decided(rows, [*replicates, resampled(100, [66.0] * 400)])
    assert (decision.verdict, decision.value) == (FAILS, -1)
    # A location without an interval beside others with one decides nothing.
    lacking = decided(rows, replicates)
    assert (lacking.verdict, lacking.reason) == (OPEN, UNSURE)
