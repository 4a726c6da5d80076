"""The minimum desired rate (Pelsmaeker and Aziz 2019)."""

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

_MAX = 2.0


@OBJECTIVES.register("mdr", title="MDR", uses_C=True)
class MDR(Objective):
    """D + R + u (C - R): the ELBO subject to R >= C, the multiplier u rising while R < C.

    Pelsmaeker and Aziz (2019). After a step u becomes u + eta (1 - R / C), kept from 0 to 2, with R
    the mean rate of the batch; their code takes a step of RMSprop on |u| instead, which does not
    grow with C either. The weight of the rate is 1 - u: it is that of the ELBO where u is 0, and
    unlike max(C, R) still pushes where R is below C. Where eta is large, R swings around C.
    """

    class Settings(Settings):
        """Settings of the multiplier."""

        mdr_start: float = setting(0.5, "multiplier at the start", ge=0, le=_MAX)
        mdr_gain: float = setting(
            3.0, "rise of the multiplier in a whole training that has a rate of 0", gt=0
        )

    def __init__(self, settings: Settings, C: float, schedule: "Schedule") -> None:
        import torch

        super().__init__(settings, C, schedule)
        self.state = {"multiplier": torch.tensor(settings.mdr_start)}

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a gain that cannot move the multiplier."""
        return immobile("mdr_gain", settings.mdr_gain, 1, _MAX, unit="times C") if C > 0 else None

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + R + u (C - R), means over the batch, a scalar in nats per sentence."""
        rate = terms.rates.mean()
        return terms.distortion + rate + self.state["multiplier"] * (self.C - rate)

    def update(self, means: "Mapping[str, Tensor]", step: int) -> None:
        """Move the multiplier by eta (1 - R / C)."""
        # Any rate meets C = 0, where u falls to 0.
        error = (self.C - means["R"]) / (self.C or 1)
        change = self.settings.mdr_gain / self.schedule.steps * error
        self.state["multiplier"] = (self.state["multiplier"] + change).clamp(0, _MAX)

    def record(self, step: int) -> dict[str, float]:
        """Return C and the multiplier."""
        return {"C": self.C, "multiplier": self.state["multiplier"].item()}
