"""Logistic annealing of the weight of the rate (Bowman et al. 2016)."""

import math

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.annealing import FULL_WEIGHT, Annealing


@OBJECTIVES.register("logistic-annealing", title="logistic annealing", uses_C=False)
class LogisticAnnealing(Annealing):
    """D + beta R, beta = 1 / (1 + exp(-k (s / x0 - 1))) at step s: a half at step x0, then 1."""

    class Settings(Settings):
        """Settings of logistic annealing; the steepness is that of timbmg/Sentence-VAE."""

        logistic_middle: float = setting(
            0.2, "share of the steps after which the weight of the rate is a half", gt=0, le=1
        )
        logistic_steepness: float = setting(
            6.25, "steepness k; the weight of the rate starts at 1 / (1 + exp(k))", gt=0, le=100
        )

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a rise that does not end within the training."""
        last = _logistic(settings.logistic_steepness * (1 / settings.logistic_middle - 1))
        if last >= FULL_WEIGHT:
            return None
        return (
            f"logistic_middle {settings.logistic_middle:g} and logistic_steepness"
            f" {settings.logistic_steepness:g} only raise the weight of the rate to {last:.3g} by"
            f" the end of the training, expected at least {FULL_WEIGHT:g}"
        )

    def weight(self, step: int) -> float:
        """Return beta at a step from 0."""
        middle = self.settings.logistic_middle * self.schedule.steps
        return _logistic(self.settings.logistic_steepness * (step / middle - 1))


def _logistic(x: float) -> float:
    # exp of a large number overflows.
    return 1 / (1 + math.exp(-x)) if x > 0 else 1 - 1 / (1 + math.exp(x))
