"""A flow posterior: RealNVP of a diagonal Gaussian, both dependent on the sentence."""

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.flows import RealNVP
from textvae.models.parts import PosteriorNetwork
from textvae.models.posterior import Posterior
from textvae.models.posteriors.diagonal_gaussian import DiagonalGaussian, Gaussian
from textvae.registry import POSTERIORS
from textvae.settings import Settings, setting

# Units are active by the variance of `mean`.
_ACTIVE = "their variance is that of the flow's image of the mean, in place of E[z|x]"
# Numbers in the hidden layers of a flow at once.
_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Flow(Posterior):
    """Images of diagonal Gaussians under a flow that depends on the sentence.

    mean: (B, d), the image of the Gaussian's mean, which is not E[z|x]. centre, log_variance: those
    of the Gaussian, (B, d). context: (B, c), input of the flow.
    """

    most_pairs = 1000

    centre: Tensor
    log_variance: Tensor
    context: Tensor
    flow: RealNVP

    def sample(self, noise: Tensor) -> Tensor:
        """Return codes (..., B, d) from noise (..., B, d)."""
        return self.sample_with_log_prob(noise)[0]

    def sample_with_log_prob(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return codes and their log q(z|x), in one pass."""
        inner = self._gaussian.sample(noise)
        z, log_determinant = self.flow.like(inner)(inner, self.context)
        return z, self._gaussian.log_prob(inner) - log_determinant

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z|x) in nats; z (..., B, d) gives (..., B)."""
        return self._log_prob(self.flow.like(z), z)

    def pairwise_log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z_i|x_j) in nats; z (n, d) gives (n, B).

        In float32, in half the time of float64, with errors far below those of the sample.
        """
        narrow, codes = self.apply(Tensor.float), z.float()
        flow = self.flow.like(codes)
        rows = max(1, _AT_ONCE // (len(self.mean) * self.context.shape[1]))
        shape = (-1, *self.mean.shape)
        parts = [narrow._log_prob(flow, part[:, None].expand(shape)) for part in codes.split(rows)]
        return torch.cat(parts).to(z.dtype)

    def widened(self, by: float) -> Self:
        """Return a copy with the log-variances of the Gaussian increased by `by`."""
        return replace(self, log_variance=self.log_variance + by)

    @property
    def _gaussian(self) -> Gaussian:
        return Gaussian(self.centre, self.log_variance)

    def _log_prob(self, flow: RealNVP, z: Tensor) -> Tensor:
        inner, log_determinant = flow.inverse(z, self.context)
        return self._gaussian.log_prob(inner) + log_determinant


@POSTERIORS.register(
    "real-nvp",
    check="textvae.models.code_limits:real_nvp",
    notes={"active_units": _ACTIVE},
    summary="RealNVP",
)
class FlowPosterior(PosteriorNetwork):
    """A flow of a diagonal Gaussian; it starts as the identity, which is the Gaussian model.

    The flow depends on the sentence: one that does not is a prior in another place, KL(f(q) || p) =
    KL(q || f^-1(p)).
    """

    class Settings(Settings):
        """Sizes of the flow, and the initialisation of the Gaussian."""

        mean_gain: float = setting(1.0, "factor on the initial weights of the posterior mean", gt=0)
        flow_layers: int = setting(4, "coupling layers of a flow", ge=1, le=100)
        flow_hidden: int = setting(64, "hidden units of a coupling layer", ge=1, le=10_000)

    def __init__(self, features: int, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.gaussian = DiagonalGaussian(features, architecture, settings)
        self.context = nn.Linear(features, settings.flow_hidden)
        self.flow = RealNVP(
            *(architecture.latent, settings.flow_layers, settings.flow_hidden),
            context=settings.flow_hidden,
        )

    def forward(self, features: Tensor) -> Flow:
        """Return q(z|x) of B sentences from features (B, H)."""
        gaussian, context = self.gaussian(features), self.context(features)
        mean, _ = self.flow(gaussian.mean, context)
        return Flow(mean, gaussian.mean, gaussian.log_variance, context, self.flow)
