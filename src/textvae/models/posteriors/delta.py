"""The posterior with a committed rate of delta-VAE (Razavi et al. 2019), independent dimensions.

As in the code of Zhu et al. (2020), the network gives the rate of each dimension above delta, and
how it is divided between mean and variance. There is no official code.
"""

import math

import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.parts import PosteriorNetwork
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.registry import POSTERIORS
from textvae.settings import Settings, setting

# The share of the way from the smallest to the largest deviation is 1 to 1 / _SHARES.
_SHARES = 50.0
# The square of the smallest mean: the square root is not differentiable at 0.
_FLOOR = 1e-6


@POSTERIORS.register(
    "delta", check="textvae.models.code_limits:delta", C_setting="delta_rate", summary="delta-VAE"
)
class DeltaPosterior(PosteriorNetwork):
    """Diagonal Gaussians with a rate of at least delta in each dimension, for the prior N(0, I).

    KL = delta + relu(m) / 2 in each dimension, so that R >= d delta = C whatever the weights, also
    where the posterior is the same for all sentences and I = 0. No mean is negative.
    """

    class Settings(Settings):
        """Settings of the committed rate."""

        delta_rate: float | None = setting(
            None, "least rate of each dimension, nats; by default C / d", ge=0
        )
        mean_gain: float = setting(1.0, "factor on the initial weights of the posterior mean", gt=0)

    def __init__(self, features: int, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.given = settings.delta_rate
        self.excess = nn.Linear(features, architecture.latent)
        self.width = nn.Linear(features, architecture.latent)
        for layer in (self.excess, self.width):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.excess.weight.mul_(settings.mean_gain)
        self.latent = architecture.latent
        self.register_buffer("delta", torch.zeros((), dtype=torch.float64))
        self.register_buffer("deviations", torch.ones(2, dtype=torch.float64))
        self.aim(0.0)

    def aim(self, C: float) -> None:
        """Set delta, and the deviations at which a mean of 0 has this rate."""
        delta = C / self.latent if self.given is None else self.given
        self.delta.fill_(delta)
        self.deviations.copy_(torch.tensor(deviations(delta), dtype=torch.float64))

    def forward(self, features: Tensor) -> Gaussian:
        """Return q(z|x) of B sentences from features (B, H)."""
        low, high = self.deviations.to(features.dtype)
        # 1 / clamp(1 + exp(-a), 1, 50).
        share = torch.sigmoid(self.width(features)).clamp(min=1 / _SHARES)
        deviation = low + (high - low) * share
        log_variance = 2 * deviation.log()
        least = (2 * self.delta.to(features.dtype) + 1 + log_variance - deviation**2).clamp(min=0)
        mean = (least + self.excess(features).relu() + _FLOOR).sqrt()
        return Gaussian(mean, log_variance)


def deviations(delta: float) -> tuple[float, float]:
    """Return the two standard deviations s with (s^2 - 1 - ln s^2) / 2 = delta >= 0."""

    def excess(log_variance: float) -> float:
        return (math.exp(log_variance) - 1 - log_variance) / 2 - delta

    roots = []
    for far in (-2 * delta - 1.0, math.log(4 * delta + 4)):
        near = 0.0
        for _ in range(200):
            middle = (near + far) / 2
            near, far = (near, middle) if excess(middle) > 0 else (middle, far)
        roots.append(math.exp((near + far) / 4))
    return roots[0], roots[1]
