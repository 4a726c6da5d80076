"""95% intervals by hand, by numerical integration and by simulation."""

import math
import statistics

import numpy as np
import pytest

from textvae.paper.claims.decision import of_mean, of_replicates


def student_mass(quantile, freedom):
    """P(|T| <= quantile) by Simpson's rule."""
    x = np.linspace(-quantile, quantile, 20_001)
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(
        freedom * math.pi
    )
    density = constant * (1 + x**2 / freedom) ** (-(freedom + 1) / 2)
    weights = np.ones_like(x)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return float((weights * density).sum() * (x[1] - x[0]) / 3)


@pytest.mark.parametrize("freedom", range(1, 31))
def test_the_quantiles_leave_5_percent(freedom):
    values = [0.0] * freedom + [1.0]
    low, high = of_mean(0, values)
    standard_error = statistics.stdev(values) / math.sqrt(freedom + 1)
    assert student_mass(high / standard_error, freedom) == pytest.approx(0.95, abs=1e-6)
    assert low == -high


def test_three_seeds_by_hand():
    # Mean 2, standard deviation 1, t with 2 degrees of freedom 4.302653, root of 3.
    low, high = of_mean(2, [1, 2, 3])
    assert (high - low) / 2 == pytest.approx(4.302653 / math.sqrt(3))
    assert (low + high) / 2 == pytest.approx(2)


def test_many_values_are_nearly_normal():
    """t with 99 degrees of freedom is 1.984217, 1.2% above 1.96."""
    low, high = of_mean(0, [-1, 1] * 50)
    assert high == pytest.approx(1.984217 / math.sqrt(99))
    assert low == -high


def test_replicates_are_centred_on_the_value():
    """Their own mean may be off: that of a covariance is."""
    replicates = list(np.random.default_rng(1).normal(loc=7, scale=2, size=20_000))
    low, high = of_replicates(100, replicates)
    assert low == pytest.approx(100 - 1.96 * 2, abs=0.1)
    assert high == pytest.approx(100 + 1.96 * 2, abs=0.1)
