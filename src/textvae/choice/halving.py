"""Successive halving over C by forward cross-entropy (FCE). Does not import torch.

All C of a grid are trained to a ninth of the steps, the best to a third, and one to the end, each
going on from its checkpoint.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from textvae.bootstrap import standard_error
from textvae.errors import InputError

# The share of all steps at the end of each rung, and how many C are trained to it.
SHARES = (1 / 9, 1 / 3, 1)
KEPT = (3, 1)


@dataclass(frozen=True)
class Rung:
    """FCE of the sentences, nats, at each C: the same sentences, in the same order."""

    costs: Mapping[float, np.ndarray]

    def means(self) -> dict[float, float]:
        """Return the FCE at each C, increasing."""
        return {C: float(self.costs[C].mean()) for C in sorted(self.costs)}

    def ranked(self) -> list[float]:
        """Return the C by increasing FCE."""
        means = self.means()
        return sorted(means, key=lambda C: means[C])

    def error(self, one: float, other: float) -> float:
        """Return the standard error of the difference of two FCE, paired by sentence."""
        return standard_error(self.costs[one] - self.costs[other])

    def equal(self) -> int:
        """Return how many C have the same FCE of every sentence as another.

        They are still one model: |R - C| has the same gradient while R is below each of their C,
        or above, as long as C rises.
        """
        return sum(
            any(other != C and self._is_one_model(C, other) for other in self.costs)
            for C in self.costs
        )

    def _is_one_model(self, one: float, other: float) -> bool:
        return np.array_equal(self.costs[one], self.costs[other])

    def kept(self, count: int) -> list[float]:
        """Return the best C, and one more if it is within a standard error of the last of them.

        All that are still one model with the last of them are kept. A single C is the smallest
        within a standard error of the best.
        """
        ranked, means = self.ranked(), self.means()
        if count == 1:
            best = ranked[0]
            near = [C for C in ranked if means[C] - means[best] <= self.error(C, best)]
            return [min([best, *near])]
        if count >= len(ranked):
            return sorted(ranked)
        last, following = ranked[count - 1], ranked[count]
        same = [C for C in ranked[count:] if self._is_one_model(C, last)]
        if same:
            return sorted(ranked[:count] + same)
        close = means[following] - means[last] <= self.error(following, last)
        return sorted(ranked[: count + close])


def grid(least: float, most: float, count: int) -> list[float]:
    """Return values of C in equal ratios: two or more, to two digits but for the last.

    InputError if two of them are equal.
    """
    step = (most / least) ** (1 / (count - 1))
    levels = [*(float(f"{least * step**index:.2g}") for index in range(count - 1)), most]
    # As they are written in names of folders, too.
    same = len({f"{C:g}" for C in levels}) < count
    if same or any(following <= C for C, following in pairwise(levels)):
        raise InputError(
            f"--levels: {count} values of C from {least:g} to {most:g} are not distinct to two"
            " digits, expected fewer or a larger --max-rate"
        )
    return levels


def rank_correlation(first: Mapping[float, float], second: Mapping[float, float]) -> float | None:
    """Return Spearman's correlation of two rankings over the C that both have.

    None below 3, or if all of one are equal.
    """
    common = sorted(first.keys() & second.keys())
    if len(common) < 3:
        return None
    ranks = [_ranks([values[C] for C in common]) for values in (first, second)]
    with suppress(statistics.StatisticsError):
        return statistics.correlation(*ranks)
    return None


def _ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value from 0, the mean of those of equal ones."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) - 1) / 2 for value in values]


def cost(trained: Sequence[int]) -> float:
    """Return the trainings that the rungs take, given the number of C trained in each."""
    before = (0.0, *SHARES)
    return math.fsum(count * (SHARES[rung] - before[rung]) for rung, count in enumerate(trained))
