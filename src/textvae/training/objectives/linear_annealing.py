"""Linear annealing of the weight of the rate (Bowman et al. 2016, who use a sigmoid)."""

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.annealing import Annealing


@OBJECTIVES.register("linear-annealing", title="linear annealing", uses_C=False)
class LinearAnnealing(Annealing):
    """D + beta R, beta rising linearly from 0 to 1 and then constant: min(1, s / x0) at step s."""

    class Settings(Settings):
        """Settings of linear annealing."""

        linear_rise: float = setting(
            0.2, "share of the steps in which the weight of the rate rises to 1", gt=0, le=1
        )

    def weight(self, step: int) -> float:
        """Return beta at a step from 0."""
        return min(1.0, step / (self.settings.linear_rise * self.schedule.steps))
