"""The paper's posterior q(z|x): a diagonal Gaussian."""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.parts import PosteriorNetwork
from textvae.models.posterior import Posterior
from textvae.registry import POSTERIORS
from textvae.settings import Settings, setting


@dataclass(frozen=True)
class Gaussian(Posterior):
    """Diagonal Gaussians; mean and log_variance are (B, d)."""

    log_variance: Tensor

    @property
    def standard_deviation(self) -> Tensor:
        """Return the standard deviation of each number of z, (B, d)."""
        return torch.exp(0.5 * self.log_variance)

    def sample(self, noise: Tensor) -> Tensor:
        """Return mean + standard deviation * noise."""
        return self.mean + self.standard_deviation * noise

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z|x) in nats; z (..., B, d) gives (..., B)."""
        squares = (z - self.mean) ** 2 / self.log_variance.exp()
        return -0.5 * (squares + self.log_variance + math.log(2 * math.pi)).sum(-1)

    def pairwise_log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z_i|x_j) in nats by two matrix products; z (n, d) gives (n, B)."""
        precision = torch.exp(-self.log_variance)
        constant = (self.mean**2 * precision + self.log_variance).sum(1)
        constant = constant + self.mean.shape[1] * math.log(2 * math.pi)
        squares = z**2 @ precision.t() - 2 * z @ (self.mean * precision).t()
        return -0.5 * (squares + constant)

    def entropy(self) -> Tensor:
        """Return the entropy of q(z|x) in nats, (B,)."""
        return 0.5 * (self.log_variance + math.log(2 * math.pi * math.e)).sum(-1)

    def widened(self, by: float) -> "Gaussian":
        """Return a copy with log-variances increased by `by`."""
        return replace(self, log_variance=self.log_variance + by)


@POSTERIORS.register("diagonal-gaussian")
class DiagonalGaussian(PosteriorNetwork):
    """Mean and log-variance by two linear layers."""

    class Settings(Settings):
        """Settings of the initialisation."""

        mean_gain: float = setting(1.0, "factor on the initial weights of the posterior mean", gt=0)

    def __init__(self, features: int, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.mean = nn.Linear(features, architecture.latent)
        self.log_variance = nn.Linear(features, architecture.latent)
        for layer in (self.mean, self.log_variance):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.mean.weight.mul_(settings.mean_gain)

    def forward(self, features: Tensor) -> Gaussian:
        """Return q(z|x) of B sentences from features (B, H)."""
        return Gaussian(self.mean(features), self.log_variance(features))
