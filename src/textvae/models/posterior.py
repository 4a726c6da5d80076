"""The interface of q(z|x) for a batch of sentences, as a posterior network returns it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from textvae.errors import InputError


@dataclass(frozen=True)
class Posterior(ABC):
    """q(z|x) of B sentences, independent of each other.

    A subclass is a frozen dataclass of the parameters; each of its tensors has B rows.
    mean: (B, d), the code of a sentence where a single one is needed.
    most_pairs: how many sentences log q(z_i|x_j) of all pairs is cheap for, if it is limited.
    """

    most_pairs: ClassVar[int | None] = None

    mean: Tensor

    @abstractmethod
    def sample(self, noise: Tensor) -> Tensor:
        """Return codes (..., B, d), differentiable, from noise (..., B, d) of N(0, 1)."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z|x) in nats; z (..., B, d) gives (..., B)."""

    @property
    def expectation(self) -> Tensor:
        """Return E[z|x], (B, d), whose variance over sentences decides if a unit is active."""
        return self.mean

    @property
    def standard_deviation(self) -> Tensor | None:
        """Return the standard deviation of each number of z, (B, d); None without a closed form."""
        return None

    def sample_with_log_prob(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return codes and their log q(z|x); a subclass may override this to need one pass."""
        z = self.sample(noise)
        return z, self.log_prob(z)

    def pairwise_log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z_i|x_j) in nats; z (n, d) gives (n, B)."""
        return torch.stack([self.log_prob(code.expand_as(self.mean)) for code in z])

    def entropy(self) -> Tensor | None:
        """Return the entropy of q(z|x) in nats, (B,); None if it has no closed form."""
        return None

    def widened(self, by: float) -> Self:
        """Return a copy with log-variances increased by `by`; InputError if not possible."""
        raise InputError(f"{type(self).__name__}: the width of this posterior cannot be changed")

    def apply(self, change: Callable[[Tensor], Tensor]) -> Self:
        """Return a copy with `change` applied to each of its tensors."""
        changed: dict[str, Any] = {name: change(value) for name, value in self._tensors().items()}
        return replace(self, **changed)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Concatenate posteriors along the sentences."""
        tensors = [part._tensors() for part in parts]
        joined: dict[str, Any] = {
            name: torch.cat([each[name] for each in tensors]) for name in tensors[0]
        }
        return replace(parts[0], **joined)

    def _tensors(self) -> dict[str, Tensor]:
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, Tensor)}
