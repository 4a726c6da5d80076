"""Diagonal Gaussians: the paper's posterior q(z|x) and prior p(z) = N(0, I)."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Gaussian:
    """A batch of diagonal Gaussians; mean and log_variance are (B, d)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """mean + standard deviation * noise, differentiable; noise is (..., B, d) of N(0, 1)."""
        return self.mean + torch.exp(0.5 * self.log_variance) * noise

    def log_density(self, z: Tensor) -> Tensor:
        """log q(z), nats; z (..., B, d) gives (..., B)."""
        squares = (z - self.mean) ** 2 / self.log_variance.exp()
        return -0.5 * (squares + self.log_variance + math.log(2 * math.pi)).sum(-1)


class DiagonalGaussian(nn.Module):
    """Posterior parameters from the encoder's last state by two linear layers."""

    def __init__(self, features: int, latent: int, mean_gain: float) -> None:
        super().__init__()
        self.mean = nn.Linear(features, latent)
        self.log_variance = nn.Linear(features, latent)
        for layer in (self.mean, self.log_variance):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.mean.weight.mul_(mean_gain)

    def forward(self, features: Tensor) -> Gaussian:
        """Features (B, H) to q(z|x) of B sentences."""
        return Gaussian(self.mean(features), self.log_variance(features))


class StandardNormal(nn.Module):
    """The prior N(0, I)."""

    def rate(self, posterior: Gaussian, z: Tensor) -> Tensor:
        """KL(q(z|x) || p(z)) of each sentence in nats, (B,), in closed form (z is not needed)."""
        mean, log_variance = posterior.mean, posterior.log_variance
        return 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(-1)

    def log_density(self, z: Tensor) -> Tensor:
        """log p(z), nats; z (..., d) gives (...)."""
        return -0.5 * (z**2 + math.log(2 * math.pi)).sum(-1)
