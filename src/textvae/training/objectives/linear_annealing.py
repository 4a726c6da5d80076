"""Linear annealing of the weight of the rate (Bowman et al. 2016, who use a sigmoid)."""

from typing import TYPE_CHECKING, Any

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from textvae.models.terms import BatchTerms


@OBJECTIVES.register("linear-annealing", title="linear annealing", uses_C=False)
class LinearAnnealing(Objective):
    """D + beta R, beta rising linearly from 0 to 1 and then constant: min(1, s / x0) at step s."""

    class Settings(Settings):
        """Settings of linear annealing."""

        linear_rise: float = setting(
            0.2, "share of the steps in which the weight of the rate rises to 1", gt=0, le=1
        )

    @classmethod
    def check_job(
        cls, settings: Settings, trained: "Mapping[str, Any]", steps: int | None, valid: int | None
    ) -> str | None:
        """Refuse a training of one step, in which the rate has no weight."""
        return "1 step, in which the rate has no weight; expected more" if steps == 1 else None

    def weight(self, step: int) -> float:
        """Return beta at a step from 0."""
        return min(1.0, step / (self.settings.linear_rise * self.schedule.steps))

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + beta R, both means over the batch, a scalar in nats per sentence."""
        return terms.distortion + self.weight(step) * terms.rates.mean()

    def record(self, step: int) -> dict[str, float]:
        """Return C, which is only a label, and beta."""
        return {"C": self.C, "beta": self.weight(step)}
