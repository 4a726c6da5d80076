"""PI control of the weight of the rate (ControlVAE, Shao et al. 2020)."""

from typing import TYPE_CHECKING

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.gains import MIN_SHARE, immobile
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from textvae.models.terms import BatchTerms
    from textvae.training.schedule import Schedule


@OBJECTIVES.register("pi-control", title="PI control", uses_C=True)
class PIControl(Objective):
    """D + beta R, beta set by a PI controller of the error e = C - R of the previous step.

    ControlVAE (Shao et al. 2020): P = Kp / (1 + exp(e)), I becomes I - Ki e, and beta = P + I, kept
    between its bounds; R is the mean rate of the batch. Anti-windup: where beta is at a bound, I is
    what reaches the bound, so that beta leaves it at the first step with an error of the other
    sign. (A test that is never true disables the anti-windup in ControlVAE's code for text.)
    """

    class Settings(Settings):
        """Settings of the controller; ControlVAE's gains for text, in a training of 80,000 steps.

        Its Ki is 0.0001 for a step.
        """

        proportional_gain: float = setting(0.01, "gain Kp of the proportional part", ge=0)
        integral_gain: float = setting(
            8.0,
            "change of beta in a whole training for each nat of error, Ki times the steps",
            ge=0,
        )
        pi_min_beta: float = setting(0.0, "smallest weight of the rate", ge=0)
        pi_max_beta: float = setting(1.0, "largest weight of the rate", gt=0)

    def __init__(self, settings: Settings, C: float, schedule: "Schedule") -> None:
        import torch

        super().__init__(settings, C, schedule)
        self.state = {"integral": torch.zeros(()), "beta": torch.zeros(())}
        self._set(torch.tensor(settings.proportional_gain / 2), torch.zeros(()))

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse bounds without a range, and gains that cannot move the weight."""
        least, most = settings.pi_min_beta, settings.pi_max_beta
        if least >= most:
            return f"pi_min_beta {least:g} is not below pi_max_beta {most:g}"
        if settings.integral_gain > 0:
            # The rate may exceed a small C by a nat.
            return immobile("integral_gain", settings.integral_gain, max(C, 1), most - least)
        # The proportional part is between 0 and its gain.
        expected = least + MIN_SHARE * (most - least)
        if settings.proportional_gain < expected:
            return (
                f"integral_gain is 0 and proportional_gain {settings.proportional_gain:g}, which"
                " alone hardly moves the weight of the rate, expected at least"
                f" {expected:.2g}"
            )
        return None

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + beta R, both means over the batch, a scalar in nats per sentence."""
        return terms.distortion + self.state["beta"] * terms.rates.mean()

    def update(self, means: "Mapping[str, Tensor]", step: int) -> None:
        """Set beta from the error of the step."""
        error = self.C - means["R"]
        gain = self.settings.integral_gain / self.schedule.steps
        # sigmoid(-e) is 1 / (1 + exp(e)), which overflows.
        proportional = self.settings.proportional_gain * (-error).sigmoid()
        self._set(proportional, self.state["integral"] - gain * error)

    def _set(self, proportional: "Tensor", integral: "Tensor") -> None:
        bounds = self.settings.pi_min_beta, self.settings.pi_max_beta
        beta = (proportional + integral).clamp(*bounds)
        # Without an integral part there is nothing to wind up.
        if self.settings.integral_gain > 0:
            integral = beta - proportional
        self.state = {"integral": integral, "beta": beta}

    def record(self, step: int) -> dict[str, float]:
        """Return C and beta."""
        return {"C": self.C, "beta": self.state["beta"].item()}
