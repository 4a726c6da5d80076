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
    """Mixture of diagonal Gaussians with learnt weights, means and variances."""

    class Settings(Settings):
        """Settings of the mixture."""

        mixture_components: int = setting(100, "Gaussians in the mixture prior", ge=1, le=10_000)

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        count, latent = settings.mixture_components, architecture.latent
        self.means = nn.Parameter(torch.randn(count, latent))
        self.log_deviations = nn.Parameter(torch.zeros(count, latent))
        self.logits = nn.Parameter(torch.zeros(count))

    def density(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""
        means, widths = self.means.to(z), self.log_deviations.to(z)
        scaled = (z.unsqueeze(-2) - means) * torch.exp(-widths)
        log_normal = -0.5 * (scaled**2 + math.log(2 * math.pi)).sum(-1) - widths.sum(-1)
        return (log_normal + self.logits.to(z).log_softmax(0)).logsumexp(-1)

    def codes(self, noise: Tensor) -> Tensor:
        """Return a code of the component that the first number selects, (N, d)."""
        chosen, noise = component_of(noise, self.logits.double().softmax(0))
        return self.means[chosen] + self.log_deviations[chosen].exp() * noise

    @torch.no_grad()
    def moments(self) -> Moments:
        """Return the mean and the covariance of the mixture."""
        weights = self.logits.double().softmax(0).cpu().numpy()
        means = self.means.double().cpu().numpy()
        variances = (2 * self.log_deviations.double()).exp().cpu().numpy()
        mean = weights @ means
        centred = means - mean
        covariance = np.diag(weights @ variances) + (weights[:, None] * centred).T @ centred
        return Moments(mean, covariance)

    def components_in_use(self) -> float:
        """Return exp of the entropy of the weights, from 1 to the number of components."""
        log_weights = self.logits.detach().double().log_softmax(0)
        return float(torch.exp(-(log_weights.exp() * log_weights).sum()))
