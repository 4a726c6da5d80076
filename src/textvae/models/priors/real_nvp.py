"""A flow prior: RealNVP of N(0, I), learnt with the model."""

import torch
from torch import Tensor

from textvae.models.architecture import Architecture
from textvae.models.drawn_moments import drawn_moments
from textvae.models.flows import RealNVP
from textvae.models.learnt_prior import LearntPrior
from textvae.models.parts import Moments
from textvae.models.priors.standard_normal import StandardNormal
from textvae.registry import PRIORS
from textvae.settings import Settings, setting


@PRIORS.register("real-nvp", check="textvae.models.code_limits:real_nvp", summary="RealNVP")
class FlowPrior(LearntPrior):
    """RealNVP of N(0, I); it starts as the identity, which is N(0, I)."""

    class Settings(Settings):
        """Sizes of the flow."""

        flow_layers: int = setting(4, "coupling layers of a flow", ge=1, le=100)
        flow_hidden: int = setting(64, "hidden units of a coupling layer", ge=1, le=10_000)

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.latent = architecture.latent
        self.base = StandardNormal(architecture, settings)
        self.flow = RealNVP(architecture.latent, settings.flow_layers, settings.flow_hidden)

    def density(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""
        inner, log_determinant = self.flow.like(z).inverse(z)
        return self.base.log_prob(inner) + log_determinant

    def codes(self, noise: Tensor) -> Tensor:
        """Return the images of the noise, (N, d)."""
        return self.flow.like(noise)(noise)[0]

    def moments(self) -> Moments:
        """Return the moments of drawn codes."""
        return drawn_moments(self, self.latent, next(self.flow.parameters()).device)

    def between(self, start: Tensor, end: Tensor, t: Tensor) -> Tensor:
        """Return the images of the line between the noise of both ends, (N, n, d)."""
        flow = self.flow.like(start)
        line = super().between(flow.inverse(start)[0], flow.inverse(end)[0], t)
        t = t[None, :, None]
        path, _ = flow(line)
        return torch.where(t == 0, start[:, None], torch.where(t == 1, end[:, None], path))
