"""95% intervals of statistics: over independent repetitions, over resamples, and over both."""

import math
import statistics
from collections.abc import Sequence

Interval = tuple[float, float]

# With fewer, a tail of a 95% interval of their quantiles has less than one replicate.
MIN_REPLICATES = 40


def mean_interval(centre: float, values: Sequence[float]) -> Interval:
    """Return Student's t interval about `centre` for the mean of two or more independent values."""
    variance = statistics.variance(values) / len(values)
    return _students(centre, variance, len(values) - 1)


def bootstrap_interval(centre: float, replicates: Sequence[float]) -> Interval:
    """Return the middle 95% of MIN_REPLICATES or more bootstrap replicates, moved to `centre`.

    Only their spread is used, because replicates of a covariance are biased.
    """
    mean = statistics.fmean(replicates)
    cuts = statistics.quantiles(replicates, n=40, method="inclusive")
    return centre + cuts[0] - mean, centre + cuts[-1] - mean


def combined_interval(
    centre: float, values: Sequence[float], replicates: Sequence[float]
) -> Interval:
    """Return the interval for a mean of values that were all measured on the same sentences.

    The values vary independently, by seed or by synthetic corpus; what they share, the sample of
    test sentences, varies as the bootstrap replicates of the mean do. The two variances are added,
    with the degrees of freedom of Welch (1947) and Satterthwaite (1946).
    """
    parts = (
        (statistics.variance(values) / len(values), len(values) - 1),
        (statistics.variance(replicates), len(replicates) - 1),
    )
    variance = sum(part for part, _ in parts)
    scale = sum(part**2 / freedom for part, freedom in parts)
    return _students(centre, variance, variance**2 / scale if scale else 1)


def _students(centre: float, variance: float, freedom: float) -> Interval:
    """Return Student's t interval of an estimate with this variance and degrees of freedom."""
    # Imported here: it takes half a second. scipy.stats takes three times as long.
    from scipy.special import stdtrit

    half = float(stdtrit(freedom, 0.975)) * math.sqrt(variance)
    return centre - half, centre + half
