"""The interfaces of the parts that a text VAE is made of.

A part registers itself by name; see models/encoders, decoders, posteriors and priors for the
paper's. It is built as `part(architecture, settings)`, from the settings that all parts share and
its own (its class `Settings`); a posterior network as `part(features, architecture, settings)`,
with the number of the encoder's features.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from torch import Tensor, nn

from textvae.models.batches import Batch
from textvae.models.posterior import Posterior

if TYPE_CHECKING:
    from textvae.models.terms import BatchTerms
    from textvae.models.vae import TextVAE


class Part(nn.Module):
    """Any part of a text VAE.

    loss_names: further losses that it gives, which an objective may use and the log records.
    """

    loss_names: ClassVar[tuple[str, ...]] = ()

    def attach(self, model: "TextVAE") -> None:
        """See the model when all of its parts are made, the number of words among them.

        A part that keeps another one must not register it, or its weights are saved twice.
        """

    def losses(self, terms: "BatchTerms", batch: Batch) -> dict[str, Tensor]:
        """Return the losses of `loss_names`, scalars in nats a sentence."""
        return {}


class Encoder(Part, ABC):
    """Sentences to features. features: how many of each sentence, H."""

    features: int

    @abstractmethod
    def forward(self, embedded: Tensor, batch: Batch) -> Tensor:
        """Embedded words (T, E) to features (B, H)."""


class PosteriorNetwork(Part, ABC):
    """Features of sentences, H of each, to q(z|x)."""

    @abstractmethod
    def forward(self, features: Tensor) -> Posterior:
        """Features (B, H), float32, to q(z|x) of B sentences."""


class Prior(Part, ABC):
    """p(z), the distribution that codes are generated from."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""

    @abstractmethod
    def codes(self, noise: Tensor) -> Tensor:
        """Return codes from noise of N(0, I), which all models share; both (N, d)."""

    @abstractmethod
    def moments(self) -> "Moments":
        """Return the mean and the covariance of codes."""


class Decoder(Part, ABC):
    """Codes and previous words to features. features: how many of each word, H."""

    features: int

    @abstractmethod
    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Embedded previous words (T, E) and codes (B, d) to features (T, H)."""

    @abstractmethod
    def step(self, embedded: Tensor, z: Tensor, state: Any | None) -> tuple[Tensor, Any]:
        """One word of B sentences: (B, E), (B, d) to features (B, H) and the next state."""

    @staticmethod
    @abstractmethod
    def keep(state: Any, rows: Tensor) -> Any:
        """The state of some of the sentences, when the others have ended."""


@dataclass(frozen=True)
class Moments:
    """Mean (d,) and covariance (d, d) of a prior, float64."""

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def deviations(self) -> np.ndarray:
        """(d,) standard deviations."""
        return np.sqrt(np.diag(self.covariance))

    @cached_property
    def standard(self) -> bool:
        """Whether they are those of N(0, I)."""
        unit = np.eye(len(self.mean))
        return not self.mean.any() and np.array_equal(self.covariance, unit)

    def whiten(self, mean: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return a mean and a covariance in coordinates where these moments are those of N(0, I).

        A KL divergence is the same in all coordinates.
        """
        if self.standard:
            return mean, covariance
        lower = np.linalg.cholesky(self.covariance)
        half = np.linalg.solve(lower, covariance)
        return np.linalg.solve(lower, mean - self.mean), np.linalg.solve(lower, half.T)
