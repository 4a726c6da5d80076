"""Cyclical annealing of the weight of the rate (Fu et al. 2019)."""

from typing import TYPE_CHECKING, Any

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.annealing import Annealing

if TYPE_CHECKING:
    from collections.abc import Mapping


@OBJECTIVES.register("cyclical-annealing", title="cyclical annealing", uses_C=False)
class CyclicalAnnealing(Annealing):
    """D + beta R, beta rising from 0 to 1 in each of M cycles.

    At step s of S, tau = frac(M s / S) and beta = min(1, tau / r). Fu et al.'s code also restarts
    the learning rate in each cycle, but not for the annealing that it is compared with; here the
    learning rate is that of every other objective.
    """

    class Settings(Settings):
        """Settings of cyclical annealing; the defaults are those of Fu et al.'s code."""

        cycles: int = setting(4, "cycles M of the weight of the rate in the training", ge=1)
        cycle_rise: float = setting(
            0.5, "share r of a cycle in which the weight of the rate rises to 1", gt=0, le=1
        )

    @classmethod
    def check_job(
        cls, settings: Settings, trained: "Mapping[str, Any]", steps: int | None, valid: int | None
    ) -> str | None:
        """Refuse cycles that are too short for the weight of the rate to rise."""
        if steps is None or steps > 2 * settings.cycles:
            return super().check_job(settings, trained, steps, valid)
        return (
            f"cycles {settings.cycles} in {steps} steps, expected more than {2 * settings.cycles}"
            " steps, in which the weight of the rate can rise"
        )

    def weight(self, step: int) -> float:
        """Return beta at a step from 0."""
        steps = self.schedule.steps
        tau = self.settings.cycles * step % steps / steps
        return min(1.0, tau / self.settings.cycle_rise)
