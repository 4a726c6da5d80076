"""The evidence lower bound, and the beta-VAE's (paper, eqn. 1)."""

from typing import TYPE_CHECKING

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from torch import Tensor

    from textvae.models.terms import BatchTerms


@OBJECTIVES.register("elbo", title="ELBO", uses_C=False)
class ELBO(Objective):
    """D + beta R: the negative ELBO where beta is 1; C plays no part."""

    class Settings(Settings):
        """The weight."""

        beta: float = setting(1.0, "weight of the rate term", ge=0)

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """D + beta R, both means over the batch."""
        return terms.distortion + self.settings.beta * terms.rates.mean()
