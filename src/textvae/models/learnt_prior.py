"""Priors with weights of their own, which are fitted to the codes of the batch.

An objective may reward a higher rate: |R - C| below C does. A prior that follows it moves away from
the codes, which meets R = C without information. So the weights of a prior maximise the mean log
p(z) of the batch with weight 1, whatever the objective; the codes have the gradient of the
objective. With D + R these are the gradients of one loss.
"""

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from textvae.models.parts import Prior


class LearntPrior(Prior):
    """Prior with weights; a subclass defines `density`."""

    @abstractmethod
    def density(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats, of each code alone; z (..., d) gives (...)."""

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""
        if not (self.training and torch.is_grad_enabled()):
            return self.density(z)
        asked: dict[str, Tensor] = {}
        log_p = self.density(_Code.apply(z, asked))
        return _Density.apply(log_p, asked)


class _Density(torch.autograd.Function):
    """log p(z): replace its gradient by that of minus the mean, and keep the one asked for."""

    @staticmethod
    def forward(ctx: Any, log_p: Tensor, asked: dict[str, Tensor]) -> Tensor:
        ctx.asked = asked
        return log_p.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        own = torch.full_like(gradient, -1 / gradient.numel())
        ctx.asked["ratio"] = gradient / own
        return own, None


class _Code(torch.autograd.Function):
    """z: restore the gradient that was asked of each log p(z), which depends on its z alone."""

    @staticmethod
    def forward(ctx: Any, z: Tensor, asked: dict[str, Tensor]) -> Tensor:
        ctx.asked = asked
        return z.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient * ctx.asked["ratio"].unsqueeze(-1), None
