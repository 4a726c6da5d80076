"""Output of a model's forward pass, from which an objective is computed."""

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

    distortion: scalar, -log p(x|z), mean over the sentences. rates: (B,) KL(q(z|x) || p(z)) of each
    sentence, or its estimate with z. z: (B, d), the sampled codes. posterior: q(z|x), by the rows
    of the batch. losses: additional scalars of the model's parts, by name.
    """

    distortion: "Tensor"
    rates: "Tensor"
    z: "Tensor"
    posterior: "Posterior"
    prior: "Prior"
    losses: Mapping[str, "Tensor"] = field(default_factory=dict)

    @property
    def rates_by_dimension(self) -> "Tensor":
        """Return the rate of each dimension, (B, d), nats; InputError without a closed form."""
        from textvae.models.rate import rate_by_dimension

        return rate_by_dimension(self.posterior, self.prior)
