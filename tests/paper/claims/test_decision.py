"""Decisions of claims, and the 95% intervals that they rest on."""

import math
from dataclasses import replace

import numpy as np
import pytest
from made_up import LSTM, SPECS, claim

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.claims.claim import above, at_most, catalogue, within
from textvae.paper.claims.decision import (
    FAILS,
    FEW,
    FEW_RESAMPLES,
    HOLDS,
    NO_INTERVAL,
    NOTHING_TO_COMPARE,
    OPEN,
    SOME,
    UNDECIDABLE,
    UNLIKE_SIZES,
    UNSURE,
    decide,
    decide_as_printed,
)
from textvae.paper.claims.evidence import MeasurementKey
from textvae.paper.claims.intervals import bootstrap_interval, combined_interval, mean_interval
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


def test_interval_of_both_adds_variances_of_repetitions_and_sentences():
    """Variances 2 / 2 of the values and 3 of the replicates: 4, with 16 / (1 / 1 + 9 / 3) = 4
    degrees of freedom, whose quantile is 2.77645.
    """
    interval = combined_interval(10, [9, 11], [0, 0, 3, 3])
    assert interval == pytest.approx((10 - 2 * 2.77645, 10 + 2 * 2.77645), rel=1e-5)
    # One of the two alone: as if the other did not exist.
    assert combined_interval(10, [9, 11], [3, 3]) == pytest.approx(mean_interval(10, [9, 11]))
    assert combined_interval(10, [9, 9], [3, 3]) == (10, 10)


def test_interval_bootstrap_interval_is_centred_on_the_value():
    """Replicates of 0 to 400 have mean 200, and the middle 95% is 10 to 390."""
    assert bootstrap_interval(100, list(range(401))) == pytest.approx((-90, 290))
    # Of 0, 1 and 8, at 0.05 and 1.95 of the way; the mean is 3.
    assert bootstrap_interval(3, [8, 0, 1]) == pytest.approx((0.05, 7.65))


def test_value_without_an_interval_decides_nothing():
    """Neither where it meets the bound nor where it misses it; the worst is shown."""
    rows = [measured(C, D) for C, D in ((3, 62.0), (15, 53.0), (50, 54.0), (100, 32.0))]
    decision = decided(rows)
    assert (decision.verdict, decision.reason, decision.interval) == (OPEN, NO_INTERVAL, None)
    assert (decision.value, decision.location) == (-1, "cbt, lstm, C = 15 → 50")
    assert (decision.met, decision.locations, decision.basis) == (2, 3, "one seed; no interval")
    # The paper's numbers have no interval and decide by themselves.
    evidence = samples_of(rows, [], {row.cell: LSTM for row in rows}, {}).evidence()
    as_printed = replace(decision, verdict=FAILS, basis="", lacks="")
    assert decide_as_printed(falls, evidence) == as_printed
    # One cell whose width differs from the others of its model is left out.
    specs = {row.cell: LSTM for row in rows} | {rows[2].cell: SPECS["lstm-wide"]}
    left = decide(falls, samples_of(rows, [], specs, {}))
    assert (left.verdict, left.value, left.locations) == (OPEN, 9, 2)
    unknown = decided([measured(3, 62.0), measured(15, None)])
    assert (unknown.verdict, unknown.reason, unknown.basis) == (OPEN, NOTHING_TO_COMPARE, "")
    with pytest.raises(InputError, match=r"cbt/lstm/C3/seed1: .*config\.json"):
        samples_of(rows, [], {Cell("cbt", "gru", 3, 1): SPECS["gru"]}, {})


def test_numbers_of_unlike_seeds_are_compared_on_their_common_seeds():
    """D is 60 at C = 3, and at C = 15 50, 65, 70 by seed: only seed 1 has both."""
    rows = [measured(3, 60.0), *(measured(15, D, s) for s, D in ((1, 50.0), (2, 65.0), (3, 70.0)))]
    replicates = [resampled(C, D + NOISE[0]) for C, D in ((3, 60), (15, 50))]
    decision = decided(rows, replicates)
    assert (decision.verdict, decision.value) == (HOLDS, pytest.approx(10))
    assert decision.basis == "one seed; 400 resamples of 2,000"
    # With two common seeds, the mean of both.
    decision = decided([*rows, measured(3, 80.0, 2)], replicates)
    assert (decision.value, decision.basis.split(";")[0]) == (pytest.approx(12.5), "2 seeds")
    # Without any, the value of the means decides nothing.
    decision = decided([measured(3, 60.0, 7), *rows[1:]], replicates)
    assert (decision.verdict, decision.reason) == (OPEN, SOME)
    assert decision.basis == "no common seed has it"


