"""C swept down from its largest value and back: the whole curve of D against R, and its knee.

Does not import torch.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from textvae.knee import Level, farthest_from_chord, levels_of, worth
from textvae.training.automatic.controller import Controller, Outcome, rounded, strays

# Looks in each direction.
LEVELS = 20
# The share of all steps before C falls.
WARM_UP = 0.2
# The largest C is this many times the least.
RANGE = 50
# Steps from which on no two looks are after the same step: (1 - WARM_UP) / 2 / LEVELS of them are
# more than one.
MIN_STEPS = 51


class SweepController(Controller):
    """C at a share s of the steps: max_C until s = 0.2, then max_C 50^-u.

    u rises to 1 and falls to 0: in equal steps C changes by equal factors, because the curve bends
    at small C. C falls first: a code that begins almost empty may stay so when C rises, and meet it
    by a rate without information. D and R are measured at the same levels of C on both ways: in
    their mean most of what the training gains meanwhile cancels out.
    """

    def __init__(self, max_C: float, steps: int, min_slope: float, by_chord: bool) -> None:
        """min_slope: what a nat of rate must save of D; by_chord: choose the point far from it."""
        super().__init__(max_C, steps)
        self.max_aim = max_C
        self.min_slope = min_slope
        self.by_chord = by_chord
        # R and D of each look; NaN before it.
        self.rates = [math.nan] * (2 * LEVELS)
        self.distortions = [math.nan] * (2 * LEVELS)

    def numbers(self) -> list[float]:
        return [*self.rates, *self.distortions]

    def restore(self, numbers: Sequence[float]) -> None:
        self.rates, self.distortions = list(numbers[: 2 * LEVELS]), list(numbers[2 * LEVELS :])

    def C_after(self, step: int) -> float:
        half = (1 - WARM_UP) / 2
        u = max(0.0, (step / self.steps - WARM_UP) / half)
        return self._level(min(u, max(0.0, 2 - u)))

    def _level(self, u: float) -> float:
        """Return C at a share of the way down."""
        return self.max_aim * RANGE**-u

    def look_steps(self) -> list[int]:
        """Return the steps after which D and R are measured: down, and up in reverse order."""
        half = (1 - WARM_UP) / 2
        # In the middle of equal parts of a direction, so that both have the same levels.
        shares = [(level + 0.5) / LEVELS for level in range(LEVELS)]
        down = [WARM_UP + half * share for share in shares]
        up = [1 - half * share for share in reversed(shares)]
        return [max(1, round(share * self.steps)) for share in (*down, *up)]

    def looks_after(self, step: int) -> bool:
        return step in self.look_steps()

    def look(self, measured: Mapping[str, float], step: int) -> None:
        for index, own in enumerate(self.look_steps()):
            if own == step:
                self.rates[index], self.distortions[index] = measured["R"], measured["D"]

    def record(self, step: int) -> dict[str, float]:
        left = sum(math.isnan(rate) for rate in self.rates)
        return {"C": self.C_after(step), "missing": float(left)}

    def levels(self) -> list[Level]:
        """Return the levels by increasing R, with slopes; without those that do not add to R."""
        return levels_of(
            [
                (
                    self._level((index + 0.5) / LEVELS),
                    (self.rates[index] + self.rates[-1 - index]) / 2,
                    (self.distortions[index] + self.distortions[-1 - index]) / 2,
                )
                for index in reversed(range(LEVELS))
            ]
        )

    def outcome(self) -> Outcome | None:
        if any(map(math.isnan, self.rates)):
            return None
        levels = self.levels()
        by_slope, chord = worth(levels, self.min_slope), farthest_from_chord(levels)
        figures = {
            "knee_by_slope": by_slope,
            "knee_by_chord": chord.C,
            "C": [level.C for level in levels],
            "R": [level.R for level in levels],
            "D": [level.D for level in levels],
            "R_looks": self.rates,
            "D_looks": self.distortions,
        }
        if len(levels) < (3 if self.by_chord else 2):
            status, C = "infeasible", chord.C
            reason = (
                f"the curve has only {len(levels)} of {LEVELS} points, the others add nothing to R"
            )
        elif self.by_chord and chord in (levels[0], levels[-1]):
            status, C = "infeasible", chord.C
            reason = "no point of the curve is below the chord of its ends"
        elif self.by_chord:
            status, C = "reached", chord.C
            reason = "the point of the curve that is farthest from the chord of its ends"
        elif by_slope is None:
            status, C = "infeasible", levels[0].C
            reason = (
                f"a nat of rate saves less than {self.min_slope:g} nats of D at every C, at most"
                f" {max(level.slope for level in levels):.2f}"
            )
        elif by_slope == levels[-1].C:
            status, C = "infeasible", by_slope
            slope = levels[-1].slope
            reason = (
                f"a nat of rate still saves {slope:.2f} nats of D at the largest C, expected a"
                f" larger max_rate or a min_slope above {slope:.2f}"
            )
        else:
            status, C = "reached", by_slope
            reason = (
                f"beyond it a nat of rate saves less than {self.min_slope:g} nats of D; the point"
                f" farthest from the chord is at C = {rounded(chord.C):g}"
            )
        if status == "reached" and (astray := strays(_rate_at(levels, C), C)):
            status = "missed"
            reason += f", but {astray}: it is not this C that gives D"
        return Outcome("sweep", status, rounded(C), reason, figures)


def _rate_at(levels: Sequence[Level], C: float) -> float:
    """Return R at a C within those of the levels, between two by a line."""
    for low, high in pairwise(levels):
        if low.C <= C <= high.C:
            return low.R + (C - low.C) / (high.C - low.C) * (high.R - low.R)
    return levels[0].R
