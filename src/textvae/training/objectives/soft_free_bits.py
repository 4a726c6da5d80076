"""Soft free bits: the weight of the rate adapts to keep the rate near C (Chen et al. 2017)."""

import math
from typing import TYPE_CHECKING, Any

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from textvae.models.terms import BatchTerms
    from textvae.training.schedule import Schedule

# Above C by this share, the rate is too high.
_TOLERANCE = 0.05
_MIN_WEIGHT = 1e-4
# By which the weight must be able to change in a training.
_LEAST_FACTOR = 1.1


@OBJECTIVES.register("soft-free-bits", title="soft free bits", uses_C=True)
class SoftFreeBits(Objective):
    """D + g R: after a step, g falls by a tenth if R < C, and rises by a tenth if R > 1.05 C.

    Chen et al. (2017, appendix C), who start at g = 0.1 and keep g at most 1. Here R is the mean
    rate of the batch, and g is at least 0.0001, so that it can rise again.
    """

    class Settings(Settings):
        """Settings of soft free bits."""

        soft_start: float = setting(0.1, "weight of the rate at the start", ge=_MIN_WEIGHT, le=1)
        soft_step: float = setting(
            0.1, "share by which the weight of the rate changes in a step", ge=1e-4, le=0.9
        )

    def __init__(self, settings: Settings, C: float, schedule: "Schedule") -> None:
        import torch

        super().__init__(settings, C, schedule)
        self.state = {"weight": torch.tensor(settings.soft_start)}

    @classmethod
    def check_job(
        cls, settings: Settings, trained: "Mapping[str, Any]", steps: int | None, valid: int | None
    ) -> str | None:
        """Refuse a weight that hardly changes in the whole training."""
        # The logarithm of the factor: the factor itself may be beyond float64.
        if steps is None or steps * math.log1p(settings.soft_step) >= math.log(_LEAST_FACTOR):
            return None
        return (
            f"soft_step {settings.soft_step:g} changes the weight of the rate by a factor of"
            f" {(1 + settings.soft_step) ** steps:.3g} in {steps} steps, expected at least"
            f" {_LEAST_FACTOR:g}: a larger soft_step or a longer training"
        )

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + g R, both means over the batch, a scalar in nats per sentence."""
        return terms.distortion + self.state["weight"] * terms.rates.mean()

    def update(self, means: "Mapping[str, Tensor]", step: int) -> None:
        """Lower or raise the weight."""
        falls, rises = means["R"] < self.C, means["R"] > (1 + _TOLERANCE) * self.C
        change = self.settings.soft_step * (rises.float() - falls.float())
        self.state["weight"] = (self.state["weight"] * (1 + change)).clamp(_MIN_WEIGHT, 1)

    def record(self, step: int) -> dict[str, float]:
        """Return C and the weight."""
        return {"C": self.C, "weight": self.state["weight"].item()}