@pytest.mark.parametrize(
    ("count", "verdict", "reason"), [(39, OPEN, FEW_RESAMPLES), (40, HOLDS, "")]
)
def test_few_resamples_are_no_interval(count, verdict, reason):
    """The quantiles of two resamples are about 95% of the range between them."""
    rows = [measured(3, 62.0), measured(15, 53.0)]
    decision = decided(rows, [resampled(row.cell.C, row.value + NOISE[0][:count]) for row in rows])
    assert (decision.verdict, decision.reason) == (verdict, reason)
    assert decision.basis == f"one seed; {count} resamples of 2,000"


@pytest.mark.parametrize(("lacking", "verdict", "reason"), [(20, HOLDS, ""), (21, OPEN, SOME)])
def test_place_that_more_than_5_percent_of_the_resamples_lack_decides_nothing(
    lacking, verdict, reason
):
    @claim(bound=above(0))
    def falls_below_60(evidence):
        for series in evidence.series():
            if series.at(15, "distortion_nats") < 60:
                yield "here", series.at(3, "distortion_nats") - series.at(15, "distortion_nats")

    rows = [measured(3, 70.0), measured(15, 53.0)]
    replicates = [
        resampled(3, [70.0] * 400),
        resampled(15, [61.0] * lacking + [53] * (400 - lacking)),
    ]
    decision = decided(rows, replicates, falls_below_60)
    assert (decision.verdict, decision.reason) == (verdict, reason)
    assert decision.basis == f"one seed; {400 - lacking} of 400 resamples of 2,000"


def test_place_that_some_seeds_lack_decides_nothing():
    """The two seeds that have it are a selection."""

    @claim(bound=above(0))
    def falls_below_60(evidence):
        for series in evidence.series():
            if series.at(15, "distortion_nats") < 60:
                yield "here", series.at(3, "distortion_nats") - series.at(15, "distortion_nats")

    rows = [measured(3, 70.0, seed) for seed in (1, 2, 3)]
    rows += [measured(15, D, seed) for seed, D in ((1, 50.0), (2, 51.0), (3, 75.0))]
    decision = decided(rows, a_claim=falls_below_60)
    assert (decision.verdict, decision.reason) == (OPEN, SOME)
    assert (decision.value, decision.basis) == (pytest.approx(34 / 3), "2 of 3 seeds")


@pytest.mark.parametrize(
    ("D", "verdict"),
    [
        # Tolerances of 3 and 2: a change of 3 is within the larger one.
        *(((62, 58.9), HOLDS), ((62, 59), UNDECIDABLE), ((62, 62), UNDECIDABLE)),
        *(((59, 62), UNDECIDABLE), ((59, 62.1), FAILS)),
    ],
)
def test_change_within_the_tolerance_is_not_decidable_as_printed(D, verdict):
    rows = [measured(C, value) for C, value in zip((3, 15), D, strict=True)]
    evidence = samples_of(rows, [], {row.cell: LSTM for row in rows}, {}).evidence()
    keys = [MeasurementKey("cbt", "lstm", C, "", "distortion_nats") for C in (3, 15)]
    tolerances = dict(zip(keys, (3, 2), strict=True))
    assert decide_as_printed(falls, evidence, tolerances).verdict == verdict

    @claim(bound=above(1))
    def differs(evidence):
        yield from ((location, -value) for location, value in falls.instances(evidence))

    # A bound that is not 0 is not a question of rising or falling.
    change = decide_as_printed(differs, evidence, tolerances)
    assert change.verdict == (HOLDS if D[1] - D[0] > 1 else FAILS)


def test_self_bleu_of_few_sentences_decides_nothing():
    """Its own sentences count, not those of the text."""

    @claim(bound=above(0))
    def self_bleu(evidence):
        for series in evidence.generated():
            yield from ((series.location(C), v) for C, v in series.over_C("self_bleu4").items())

    for count, reason in ((19, FEW), (20, NO_INTERVAL)):
        rows = [
            measured(3, value, metric=metric, decoding="greedy", copy=1)
            for metric, value in (("self_bleu4", 30.0), ("self_bleu_sentences", count))
        ]
        assert decided(rows, a_claim=self_bleu).reason == reason


@pytest.mark.parametrize(
    ("metric", "size"),
    [
        ("distinct_sentences", ""),
        ("self_bleu4", "self_bleu_sentences"),
        ("fce_nats", "synthetic_sentences"),
    ],
)
@pytest.mark.parametrize(("sizes", "reason"), [((400, 60), UNLIKE_SIZES), ((400, 400), "")])
def test_numbers_of_texts_of_different_sizes_decide_nothing(metric, size, sizes, reason):
    """More sentences have more distinct ones, whatever C is."""

    @claim(bound=above(0))
    def rises(evidence):
        (text,) = evidence.series("greedy")
        yield from ((step.location, step.change) for step in text.steps(metric))

    rows = []
    for C, value, count in ((3, 20.0, sizes[0]), (15, 30.0, sizes[1])):
        for copy in (1, 2):
            text = {"decoding": "greedy", "copy": copy, "sentences": 2000 if size else count}
            rows.append(measured(C, value + copy / 100, metric=metric, **text))
            rows += [measured(C, count, metric=size, **text)] if size else []
    decision = decided(rows, a_claim=rises)
    assert (decision.verdict, decision.reason) == (OPEN if reason else HOLDS, reason)


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


