"""GECO: the least rate at a target distortion (Rezende and Viola 2018)."""

from typing import TYPE_CHECKING

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.gains import immobile
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from textvae.models.terms import BatchTerms
    from textvae.training.schedule import Schedule

# Of the moving mean of D, for a step.
_AVERAGING = 0.99
# Of ln beta: from 0.001 to 10.
_SPAN = 9.2


@OBJECTIVES.register("geco", title="GECO", uses_C=False)
class GECO(Objective):
    """D + beta R: the least R subject to D <= D*, beta falling while D is above D*.

    Rezende and Viola (2018), with the weight 1 / beta on D. After a step beta becomes
    beta exp(eta (D* - mean D)), as in the GECO of GENESIS, where the mean is a moving one with
    factor 0.99, corrected for its start at 0. The exponent is limited, because D is hundreds of
    nats at the start.
    """

    class Settings(Settings):
        """Settings of the constraint and its multiplier."""

        target_distortion: float | None = setting(
            None, "distortion D* to reach, nats; without a default", ge=0
        )
        geco_gain: float = setting(
            20.0, "change of ln beta in a whole training for each nat that D is below D*", gt=0
        )
        geco_speed: float = setting(25.0, "largest change of ln beta in a whole training", gt=0)
        geco_start: float = setting(0.1, "weight of the rate at the start", gt=0)
        geco_min_beta: float = setting(0.001, "smallest weight of the rate", gt=0)
        geco_max_beta: float = setting(10.0, "largest weight of the rate", gt=0)

    def __init__(self, settings: Settings, C: float, schedule: "Schedule") -> None:
        import torch

        super().__init__(settings, C, schedule)
        self.state = {"beta": torch.tensor(settings.geco_start), "distortion": torch.zeros(())}

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a missing target, a start outside the bounds, and an immobile multiplier."""
        least, start, most = settings.geco_min_beta, settings.geco_start, settings.geco_max_beta
        if settings.target_distortion is None:
            return "target_distortion is missing, the distortion to reach in nats per sentence"
        if not least <= start <= most or least == most:
            return (
                f"geco_start {start:g} is not between geco_min_beta {least:g} and geco_max_beta"
                f" {most:g}"
            )
        # At full speed, and with a distortion that is a nat off.
        return immobile("geco_speed", settings.geco_speed, 1, _SPAN) or immobile(
            "geco_gain", settings.geco_gain, 1, _SPAN
        )

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + beta R, both means over the batch, a scalar in nats per sentence."""
        return terms.distortion + self.state["beta"] * terms.rates.mean()

    def update(self, means: "Mapping[str, Tensor]", step: int) -> None:
        """Update the moving mean of D, and beta with it."""
        settings, steps = self.settings, self.schedule.steps
        kept = _AVERAGING * self.state["distortion"] + (1 - _AVERAGING) * means["D"]
        mean = kept / (1 - _AVERAGING ** (step + 1))
        limit = settings.geco_speed / steps
        change = settings.geco_gain / steps * (settings.target_distortion - mean)
        beta = self.state["beta"] * change.clamp(-limit, limit).exp()
        self.state = {
            "beta": beta.clamp(settings.geco_min_beta, settings.geco_max_beta),
            "distortion": kept,
        }

    def record(self, step: int) -> dict[str, float]:
        """Return C, which is only a label, and beta."""
        return {"C": self.C, "beta": self.state["beta"].item()}
