"""The von Mises-Fisher posterior on the unit sphere (Xu and Durrett 2018), of fixed concentration.

A code is drawn without rejection: the cosine with the mean direction is a tabulated quantile, which
is possible because the concentration is fixed. z is used as drawn, unlike in the authors' code,
which decodes the mean of three draws.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from textvae.models import sphere
from textvae.models.architecture import Architecture
from textvae.models.parts import PosteriorNetwork
from textvae.models.posterior import Posterior
from textvae.models.priors.uniform_sphere import UniformSphere
from textvae.models.rate import closed_form
from textvae.registry import POSTERIORS
from textvae.settings import Settings, setting

_UNIT = (
    "in units of the prior's deviation 1 / sqrt(d): unscaled, the variances of all d units sum to"
    " at most 1"
)


@dataclass(frozen=True)
class Law:
    """The distribution of the cosine, as tensors of one device; see `sphere.CosineLaw`."""

    concentration: Tensor
    log_ratio: Tensor
    mean: Tensor
    quantiles: Tensor

    @classmethod
    def of(cls, law: sphere.CosineLaw, device: torch.device) -> "Law":
        """Return the tensors of a law on a device."""
        numbers = (law.concentration, law.log_ratio, law.mean)
        scalars = (torch.tensor(number, dtype=torch.float64, device=device) for number in numbers)
        return cls(*scalars, torch.from_numpy(law.quantiles).to(device))

    def angle(self, noise: Tensor) -> Tensor:
        """Return artanh of the cosine from N(0, 1), in the type of the noise."""
        position = (noise.double().clamp(-sphere.EDGE, sphere.EDGE) + sphere.EDGE) * (
            (sphere.TABULATED - 1) / (2 * sphere.EDGE)
        )
        index = position.long().clamp(max=sphere.TABULATED - 2)
        table = self.quantiles.to(noise.device)
        angle = torch.lerp(table[index], table[index + 1], position - index)
        return angle.to(noise.dtype)


@dataclass(frozen=True)
class VonMisesFisher(Posterior):
    """vMF distributions with the mean directions `mean`, (B, d), and one law of the cosine."""

    law: Law

    @property
    def expectation(self) -> Tensor:
        """Return E[z|x], which is inside of the sphere."""
        return self.law.mean.to(self.mean) * self.mean

    def sample(self, noise: Tensor) -> Tensor:
        """Return codes of norm 1: the first number gives the cosine, the others the direction."""
        angle, across = self.law.angle(noise[..., :1]), noise[..., 1:]
        across = across / across.norm(dim=-1, keepdim=True)
        about_axis = torch.cat([angle.tanh(), across / angle.cosh()], dim=-1)
        # The reflection that exchanges the first axis and the mean direction.
        axis = torch.zeros_like(self.mean)
        axis[..., 0] = 1
        normal = axis - self.mean
        square = (normal**2).sum(-1, keepdim=True).clamp(min=torch.finfo(normal.dtype).tiny)
        along = (about_axis * normal).sum(-1, keepdim=True)
        return about_axis - 2 * (along / square) * normal

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z|x) with respect to area on the sphere; z (..., B, d) gives (..., B)."""
        return self._log_density((z * self.mean).sum(-1))

    def pairwise_log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z_i|x_j) in nats by a matrix product; z (n, d) gives (n, B)."""
        return self._log_density(z @ self.mean.t())

    def entropy(self) -> Tensor:
        """Return the entropy of q(z|x) in nats, (B,), the same for all sentences."""
        return -self._log_density(self.law.mean.to(self.mean)).expand(len(self.mean))

    def widened(self, by: float) -> Self:
        """Return a copy with the concentration divided by exp(by)."""
        concentration = float(self.law.concentration) * float(np.exp(-by))
        law = sphere.cosine_law(self.mean.shape[-1], concentration)
        return replace(self, law=Law.of(law, self.mean.device))

    def _log_density(self, cosine: Tensor) -> Tensor:
        law = self.law
        constant = law.log_ratio.to(cosine) + sphere.log_area(self.mean.shape[-1])
        return law.concentration.to(cosine) * cosine - constant


@POSTERIORS.register(
    "von-mises-fisher",
    check="textvae.models.code_limits:von_mises_fisher",
    C_setting="vmf_concentration",
    fixed_rate=True,
    notes={"active_units": _UNIT},
    summary="vMF on the unit sphere",
)
class VonMisesFisherPosterior(PosteriorNetwork):
    """Mean direction by a linear layer; one concentration kappa for all sentences.

    Its rate to the uniform distribution is a function of kappa alone: constant, without gradient.
    """

    class Settings(Settings):
        """Settings of the concentration."""

        vmf_concentration: float | None = setting(
            None, "kappa of the vMF posterior; by default that of the rate C", ge=0, le=1e5
        )

    def __init__(self, features: int, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.given = settings.vmf_concentration
        self.latent = architecture.latent
        self.direction = nn.Linear(features, architecture.latent)
        nn.init.xavier_uniform_(self.direction.weight)
        nn.init.zeros_(self.direction.bias)
        for name in ("concentration", "log_ratio", "cosine"):
            self.register_buffer(name, torch.zeros((), dtype=torch.float64))
        self.register_buffer("quantiles", torch.zeros(sphere.TABULATED, dtype=torch.float64))

    def aim(self, C: float) -> None:
        """Set the concentration and tabulate the quantiles of the cosine."""
        given = self.given
        concentration = sphere.concentration_of(self.latent, C) if given is None else given
        law = Law.of(sphere.cosine_law(self.latent, concentration), self.quantiles.device)
        self.concentration.copy_(law.concentration)
        self.log_ratio.copy_(law.log_ratio)
        self.cosine.copy_(law.mean)
        self.quantiles.copy_(law.quantiles)

    def forward(self, features: Tensor) -> VonMisesFisher:
        """Return q(z|x) of B sentences from features (B, H)."""
        direction = nn.functional.normalize(self.direction(features), dim=-1)
        law = Law(self.concentration, self.log_ratio, self.cosine, self.quantiles)
        return VonMisesFisher(direction, law)


@closed_form(VonMisesFisher, UniformSphere)
def rate(posterior: VonMisesFisher, prior: UniformSphere) -> Tensor:
    """Return KL(q(z|x) || p(z)) of each sentence, (B, 1), nats: all equal."""
    law = posterior.law
    nats = law.concentration * law.mean - law.log_ratio
    return nats.to(posterior.mean).expand(len(posterior.mean), 1)
