"""95% intervals of a statistic: from a few independent values, or from bootstrap replicates."""

import math
import statistics
from collections.abc import Sequence

# 97.5% quantiles of Student's t with 1, 2, ... 30 degrees of freedom.
_STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
_NORMAL = 1.960


def of_mean(centre: float, values: Sequence[float]) -> tuple[float, float]:
    """About `centre`, as Student's t has it for the mean of two or more independent values."""
    freedom = len(values) - 1
    quantile = _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else _NORMAL
    half = quantile * statistics.stdev(values) / math.sqrt(len(values))
    return centre - half, centre + half


def of_replicates(centre: float, replicates: Sequence[float]) -> tuple[float, float]:
    """About `centre`, the middle 95% of two or more bootstrap replicates.

    Only their spread is used: replicates of a covariance have a bias of their own.
    """
    mean = statistics.fmean(replicates)
    cuts = statistics.quantiles(replicates, n=40, method="inclusive")
    return centre + cuts[0] - mean, centre + cuts[-1] - mean
