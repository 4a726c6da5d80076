"""The interfaces of encoder, posterior network, prior and decoder, the parts of a text VAE.

A part registers itself by name; the paper's are in models/encoders, decoders, posteriors and
priors. It is constructed as `part(architecture, settings)`, from the settings that all parts share
and its own (its class `Settings`); a posterior network as `part(features, architecture, settings)`,
where `features` is the number of features of the encoder.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from textvae.models.batches import Batch
from textvae.models.posterior import Posterior

if TYPE_CHECKING:
    from textvae.models.terms import BatchTerms
    from textvae.models.vae import TextVAE


class Part(nn.Module):
    """Base class of all parts of a text VAE.

    loss_names: additional losses of the part, which an objective may use and the log records.
    loss_weights: of those that are added to the loss of every objective, by name; not 0.
    """

    loss_names: ClassVar[tuple[str, ...]] = ()
    loss_weights: Mapping[str, float] = {}

    def attach(self, model: "TextVAE") -> None:
        """Receive the model once all of its parts are constructed; by default do nothing.

        A part that keeps another one must not register it as a submodule, or its weights are saved
        twice.
        """

    def aim(self, C: float) -> None:
        """Receive the cell's C in nats before training; by default do nothing.

        What follows from it must be a parameter or a buffer, so that it is saved with the model.
        """

    def losses(self, terms: "BatchTerms", batch: Batch) -> dict[str, Tensor]:
        """Return the losses in `loss_names`, scalars in nats per sentence."""
        return {}


class Encoder(Part, ABC):
    """Network from sentences to features. features: H, the number of features of a sentence."""

    features: int

    @abstractmethod
    def forward(self, embedded: Tensor, batch: Batch) -> Tensor:
        """Encode embedded words (T, E) as features (B, H)."""


class PosteriorNetwork(Part, ABC):
    """Network from the H features of a sentence to q(z|x)."""

    @abstractmethod
    def forward(self, features: Tensor) -> Posterior:
        """Return q(z|x) of B sentences from features (B, H), float32."""

    def refine(self, posterior: Posterior, batch: Batch, precision: torch.dtype) -> Posterior:
        """Return the posterior to use, given the sentences; by default the same.

        precision: of the decoder's products, if it is used.
        """
        return posterior


class Prior(Part, ABC):
    """p(z), the distribution that codes are generated from."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""

    @abstractmethod
    def codes(self, noise: Tensor) -> Tensor:
        """Return codes from noise of N(0, I), the same noise for all models; both (N, d)."""

    @abstractmethod
    def moments(self) -> "Moments":
        """Return the mean and the covariance of codes."""

    def between(self, start: Tensor, end: Tensor, t: Tensor) -> Tensor:
        """Return codes at the shares t (n,) of the way from `start` to `end`, (N, d) each.

        They are (N, n, d), with both ends exact at 0 and 1; by default on a straight line.
        """
        t = t[None, :, None]
        return start[:, None] * (1 - t) + end[:, None] * t

    def along(self, start: Tensor, end: Tensor, directions: Tensor, t: Tensor) -> Tensor:
        """Return codes at the shares t (n,) of a path from `start` (N, d) in other directions.

        It is as long as that to `end`; the codes are (N, n, d). By default on a straight line,
        whatever `between` is, which may leave in another direction than that of its end.
        directions: (N, d), of any length; a path of direction 0 stays at `start`.
        """
        length = (end - start).norm(dim=-1, keepdim=True)
        return start[:, None] + t[None, :, None] * (length * unit(directions))[:, None]

    def supported(self, codes: Tensor) -> Tensor:
        """Return the nearest codes that the prior can give, (N, d); by default the same codes."""
        return codes


def unit(vectors: Tensor) -> Tensor:
    """Return the directions of vectors (..., d); 0 for 0."""
    return vectors / vectors.norm(dim=-1, keepdim=True).clamp(min=torch.finfo(vectors.dtype).tiny)


class Decoder(Part, ABC):
    """Network from codes and previous words to features. features: H, their number for a word."""

    features: int

    @abstractmethod
    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Return features (T, H) from embedded previous words (T, E) and codes (B, d)."""

    @abstractmethod
    def step(self, embedded: Tensor, z: Tensor, state: Any | None) -> tuple[Tensor, Any]:
        """Read a word of B sentences, (B, E), with z (B, d); return (B, H) and the next state."""

    @staticmethod
    @abstractmethod
    def keep(state: Any, rows: Tensor) -> Any:
        """Return the state of the sentences in `rows`; the others have ended."""


@dataclass(frozen=True)
class Moments:
    """Mean (d,) and covariance (d, d) of a prior, float64; gaussian: whether it is a Gaussian."""

    mean: np.ndarray
    covariance: np.ndarray
    gaussian: bool = False

    @property
    def deviations(self) -> np.ndarray:
        """Return the standard deviations, (d,)."""
        return np.sqrt(np.diag(self.covariance))

    @cached_property
    def standard(self) -> bool:
        """Return whether these are the moments of N(0, I)."""
        unit = np.eye(len(self.mean))
        return not self.mean.any() and np.array_equal(self.covariance, unit)

    def scaled(self, z: np.ndarray) -> np.ndarray:
        """Return codes (N, d) from the prior's mean, in units of its standard deviations."""
        return z if self.standard else (z - self.mean) / self.deviations

    @property
    def correlation(self) -> "Moments":
        """Return the moments of scaled codes."""
        if self.standard:
            return self
        scale = np.outer(self.deviations, self.deviations)
        return Moments(np.zeros_like(self.mean), self.covariance / scale, self.gaussian)

    def whiten(self, mean: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Transform a mean and a covariance to coordinates in which the prior has moments 0 and I.

        KL divergences do not change under this transformation.
        """
        if self.standard:
            return mean, covariance
        lower = np.linalg.cholesky(self.covariance)
        half = np.linalg.solve(lower, covariance)
        return np.linalg.solve(lower, mean - self.mean), np.linalg.solve(lower, half.T)
