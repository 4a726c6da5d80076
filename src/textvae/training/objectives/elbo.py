"""The negative ELBO and the objective of the beta-VAE (paper, eqn. 1)."""

from typing import TYPE_CHECKING

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from torch import Tensor

    from textvae.models.terms import BatchTerms


@OBJECTIVES.register("elbo", title="ELBO", uses_C=False)
class ELBO(Objective):
    """D + beta R: the negative ELBO if beta is 1; C is not used."""

    class Settings(Settings):
        """Settings of the ELBO."""

        beta: float = setting(1.0, "weight of the rate term", ge=0)

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + beta R, both means over the batch, a scalar in nats per sentence."""
        return terms.distortion + self.settings.beta * terms.rates.mean()
