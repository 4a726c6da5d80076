"""The paired bootstrap: what a number would be on other test sentences, over and over."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.bootstrap import replicated, replicated_means, resamples, rounded, standard_error

bounded = settings(max_examples=50, deadline=None)
sizes = st.integers(1, 40)
seeds = st.integers(0, 2**32 - 1)


@bounded
@given(sizes, st.integers(0, 5), seeds)
def test_a_resample_draws_as_many_sentences_as_there_are(sentences, replicates, seed):
    found = list(resamples(sentences, replicates, seed))
    assert len(found) == replicates
    for counts in found:
        assert counts.shape == (sentences,)
        assert counts.min() >= 0
        assert counts.sum() == sentences


@bounded
@given(sizes, seeds)
def test_resamples_are_the_same_for_whoever_asks(sentences, seed):
    """The r-th does not depend on how many there are: short lists pair with the first of long."""
    few, many = list(resamples(sentences, 3, seed)), list(resamples(sentences, 7, seed))
    for one, other in zip(few, many[:3], strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_sizes_seeds_and_replicates_are_other_resamples():
    first, second = resamples(50, 2)
    (other_seed,) = resamples(50, 1, seed=2)
    (larger,) = resamples(51, 1)
    for other in (second, other_seed, larger[:50]):
        assert (first != other).any()


def test_each_sentence_is_drawn_alike_and_most_but_not_all_of_them():
    """Counts are multinomial: of mean 1 and variance 1 - 1/N; a share of 1/e is never drawn."""
    counts = np.array(list(resamples(30, 20_000)))
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=5 / math.sqrt(20_000))
    np.testing.assert_allclose(counts.var(axis=0), 1 - 1 / 30, rtol=0.08)
    assert (counts == 0).mean() == pytest.approx((1 - 1 / 30) ** 30, abs=0.002)
    # One that is drawn takes the place of another.
    covariance = np.cov(counts[:, 0], counts[:, 1])[0, 1]
    assert covariance == pytest.approx(-1 / 30, abs=0.03)


def test_replicates_of_a_mean_spread_as_its_standard_error():
    values = np.random.default_rng(3).gamma(2.0, 10.0, size=500)
    found = replicated_means({"nats": values}, 2000)["nats"]
    error = standard_error(values)
    assert found.mean() == pytest.approx(values.mean(), abs=5 * error / math.sqrt(2000))
    assert found.std() == pytest.approx(error, rel=0.07)


def test_differences_of_two_cells_are_paired():
    """Sentences that cost one model more cost the other more: that cancels in the difference."""
    random = np.random.default_rng(4)
    long, noise = random.gamma(2.0, 10.0, size=400), random.standard_normal(400)
    (one,) = replicated_means({"nats": long}, 300).values()
    (other,) = replicated_means({"nats": long + 3 + noise}, 300).values()
    difference = other - one
    assert difference.std() == pytest.approx(1 / math.sqrt(400), rel=0.15)
    assert one.std() > 8 * difference.std()
    np.testing.assert_allclose(difference, replicated_means({"d": 3 + noise}, 300)["d"])


@bounded
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12), st.integers(1, 4))
def test_a_mean_over_a_resample_is_that_of_the_sentences_written_out(values, replicates):
    values = np.array(values)
    found = replicated_means({"a": values, "b": values**2}, replicates)
    written_out = [np.repeat(values, counts) for counts in resamples(len(values), replicates)]
    assert found["a"] == pytest.approx([one.mean() for one in written_out], abs=1e-9)
    assert found["b"] == pytest.approx([(one**2).mean() for one in written_out], abs=1e-6)


def test_a_metric_that_a_resample_leaves_undefined_is_left_out():
    """The share of the first sentence among it and the second: of nothing, where none is drawn."""

    def shares(counts):
        drawn = counts[0] + counts[1]
        return {"share": counts[0] / drawn if drawn else None, "all": counts.sum()}

    found = replicated(shares, 4, 30)
    assert 0 < np.isnan(found["share"]).sum() < 30
    assert rounded(found) == {"all": [4.0] * 30}


def test_without_replicates_there_is_nothing():
    assert replicated_means({"nats": np.ones(3)}, 0) == {}
    assert list(resamples(3, 0)) == []


def test_six_digits_are_kept():
    kept = rounded({"nats": np.array([123.4567891, -1 / 3, 2e-9 / 3, 8.0])})
    assert kept == {"nats": [123.457, -0.333333, 6.66667e-10, 8.0]}
    assert [type(value) for value in kept["nats"]] == [float] * 4


def test_a_standard_error_by_hand():
    # Around 2 the squares are 1, 1, 4: over N - 1 they are 3, over N again 1.
    assert standard_error(np.array([1.0, 1.0, 4.0])) == pytest.approx(1)
