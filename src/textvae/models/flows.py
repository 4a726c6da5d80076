"""RealNVP (Dinh et al. 2017): an invertible map of codes in affine coupling layers.

Both directions take one pass, which the information estimates need: q(z_i|x_j) of a foreign code.
"""

import copy

import torch
from torch import Tensor, nn

# Log-scales are from -2 to 2 in each layer.
_LARGEST_LOG_SCALE = 2.0


class Coupling(nn.Module):
    """Shift and scale half of the numbers of a code by functions of the other half.

    context: number of features that the functions depend on besides, 0 for none. Starts as the
    identity.
    """

    def __init__(self, latent: int, hidden: int, context: int, even: bool) -> None:
        super().__init__()
        kept = torch.arange(latent) % 2 == (0 if even else 1)
        self.register_buffer("kept", kept.float(), persistent=False)
        self.inner = nn.Linear(latent, hidden)
        self.context = nn.Linear(context, hidden, bias=False) if context else None
        self.shift = nn.Linear(hidden, latent)
        self.log_scale = nn.Linear(hidden, latent)
        for layer in (self.shift, self.log_scale):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, z: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Map codes (..., d); also return the log-determinant of the Jacobian, (...)."""
        shift, log_scale = self._affine(z, context)
        return z * log_scale.exp() + shift, log_scale.sum(-1)

    def inverse(self, z: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Map codes back; also return the log-determinant of the inverse, (...)."""
        shift, log_scale = self._affine(z, context)
        return (z - shift) * torch.exp(-log_scale), -log_scale.sum(-1)

    def _affine(self, z: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        hidden = self.inner(z * self.kept)
        if self.context is not None:
            hidden = hidden + self.context(context)
        hidden = hidden.tanh()
        moved = 1 - self.kept
        log_scale = _LARGEST_LOG_SCALE * torch.tanh(self.log_scale(hidden) / _LARGEST_LOG_SCALE)
        return self.shift(hidden) * moved, log_scale * moved


class RealNVP(nn.Module):
    """Coupling layers that keep the even and the odd numbers of a code in turn."""

    def __init__(self, latent: int, layers: int, hidden: int, context: int = 0) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            Coupling(latent, hidden, context, even=index % 2 == 0) for index in range(layers)
        )

    def forward(self, z: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Map codes (..., d); also return the log-determinant of the Jacobian, (...)."""
        total = z.new_zeros(z.shape[:-1])
        for layer in self.layers:
            z, log_determinant = layer(z, context)
            total = total + log_determinant
        return z, total

    def inverse(self, z: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Map codes back; also return the log-determinant of the inverse, (...)."""
        total = z.new_zeros(z.shape[:-1])
        for layer in reversed(self.layers):
            z, log_determinant = layer.inverse(z, context)
            total = total + log_determinant
        return z, total

    def like(self, z: Tensor) -> "RealNVP":
        """Return the flow on the device and in the type of codes: a copy if these differ."""
        weight = next(self.parameters())
        if (weight.device, weight.dtype) == (z.device, z.dtype):
            return self
        return copy.deepcopy(self).to(z.device, z.dtype)
