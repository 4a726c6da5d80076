"""C moved until the distortion is a given one. Does not import torch."""

from collections.abc import Mapping

from textvae.empty_codes import MIN_RATE
from textvae.training.automatic.controller import (
    HELD_FROM,
    Controller,
    Outcome,
    clipped,
    passes,
    rounded,
    strays,
)

# Shares of all steps: C stays at its start until the first, because D falls fast anyway and too
# large a C makes a code that a training at the C it falls back to lacks; in the end it is held at
# its mean since the second.
WARM_UP, MEAN_FROM = 0.3, 0.8
# Fewest steps: C moves ten times before its mean is taken.
MIN_STEPS = 20
# How often C moves.
_MOVES = 250
# The distortion is reached within this share of it, or two standard errors.
TOLERANCE = 0.01
# Batches whose mean D says little.
_FEW_BATCHES = 10
# A C this close to a bound is at it, as a share of the largest C.
_AT_BOUND = 0.02


class DistortionController(Controller):
    """C rises while a moving mean of D is above D*, and falls while it is below.

    In a step C changes by gain / steps * (mean D - D*). With a moving mean over a share `a` of all
    steps and a slope -dD/dC of 1 the loop is critically damped at a gain of 1 / (4 a).
    """

    FIELDS = ("mean", "weight", "sum_of_C", "moves", "held", "D", "D_error", "R")

    def __init__(
        self,
        target: float,
        C: float,
        max_C: float,
        steps: int,
        ramp: float,
        gain: float,
        averaging: float,
    ) -> None:
        """Begin at a C; target: D* in nats; averaging: the share of all steps of the mean."""
        super().__init__(C, steps, ramp)
        self.target = target
        self.max_aim = max_C
        self.gain = gain
        self.averaging = averaging
        self.mean = self.weight = 0.0
        self.sum_of_C = self.moves = self.held = 0.0
        # On validation sentences, at the end; a negative error is none.
        self.D = self.R = 0.0
        self.D_error = -1.0

    def observes_after(self, step: int) -> bool:
        return passes(step, self.steps, _MOVES)

    def observe(self, distortion: float, batches: int, step: int) -> None:
        kept = max(0.0, 1 - 1 / (self.averaging * self.steps)) ** batches
        self.mean = kept * self.mean + (1 - kept) * distortion
        self.weight = kept * self.weight + (1 - kept)
        share = step / self.steps
        if share <= WARM_UP or step <= self.ramp or self.held:
            return
        if share > HELD_FROM:
            self.held = 1.0
            if self.moves:
                self.aim = self.sum_of_C / self.moves
            return
        change = self.gain * batches / self.steps * self._missing()
        self.aim = clipped(self.aim + change, 0, self.max_aim)
        if share > MEAN_FROM:
            self.sum_of_C += self.aim
            self.moves += 1

    def looks_after(self, step: int) -> bool:
        return step == self.steps

    def look(self, measured: Mapping[str, float], step: int) -> None:
        self.D, self.R = measured["D"], measured["R"]
        self.D_error = measured["D_error"]

    def record(self, step: int) -> dict[str, float]:
        known = {"missing": self._missing()} if self.weight else {}
        return {"C": self.C_after(step), "target": self.target} | known

    def _missing(self) -> float:
        """Return how far the moving mean of D, corrected for its start at 0, is above D*."""
        return self.mean / self.weight - self.target

    def _hint(self, tolerance: float) -> str:
        """Return what could bring D closer to D*."""
        longer = "a longer training may reach it"
        if not self.weight:
            return longer
        in_training = self.target + self._missing()
        if abs(in_training - self.D) <= tolerance:
            return longer
        apart = f"in training D is {in_training:.2f}, by which C is moved"
        if (batches := self.averaging * self.steps) < _FEW_BATCHES:
            return f"{apart}, the mean of about {batches:.1f} batches; {longer}"
        cause = "noise, such as dropped words, raises it"
        if in_training < self.D:
            cause = "sentences learnt by heart lower it"
        return f"{apart}: {cause}"

    def outcome(self) -> Outcome | None:
        if self.D_error < 0:
            return None
        tolerance = max(2 * self.D_error, TOLERANCE * self.target)
        missing = self.D - self.target
        side = "above" if missing > 0 else "below"
        astray = strays(self.R, self.aim)
        at = f"D = {self.D:.2f} on validation sentences"
        if missing <= 0 and self.R < MIN_RATE:
            # D is that of a language model.
            status = "infeasible"
            reason = (
                f"{at} without a code, {-missing:.2f} nats below D* = {self.target:g};"
                " expected a smaller D*"
            )
        elif abs(missing) <= tolerance:
            status = "reached"
            reason = f"{at} is within {tolerance:.2f} nats of D* = {self.target:g}"
        elif missing <= 0 and self.aim <= _AT_BOUND * self.max_aim:
            status = "infeasible"
            reason = (
                f"{at} with hardly a code, R = {self.R:.2f}, {-missing:.2f} nats below"
                f" D* = {self.target:g}; expected a smaller D*"
            )
        elif missing > 0 and self.aim >= (1 - _AT_BOUND) * self.max_aim and not astray:
            status = "infeasible"
            reason = (
                f"{at} with the largest C allowed, {missing:.2f} nats above D* = {self.target:g};"
                " expected a larger D*, a longer training or more dimensions"
            )
        else:
            status = "missed"
            reason = (
                f"{at} is {abs(missing):.2f} nats {side} D* = {self.target:g}, more than the"
                f" tolerance of {tolerance:.2f}; {self._hint(tolerance)}"
            )
        if status != "infeasible" and astray:
            joined = ", but" if status == "reached" else ";"
            status = "missed"
            reason += f"{joined} {astray}: it is not this C that gives D"
        figures = {"target": self.target, "D": self.D, "R": self.R, "tolerance": tolerance}
        return Outcome("distortion", status, rounded(self.aim), reason, figures)
