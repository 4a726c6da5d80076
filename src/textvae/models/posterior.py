"""The interface of q(z|x) of a batch: what a posterior network returns."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import torch
from torch import Tensor

from textvae.errors import InputError


@dataclass(frozen=True)
class Posterior(ABC):
    """q(z|x) of B sentences, independent of each other.

    A subclass is a frozen dataclass of what describes them; each of its tensors has B rows.
    mean: (B, d), what stands for a sentence where one code is asked for.
    """

    mean: Tensor

    @abstractmethod
    def sample(self, noise: Tensor) -> Tensor:
        """Return codes, differentiable, from noise (..., B, d) of N(0, 1): (..., B, d)."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z|x) in nats; z (..., B, d) gives (..., B)."""

    def sample_with_log_prob(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return codes and their log q(z|x); where that takes one pass, a subclass makes it one."""
        z = self.sample(noise)
        return z, self.log_prob(z)

    def pairwise_log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z_i|x_j) in nats; z (n, d) gives (n, B)."""
        return torch.stack([self.log_prob(code.expand_as(self.mean)) for code in z])

    def widened(self, by: float) -> Self:
        """Return the same with log-variances larger by `by`; InputError if it has no width."""
        raise InputError(f"{type(self).__name__}: a posterior whose width cannot be changed")

    def apply(self, change: Callable[[Tensor], Tensor]) -> Self:
        """Return the same with each of its tensors changed."""
        changed: dict[str, Any] = {name: change(value) for name, value in self._tensors().items()}
        return replace(self, **changed)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the sentences of all parts, one after the other."""
        tensors = [part._tensors() for part in parts]
        joined: dict[str, Any] = {
            name: torch.cat([each[name] for each in tensors]) for name in tensors[0]
        }
        return replace(parts[0], **joined)

    def _tensors(self) -> dict[str, Tensor]:
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, Tensor)}
