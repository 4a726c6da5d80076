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

# Numbers of fixed noise; mean and deviation have relative errors of about 5%.
_STANDARDS = 256


@PRIORS.register("real-nvp", check="textvae.models.code_limits:real_nvp", summary="RealNVP")
class FlowPrior(LearntPrior):
    """RealNVP of N(0, I); it starts as the identity, which is N(0, I).

    Its codes are standardised by mean and deviation of the images of fixed noise: their scale has
    no effect on the model otherwise, and would drift.
    """

    class Settings(Settings):
        """Sizes of the flow."""

        flow_layers: int = setting(4, "coupling layers of a flow", ge=1, le=100)
        flow_hidden: int = setting(64, "hidden units of a coupling layer", ge=1, le=10_000)

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.latent = architecture.latent
        self.base = StandardNormal(architecture, settings)
        self.flow = RealNVP(architecture.latent, settings.flow_layers, settings.flow_hidden)
        # Without effect on standardised codes.
        self.flow.layers[-1].shift.bias = None
        noise = torch.randn(_STANDARDS, self.latent, generator=torch.Generator().manual_seed(0))
        noise = (noise - noise.mean(0)) / noise.std(0)
        self.register_buffer("noise", noise, persistent=False)

    def density(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""
        flow = self.flow.like(z)
        mean, deviation = self._standards(flow, z)
        inner, log_determinant = flow.inverse(z * deviation + mean)
        return self.base.log_prob(inner) + log_determinant + deviation.log().sum()

    def codes(self, noise: Tensor) -> Tensor:
        """Return the standardised images of the noise, (N, d)."""
        flow = self.flow.like(noise)
        mean, deviation = self._standards(flow, noise)
        return (flow(noise)[0] - mean) / deviation

    def moments(self) -> Moments:
        """Return the moments of drawn codes."""
        return drawn_moments(self, self.latent, self.noise.device)

    def between(self, start: Tensor, end: Tensor, t: Tensor) -> Tensor:
        """Return the codes on the line between the noise of both ends, (N, n, d)."""
        flow = self.flow.like(start)
        mean, deviation = self._standards(flow, start)
        ends = (flow.inverse(code * deviation + mean)[0] for code in (start, end))
        line = super().between(*ends, t)
        t = t[None, :, None]
        path = (flow(line)[0] - mean) / deviation
        return torch.where(t == 0, start[:, None], torch.where(t == 1, end[:, None], path))

    def _standards(self, flow: RealNVP, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and deviation, (d,), of the images of the fixed noise."""
        images, _ = flow(self.noise.to(like))
        return images.mean(0), images.std(0)
