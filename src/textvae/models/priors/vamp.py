"""VampPrior (Tomczak and Welling 2018): the mixture of posteriors of learnt pseudo-inputs."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.batches import pack
from textvae.models.components import component_of
from textvae.models.drawn_moments import drawn_moments
from textvae.models.parts import Moments, Prior
from textvae.models.posterior import Posterior
from textvae.registry import PRIORS
from textvae.settings import Settings, setting

if TYPE_CHECKING:
    from textvae.models.vae import TextVAE


@PRIORS.register("vamp", check="textvae.models.code_limits:vamp")
class VampPrior(Prior):
    """Mixture, in equal parts, of the model's posteriors of K pseudo-inputs.

    It is trained by the objective alone, as by its authors: a weight of its own for log p(z) would
    also be one for the encoder. A pseudo-input is a sequence of free vectors in place of embedded
    words (Pelsmaeker and Aziz 2019). Their lengths are fixed quantiles of a normal distribution.
    """

    class Settings(Settings):
        """Settings of the pseudo-inputs."""

        vamp_components: int = setting(100, "pseudo-inputs of the VampPrior", ge=1, le=10_000)
        vamp_length: float = setting(12.0, "mean length of a pseudo-input, tokens", ge=1, le=1000)
        vamp_length_deviation: float = setting(
            4.0, "standard deviation of the lengths of pseudo-inputs", ge=0, le=1000
        )

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.latent = architecture.latent
        shares = (torch.arange(settings.vamp_components, dtype=torch.float64) + 0.5) / (
            settings.vamp_components
        )
        spread = settings.vamp_length_deviation * torch.special.ndtri(shares)
        lengths = (settings.vamp_length + spread).round().clamp(min=1).long().tolist()
        # A batch of the right shape, whose words are never read; the last token is not `<eos>`.
        self._batch = pack([np.zeros(length - 1, dtype=np.int64) for length in lengths])
        bound = torch.sqrt(6 / (self._batch.lengths.double() + architecture.embedding))
        inputs = torch.rand(len(self._batch.words), architecture.embedding) * 2 - 1
        self.inputs = nn.Parameter(inputs * bound[self._batch.rows, None].float())
        # In a list, so that its weights are not those of a submodule.
        self._model: list[TextVAE] = []
        self._cached: Posterior | None = None

    def attach(self, model: "TextVAE") -> None:
        """Keep the model, whose encoder and posterior network encode the pseudo-inputs."""
        self._model = [model]

    def train(self, mode: bool = True) -> "VampPrior":
        """Forget the posteriors of the pseudo-inputs."""
        self._cached = None
        return super().train(mode)

    def _load_from_state_dict(self, *arguments: Any, **keywords: Any) -> None:
        self._cached = None
        super()._load_from_state_dict(*arguments, **keywords)

    def posteriors(self) -> Posterior:
        """Return q(z|u) of the K pseudo-inputs, longest first; computed once in evaluation."""
        (model,) = self._model
        if self.training or torch.is_grad_enabled():
            return self._encoded(model)
        if self._cached is None or self._cached.mean.device != self.inputs.device:
            self._cached = self._encoded(model)
        return self._cached

    def _encoded(self, model: "TextVAE") -> Posterior:
        self._batch = self._batch.to(self.inputs.device)
        return model.posterior(model.encoder(self.inputs, self._batch).float())

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log p(z) in nats; z (..., d) gives (...)."""
        components = self.posteriors().apply(lambda tensor: tensor.to(z))
        count = len(components.mean)
        # Not by matrix products, whose differences of squares are rounded where codes are far from
        # 0 and posteriors narrow.
        each = z.unsqueeze(-2).expand(*z.shape[:-1], count, z.shape[-1])
        return components.log_prob(each).logsumexp(-1) - math.log(count)

    def codes(self, noise: Tensor) -> Tensor:
        """Return a code of the pseudo-input that the first number selects, (N, d)."""
        components = self.posteriors()
        weights = noise.new_ones(len(components.mean))
        chosen, noise = component_of(noise, weights)
        return components.apply(lambda tensor: tensor[chosen]).sample(noise)

    def moments(self) -> Moments:
        """Return the moments of drawn codes."""
        return drawn_moments(self, self.latent, self.inputs.device)
