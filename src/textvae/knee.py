"""The knee of a rate-distortion curve: where a nat of rate no longer saves enough of D."""

import math
from collections.abc import Sequence
from typing import NamedTuple

# A slope is that of the regression line of this many neighbouring points.
_NEIGHBOURS = 5


class Level(NamedTuple):
    """A point of a rate-distortion curve at a C, nats; slope: -dD/dR."""

    C: float
    R: float
    D: float
    slope: float


def levels_of(points: Sequence[tuple[float, float, float]]) -> list[Level]:
    """Return the points (C, R, D) that add to R, with slopes."""
    means: list[tuple[float, float, float]] = []
    for C, R, D in points:
        if not any(before >= R for _, before, _ in means):
            means.append((C, R, D))
    return [Level(*mean, slope) for mean, slope in zip(means, slopes(means), strict=True)]


def slopes(points: Sequence[tuple[float, float, float]]) -> list[float]:
    """Return -dD/dR at each of the points (C, R, D), by regression on its neighbours."""
    found = []
    for index in range(len(points)):
        first = max(0, min(index - _NEIGHBOURS // 2, len(points) - _NEIGHBOURS))
        near = points[first : first + _NEIGHBOURS]
        R = math.fsum(point[1] for point in near) / len(near)
        D = math.fsum(point[2] for point in near) / len(near)
        variance = math.fsum((point[1] - R) ** 2 for point in near)
        covariance = math.fsum((point[1] - R) * (point[2] - D) for point in near)
        found.append(-covariance / variance if variance else 0.0)
    return found


def worth(levels: Sequence[Level], min_slope: float) -> float | None:
    """Return the largest C at which the slope is at least `min_slope`, between levels by a line.

    None if it is smaller at every level.
    """
    steep = [index for index, level in enumerate(levels) if level.slope >= min_slope]
    if not steep:
        return None
    last = levels[steep[-1]]
    if last == levels[-1]:
        return last.C
    following = levels[steep[-1] + 1]
    share = (last.slope - min_slope) / (last.slope - following.slope)
    return last.C + share * (following.C - last.C)


def farthest_from_chord(levels: Sequence[Level]) -> Level:
    """Return the level that is farthest below the line between the first and the last."""
    first, last = levels[0], levels[-1]
    if last.R == first.R:
        return first
    slope = (last.D - first.D) / (last.R - first.R)
    return max(levels, key=lambda level: first.D + slope * (level.R - first.R) - level.D)
