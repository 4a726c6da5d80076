"""The paper's objective: the rate is constrained to C (eqn. 2)."""

from typing import TYPE_CHECKING

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from torch import Tensor

    from textvae.models.terms import BatchTerms


@OBJECTIVES.register("rate-target", title="|R − C|", uses_C=True)
class RateTarget(Objective):
    """D + beta |R - C|, C rising from 0 over the first epochs."""

    class Settings(Settings):
        """Weight of the rate term, and ramp of C."""

        beta: float = setting(1.0, "weight of the rate term", ge=0)
        ramp_epochs: float = setting(2.0, "epochs over which C rises from 0 to its value", ge=0)

    def target(self, step: int) -> float:
        """Return C at a step from 0: linear from 0 over the ramp, as in the authors' scripts."""
        ramp = self.settings.ramp_epochs * self.schedule.steps_per_epoch
        return self.C if step >= ramp else self.C * step / ramp

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + beta |R - C|, both means over the batch, a scalar in nats per sentence.

        The absolute value is taken of the mean rate of the batch, not of each sentence: the rate of
        a long sentence may exceed C if that of a short one is below it. Batches must therefore be
        drawn i.i.d.
        """
        gap = (terms.rates.mean() - self.target(step)).abs()
        return terms.distortion + self.settings.beta * gap

    def record(self, step: int) -> dict[str, float]:
        """Return C at the step, nats."""
        return {"C": self.target(step)}
