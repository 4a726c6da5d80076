"""What a model's forward pass gives an objective."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from textvae.models.parts import Prior
    from textvae.models.posterior import Posterior


@dataclass(frozen=True)
class BatchTerms:
    """The terms of B sentences, in nats, float32 and differentiable.

    distortion: scalar, -log p(x|z) of a sentence, mean over the batch. rates: (B,) KL(q(z|x) ||
    p(z)) of each sentence, or its estimate by that z. z: (B, d) the codes drawn. posterior: q(z|x),
    by the batch's rows. losses: further scalars by name, as the model's parts give them.
    """

    distortion: "Tensor"
    rates: "Tensor"
    z: "Tensor"
    posterior: "Posterior"
    prior: "Prior"
    losses: Mapping[str, "Tensor"] = field(default_factory=dict)

    @property
    def rates_by_dimension(self) -> "Tensor":
        """(B, d) nats of each dimension of z; InputError where there is no closed form of it."""
        from textvae.models.rate import rate_by_dimension

        return rate_by_dimension(self.posterior, self.prior)