@pytest.mark.parametrize(
    ("seeds", "verdict"),
    [
        # By Student, 2.484 on either side of the mean: within ±3, around it, or above it.
        *(((-1, 0, 1), HOLDS), ((1, 2, 3), OPEN), ((5, 6, 7), FAILS), ((-7, -6, -5), FAILS)),
        # 24.84 on either side: both ends miss the bound, but not all between them.
        ((-10, 0, 10), OPEN),
    ],
)
def test_two_sided_bound_is_missed_only_beyond_one_side(seeds, verdict):
    @claim(bound=within(3))
    def near(evidence):
        yield from ((step, value) for step, value in falls.instances(evidence))

    differences = [
        measured(C, 60 + (value if C == 3 else 0), seed)
        for C in (3, 15)
        for seed, value in enumerate(seeds)
    ]
    assert decided(differences, a_claim=near).verdict == verdict


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


def test_interval_of_generated_text_is_of_copies_and_sentences():
    @claim(bound=at_most(20))
    def short(evidence):
        (cell,), (text,) = evidence.series(), evidence.series("greedy")
        yield "here", text.at(3, "mean_length") - cell.at(3, "rate_nats")

    rows = [
        measured(3, length, metric="mean_length", decoding="greedy", copy=copy)
        for copy, length in ((1, 15.0), (2, 15.2))
    ]
    # The cell itself has no copies.
    rows.append(measured(3, 1.0, metric="rate_nats"))
    decision = decided(rows, a_claim=short)
    assert (decision.basis, decision.value) == ("one seed; 2 copies", pytest.approx(14.1))
    assert decision.interval == pytest.approx((14.1 - 1.27062, 14.1 + 1.27062))
    # Replicates of 1 about both copies: a variance of 1 beside 0.01.
    replicates = [
        Replicates(row.cell, "any", row.metric, (14.1, 15.1, 16.1), row.decoding, row.copy)
        for row in rows
    ]
    both = decided(rows, replicates, short)
    assert both.basis == "one seed; 2 copies; 3 resamples of 2,000"
    assert both.interval == pytest.approx(combined_interval(14.1, [14.0, 14.2], [0, 0, 0]))
    replicates[2] = replace(replicates[2], values=(1.0, 1.0, 1.0))
    assert decided(rows, replicates, short).interval == pytest.approx(
        combined_interval(14.1, [14.0, 14.2], [13.1, 14.1, 15.1])
    )


def test_dictionary_of_all_copies_has_no_interval_over_copies():
    """One number is not two that agree."""

    @claim(bound=above(10))
    def large(evidence):
        (text,) = evidence.series("greedy")
        yield "here", text.at(3, "vocabulary_size")

    rows = [measured(3, 38, metric="vocabulary_size", decoding="greedy", copy=n) for n in (1, 2)]
    assert decided(rows, a_claim=large).reason == NO_INTERVAL


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize(
    ("sentences", "pairs", "reason"), [(19, None, FEW), (2000, 19, FEW), (2000, 20, "")]
)
def test_number_of_few_sentences_or_pairs_decides_nothing(sentences, pairs, reason, seeds):
    """Resamples of two equal lines are all equal."""
    metric = "distortion_nats" if pairs is None else "simple.p1"

    @claim(bound=above(0))
    def falls_much(evidence):
        (series,) = evidence.series()
        yield from ((step.location, -step.change) for step in series.steps(metric))

    every = [(C, D, seed) for C, D in ((3, 62.0), (15, 53.0)) for seed in range(1, seeds + 1)]
    rows = [measured(C, D, seed, metric=metric, sentences=sentences) for C, D, seed in every]
    same = [Replicates(row.cell, "any", metric, (row.value,) * 200) for row in rows]
    if pairs is not None:
        rows += [measured(C, pairs, seed, metric="simple.pairs") for C, _, seed in every]
    decision = decided(rows, same, falls_much)
    assert (decision.verdict, decision.reason) == (OPEN if reason else HOLDS, reason)
    assert (decision.value, decision.interval) == (9, None if reason else (9, 9))
    assert "200 resamples" in decision.basis


def test_sure_miss_precedes_a_larger_unsure_one():
    rows = [measured(3, 62.0), measured(15, 65.0), measured(100, 66.0)]
    replicates = [resampled(3, 62 + 20 * NOISE[0]), resampled(15, [65.0] * 400)]
    decision = decided(rows, [*replicates, resampled(100, [66.0] * 400)])
    assert (decision.verdict, decision.value) == (FAILS, -1)
    # A location without an interval beside others with one decides nothing.
    lacking = decided(rows, replicates)
    assert (lacking.verdict, lacking.reason) == (OPEN, UNSURE)
