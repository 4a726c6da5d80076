"""C moved until the code carries a given information, or has a number of soft active units.

Does not import torch.
"""

import math
from collections.abc import Mapping

from textvae.empty_codes import carries_little
from textvae.errors import InputError
from textvae.training.automatic.controller import (
    HELD_FROM,
    Controller,
    Outcome,
    clipped,
    passes,
    rounded,
    strays,
)

LOOKS = 20
# The share of all steps after which the last look that moves C is.
LAST_MOVE = (math.ceil(HELD_FROM * LOOKS) - 1) / LOOKS
# The share of all steps until which C stays at its start.
WARM_UP = 0.2
GAIN = 0.7
# Two looks in a row must be within this many nats, or units.
NATS, UNITS = 0.25, 1.0
# The estimate of I is at most the logarithm of the number of sentences.
MARGIN = 1.0


class InformationController(Controller):
    """C follows the estimate of I from below: C + 0.7 (I* - I) after each look.

    With units in place of nats C is multiplied by exp(0.7 (AU* - AU) / AU*), with d / 4 in place of
    a smaller AU*; AU are soft active units of d. If C doubles while I stays and is below a third of
    R, the search ends: the rate rises without information.
    """

    FIELDS = ("value", "R", "close", "looks", "base_C", "base_value", "stopped", "ended")

    def __init__(
        self,
        C: float,
        max_C: float,
        steps: int,
        ramp: float,
        *,
        nats: float | None,
        units: int | None,
    ) -> None:
        """Begin at a C; nats: I*; units: AU*, if I* is None."""
        super().__init__(C, steps, ramp)
        self.max_aim = max_C
        self.nats = nats
        self.units = units
        self.value = self.R = self.close = self.looks = self.stopped = self.ended = 0.0
        # The last look that brought information, for the check that C does not rise in vain.
        self.base_C, self.base_value = C, -math.inf

    @property
    def target(self) -> float:
        return float(self.units or 0) if self.nats is None else self.nats

    @property
    def tolerance(self) -> float:
        return tolerance(self.nats, self.units)

    def looks_after(self, step: int) -> bool:
        return passes(step, self.steps, LOOKS)

    def look(self, measured: Mapping[str, float], step: int) -> None:
        self.value, self.R = self._value(measured), measured["R"]
        self.looks += 1
        self.ended = float(step == self.steps)
        share = step / self.steps
        if share < WARM_UP or step < self.ramp:
            return
        missing = self.target - self.value
        self.close = self.close + 1 if abs(missing) <= self.tolerance else 0.0
        if self.stopped or share >= HELD_FROM:
            return
        if self.value > self.base_value + self.tolerance:
            self.base_C, self.base_value = self.aim, self.value
        elif self.aim >= 2 * self.base_C and carries_little(self.R, _from_above(measured)):
            self.stopped = 1.0
            return
        if self.nats is None:
            # At most half of the units change if C changes by a factor e: stable from a quarter on.
            units = max(self.target, measured["units"] / 4)
            change = self.aim * (math.exp(GAIN * clipped(missing / units, -1, 1)) - 1)
        else:
            change = GAIN * missing
        self.aim = clipped(self.aim + change, 0, self.max_aim)

    def _value(self, measured: Mapping[str, float]) -> float:
        if self.nats is None:
            return measured["soft_active_units"]
        sentences = measured.get("sentences", math.inf)
        if "I" not in measured or sentences < sentences_for(self.nats):
            raise InputError(too_few_sentences(self.nats, sentences))
        return measured["I"]

    def record(self, step: int) -> dict[str, float]:
        known = {"missing": self.target - self.value} if self.looks else {}
        return {"C": self.C_after(step), "target": self.target} | known

    def outcome(self) -> Outcome | None:
        if not self.ended:
            return None
        name = "soft AU" if self.nats is None else "I"
        value = f"{name} = {max(0.0, self.value):.2f} on validation sentences"
        wanted = f"{name}* = {self.target:g}"
        missing = self.target - self.value
        astray = strays(self.R, self.aim)
        if self.close >= 2:
            status = "reached"
            reason = f"{value} is within {self.tolerance:g} of {wanted}, at two looks in a row"
            if astray:
                status = "missed"
                reason += f", but {astray}: it is not this C that gives {name}"
        elif self.stopped:
            status = "infeasible"
            reason = (
                f"rate without information: C doubled from {self.base_C:.2f}, {name} stayed at"
                f" {max(0.0, self.base_value):.2f}, below {wanted}, and I is less than a third of R"
            )
        elif missing > 0 and self.aim >= self.max_aim and not astray:
            status = "infeasible"
            reason = f"{value} with the largest C allowed, below {wanted}"
        elif missing < 0 and rounded(self.aim) == 0 and not astray:
            # With units C falls by factors.
            status = "infeasible"
            reason = f"{value} with C = 0, above {wanted}"
        else:
            status = "missed"
            reason = (
                f"{value} is {abs(missing):.2f} {'below' if missing > 0 else 'above'} {wanted} or"
                " has only just reached it; "
                + (f"{astray}; " if astray else "")
                + "a longer training may reach it"
            )
        figures = {"target": self.target, "value": self.value, "R": self.R}
        by = "units" if self.nats is None else "information"
        return Outcome(by, status, rounded(self.aim), reason, figures)


def tolerance(nats: float | None, units: float | None) -> float:
    """Return how far from its target an I in nats, or a number of units, may be.

    At most half of it, so that a code without information does not reach a small one.
    """
    return min(UNITS, (units or 0) / 2) if nats is None else min(NATS, nats / 2)


def too_few_sentences(nats: float, sentences: float) -> str:
    """Return the message for an I* that takes more validation sentences."""
    return (
        f"target_information {nats:g} needs at least {sentences_for(nats)} validation sentences,"
        f" found {sentences:g}"
    )


def sentences_for(nats: float) -> int:
    """Return the fewest sentences of which this information can be estimated."""
    return math.ceil(math.exp(nats + MARGIN))


def _from_above(measured: Mapping[str, float]) -> float:
    """Return the estimate of I that decides whether the code carries little."""
    return measured.get("I_upper", measured["I"])
