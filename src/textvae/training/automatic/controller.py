"""The interface of a controller of C, and how a search for C ends. Does not import torch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

# The share of all steps from which on C is held.
HELD_FROM = 0.9
# Nats, and a share of C, by which R may be off a C that it follows: more than its noise.
_FREE, _FREE_SHARE = 2.0, 0.1
# The C that is found is part of a path, and its error is larger than this.
_DECIMALS = 2


@dataclass(frozen=True)
class Outcome:
    """How a search for C ended.

    status: "reached"; "missed" if the end of the training was too early; "infeasible" if no C has
    what is wanted. C: the C that was found, nats. reason: a sentence without a full stop.
    figures: further numbers, as JSON.
    """

    by: str
    status: Literal["reached", "missed", "infeasible"]
    C: float
    reason: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status}: C = {self.C:g}: {self.reason}"

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)


def rounded(C: float) -> float:
    """Return a C to two decimals."""
    return round(C, _DECIMALS)


class Controller:
    """C in nats, moved after steps of a training or after looks at validation sentences.

    aim: C, but for its rise from 0 at the start. The state is this and the attributes named in
    `FIELDS`, floats: the same numbers give the same decisions. Steps are counted from 1 here:
    `step` steps have been taken.
    """

    FIELDS: tuple[str, ...] = ()

    def __init__(self, C: float, steps: int, ramp: float = 0.0) -> None:
        """Begin a training of `steps` steps at a C, to which it rises from 0 in `ramp` steps."""
        self.aim = C
        self.steps = steps
        self.ramp = ramp

    def numbers(self) -> list[float]:
        """Return the state."""
        return [getattr(self, name) for name in ("aim", *self.FIELDS)]

    def restore(self, numbers: Sequence[float]) -> None:
        """Set the state to one that `numbers` returned."""
        for name, value in zip(("aim", *self.FIELDS), numbers, strict=True):
            setattr(self, name, value)

    def C_after(self, step: int) -> float:
        """Return C for the step that follows `step` others."""
        return self.aim if step >= self.ramp else self.aim * step / self.ramp

    def observes_after(self, step: int) -> bool:
        """Return whether `observe` is due after a step."""
        return False

    def observe(self, distortion: float, batches: int, step: int) -> None:
        """Move C after a step; distortion: mean of the batches since the last call, nats."""

    def looks_after(self, step: int) -> bool:
        """Return whether `look` is due after a step."""
        return False

    def look(self, measured: Mapping[str, float], step: int) -> None:
        """Move C after a step by values of validation sentences, named as in the training log."""

    def record(self, step: int) -> dict[str, float]:
        """Return the values to log for the step that follows `step` others."""
        return {"C": self.C_after(step)}

    def outcome(self) -> Outcome | None:
        """Return how the search ended; None before its end."""
        return None


def strays(R: float, C: float) -> str | None:
    """Return how R failed to follow C, both in nats, for a reason; None if it did."""
    if abs(R - C) <= max(_FREE, _FREE_SHARE * C):
        return None
    direction = "come down" if R > C else "rise"
    return f"R = {R:.2f} did not {direction} to C = {C:.2f}"


def clipped(value: float, least: float, most: float) -> float:
    """Return the nearest value between two bounds."""
    return min(max(value, least), most)


def passes(step: int, steps: int, times: int) -> bool:
    """Return whether one of `times` equal parts of all steps ends with this step."""
    return step * times // steps > (step - 1) * times // steps
