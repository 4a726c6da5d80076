"""The paper's prior p(z) = N(0, I)."""

import math

from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.registry import PRIORS
from textvae.settings import Settings


@PRIORS.register("standard-normal")
class StandardNormal(nn.Module):
    """N(0, I)."""

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()

    def rate(self, posterior: Gaussian, z: Tensor) -> Tensor:
        """KL(q(z|x) || p(z)) of each sentence in nats, (B,), in closed form (z is not needed)."""
        mean, log_variance = posterior.mean, posterior.log_variance
        return 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(-1)

    def log_density(self, z: Tensor) -> Tensor:
        """log p(z), nats; z (..., d) gives (...)."""
        return -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
