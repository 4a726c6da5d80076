"""A mixture of Gaussians as prior, learnt with the model."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.components import component_of
from textvae.models.learnt_prior import LearntPrior
from textvae.models.parts import Moments
from textvae.registry import PRIORS
from textvae.settings import Settings, setting


@PRIORS.register("gaussian-mixture", check="textvae.models.code_limits:gaussian_mixture")
class GaussianMixture(LearntPrior):
    """Mixture of diagonal Gaussians with learnt weights, means and variances.

    Its mean is 0 and its deviation 1 in every dimension: the scale of codes has no effect on the
    model otherwise, and would drift.
    """

    class Settings(Settings):
        """Settings of the mixture."""

        mixture_components: int = setting(100, "Gaussians in the mixture prior", ge=1, le=10_000)

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        count, latent = settings.mixture_components, architecture.latent
        self.means = nn.Parameter(torch.randn(count, latent))
        self.log_deviations = nn.Parameter(torch.zeros(count, latent))
        self.logits = nn.Parameter(torch.zeros(count))

    def components(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return log-weights (K,), means and log-deviations (K, d) of the standardised mixture."""
        log_weights = self.logits.log_softmax(0)
        weights = log_weights.exp()[:, None]
        mean = (weights * self.means).sum(0)
        squares = (2 * self.log_deviations).exp() + (self.means - mean) ** 2
        deviation = (weights * squares).sum(0).sqrt()
        return log_weights, (self.means - mean) / deviation, self.log_deviations - deviation.log()

    def density(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""
        log_weights, means, widths = (each.to(z) for each in self.components())
        scaled = (z.unsqueeze(-2) - means) * torch.exp(-widths)
        log_normal = -0.5 * (scaled**2 + math.log(2 * math.pi)).sum(-1) - widths.sum(-1)
        return (log_normal + log_weights).logsumexp(-1)

    def codes(self, noise: Tensor) -> Tensor:
        """Return a code of the component that the first number selects, (N, d)."""
        log_weights, means, widths = self.components()
        chosen, noise = component_of(noise, log_weights.double().exp())
        return means[chosen] + widths[chosen].exp() * noise

    @torch.no_grad()
    def moments(self) -> Moments:
        """Return mean 0 and the covariance of the mixture, with 1 on its diagonal."""
        log_weights, means, _ = (each.double().cpu().numpy() for each in self.components())
        covariance = (np.exp(log_weights)[:, None] * means).T @ means
        np.fill_diagonal(covariance, 1)
        return Moments(np.zeros(len(covariance)), covariance, gaussian=len(means) == 1)

    def components_in_use(self) -> float:
        """Return exp of the entropy of the weights, from 1 to the number of components."""
        log_weights = self.logits.detach().double().log_softmax(0)
        return float(torch.exp(-(log_weights.exp() * log_weights).sum()))
