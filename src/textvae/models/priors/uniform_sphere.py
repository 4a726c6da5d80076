"""The uniform prior on the unit sphere (Xu and Durrett 2018)."""

import numpy as np
import torch
from torch import Tensor

from textvae.models import sphere
from textvae.models.architecture import Architecture
from textvae.models.parts import Moments, Prior, unit
from textvae.registry import PRIORS
from textvae.settings import Settings


@PRIORS.register("uniform-sphere", check="textvae.models.code_limits:uniform_sphere")
class UniformSphere(Prior):
    """Uniform on the unit sphere."""

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.latent = architecture.latent

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log p(z) with respect to area on the sphere; z (..., d) gives (...)."""
        return z.new_full(z.shape[:-1], -sphere.log_area(self.latent))

    def codes(self, noise: Tensor) -> Tensor:
        """Return the directions of the noise, (N, d)."""
        return self.supported(noise)

    def moments(self) -> Moments:
        """Return mean 0 and covariance I / d."""
        return Moments(np.zeros(self.latent), np.eye(self.latent) / self.latent)

    def supported(self, codes: Tensor) -> Tensor:
        """Return the nearest codes on the sphere, (N, d)."""
        return unit(codes)

    def along(self, start: Tensor, end: Tensor, directions: Tensor, t: Tensor) -> Tensor:
        """Return codes on the great circle that leaves in the tangential part of a direction."""
        start, end = self.supported(start), self.supported(end)
        tangents = directions - (directions * start).sum(-1, keepdim=True) * start
        size = tangents.norm(dim=-1, keepdim=True)
        # Rounding leaves something of a direction that has no tangential part.
        moves = size > 1e-6 * directions.norm(dim=-1, keepdim=True)
        cosine = (start * end).sum(-1, keepdim=True)
        angle = torch.atan2((end - cosine * start).norm(dim=-1, keepdim=True), cosine)
        angle = torch.where(moves, angle, 0)[:, None] * t[None, :, None]
        return torch.cos(angle) * start[:, None] + torch.sin(angle) * unit(tangents)[:, None]

    def between(self, start: Tensor, end: Tensor, t: Tensor) -> Tensor:
        """Return codes on the great circle, (N, n, d), in steps of equal angle."""
        start, end = self.supported(start), self.supported(end)
        # At opposite ends every great circle is a shortest one: take one through another axis.
        across = end - (start * end).sum(-1, keepdim=True) * start
        same_axis = across.norm(dim=-1, keepdim=True) <= 1e-6
        path = self.along(start, end, torch.where(same_axis, torch.roll(start, 1, dims=-1), end), t)
        t = t[None, :, None]
        return torch.where(t == 0, start[:, None], torch.where(t == 1, end[:, None], path))
