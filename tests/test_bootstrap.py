"""The paired bootstrap over sentences, and standard errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.bootstrap import replicated, replicated_means, resamples, rounded, standard_error


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 40), st.integers(0, 5), st.integers(0, 2**32 - 2))
def test_resample_is_a_function_of_size_seed_and_number(sentences, replicates, seed):
    """Resample r does not depend on how many follow."""
    drawn = list(resamples(sentences, replicates, seed))
    assert len(drawn) == replicates
    for counts, again in zip(drawn, resamples(sentences, 7, seed), strict=False):
        assert (counts.shape, counts.sum(), counts.min() >= 0) == ((sentences,), sentences, True)
        np.testing.assert_array_equal(counts, again)
    first, second = resamples(50, 2, seed)
    for other in (second, *resamples(50, 1, seed + 1), next(resamples(51, 1, seed))[:50]):
        assert (first != other).any()


def test_counts_are_multinomial():
    """Mean 1, variance 1 - 1/N; a share of about 1/e is never drawn."""
    counts = np.array(list(resamples(30, 8_000)))
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=5 / 8_000**0.5)
    np.testing.assert_allclose(counts.var(axis=0), 1 - 1 / 30, rtol=0.12)
    assert (counts == 0).mean() == pytest.approx((1 - 1 / 30) ** 30, abs=0.003)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12), st.integers(1, 4))
def test_mean_of_a_resample_is_that_of_its_sentences(values, replicates):
    """Every metric is taken on the same resamples, so that differences are paired."""
    values = np.array(values)
    means = replicated_means({"a": values, "b": values**2}, replicates)
    drawn = [np.repeat(values, counts) for counts in resamples(len(values), replicates)]
    assert means["a"] == pytest.approx([one.mean() for one in drawn], abs=1e-9)
    assert means["b"] == pytest.approx([(one**2).mean() for one in drawn], abs=1e-6)


def test_undefined_metric_is_left_out_and_replicates_are_rounded():
    def shares(counts):
        drawn = counts[0] + counts[1]
        return {"share": counts[0] / drawn if drawn else None, "all": counts.sum()}

    replicates = replicated(shares, 4, 30)
    assert 0 < np.isnan(replicates["share"]).sum() < 30
    assert rounded(replicates) == {"all": [4.0] * 30}
    values = rounded({"nats": np.array([123.4567891, -1 / 3, 2e-9 / 3, 8.0])})["nats"]
    assert values == [123.457, -0.333333, 6.66667e-10, 8.0]
    assert {type(value) for value in values} == {float}
    assert replicated(shares, 4, 0) == {}
    # The seed is 1 unless it is given.
    assert (next(resamples(9, 1)) == next(resamples(9, 1, seed=1))).all()


def test_standard_error_is_the_spread_of_means():
    # Around 2 the squares are 1, 1, 4: over N - 1 they are 3, over N again 1.
    assert standard_error(np.array([1.0, 1.0, 4.0])) == pytest.approx(1)
    values = np.random.default_rng(3).gamma(2.0, 10.0, size=500)
    means = replicated_means({"nats": values}, 2000)["nats"]
    assert means.std() == pytest.approx(standard_error(values), rel=0.07)
