"""The paper's prior p(z) = N(0, I)."""

import math

import numpy as np
from torch import Tensor

from textvae.models.architecture import Architecture
from textvae.models.parts import Moments, Prior
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.rate import closed_form
from textvae.registry import PRIORS
from textvae.settings import Settings


@PRIORS.register("standard-normal")
class StandardNormal(Prior):
    """N(0, I)."""

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.latent = architecture.latent

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""
        return -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)

    def codes(self, noise: Tensor) -> Tensor:
        """Return the noise itself, (N, d)."""
        return noise

    def moments(self) -> Moments:
        """Return mean 0 and covariance I."""
        return Moments(np.zeros(self.latent), np.eye(self.latent), gaussian=True)


@closed_form(Gaussian, StandardNormal)
def rate(posterior: Gaussian, prior: StandardNormal) -> Tensor:
    """Return KL(q(z|x) || N(0, I)) of each dimension, (B, d), nats."""
    mean, log_variance = posterior.mean, posterior.log_variance
    return 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance)
