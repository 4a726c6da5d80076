"""The text VAE: q(z|x), p(z) and p(x|z) over one vocabulary (paper, section 2).

Parts are selected by name from four registries. A new part is a class that registers itself.
"""

from dataclasses import replace

import torch
from torch import Tensor, nn

from textvae.models import layers, rate
from textvae.models.architecture import Architecture, ModelConfig
from textvae.models.batches import Batch
from textvae.models.kernels.fused_loss import fused_linear_cross_entropy, token_nll
from textvae.models.kernels.precision import products_in
from textvae.models.parts import Part
from textvae.models.posterior import Posterior
from textvae.models.terms import BatchTerms
from textvae.registry import DECODERS, ENCODERS, POSTERIORS, PRIORS


class TextVAE(nn.Module):
    """A text VAE over `words` words; sentences are packed batches, codes in the order of rows."""

    def __init__(self, config: ModelConfig, words: int) -> None:
        super().__init__()
        # Of large matrix products outside training; a model that is read from its folder has that
        # of its training, so that repeated measurements agree bit for bit.
        self.inference_precision = torch.float32
        self.config = config
        architecture = self.architecture
        # Encoder and decoder share the embeddings.
        self.embedding = layers.embedding(
            words, architecture.embedding, architecture.embedding_range
        )
        self.encoder = ENCODERS[architecture.encoder](architecture, config.part("encoder"))
        self.posterior = POSTERIORS[architecture.posterior](
            self.encoder.features, architecture, config.part("posterior")
        )
        self.prior = PRIORS[architecture.prior](architecture, config.part("prior"))
        self.decoder = DECODERS[architecture.decoder](architecture, config.part("decoder"))
        self.output = layers.output(self.decoder.features, words)
        for part in self.parts:
            part.attach(self)

    def encode(self, batch: Batch, precision: torch.dtype | None = None) -> Posterior:
        """Return q(z|x) of the sentences, in the order of the rows, in float32.

        The matrix products of the large layers are computed in `precision`, here and below; None
        is the model's `inference_precision`.
        """
        precision = precision or self.inference_precision
        with products_in(precision, self.device):
            features = self.encoder(self.embedding(batch.words), batch)
        return self.posterior.refine(self.posterior(features.float()), batch, precision)

    def forward(self, batch: Batch, noise: Tensor, precision: torch.dtype) -> BatchTerms:
        """Return the terms of a batch; z is sampled with noise (B, d) of N(0, 1)."""
        return self.terms(batch, self.encode(batch, precision), noise, precision)

    def terms(
        self, batch: Batch, posterior: Posterior, noise: Tensor, precision: torch.dtype
    ) -> BatchTerms:
        """Return distortion and rate with one sampled z a sentence, and the losses of the parts."""
        z, rates = self.draw(posterior, noise)
        nll = self.nll(batch, z, precision)
        terms = BatchTerms(nll / len(batch), rates, z, posterior, self.prior)
        further: dict[str, Tensor] = {}
        for part in self.parts:
            further |= part.losses(terms, batch)
        return replace(terms, losses=further)

    def nll(self, batch: Batch, z: Tensor, precision: torch.dtype) -> Tensor:
        """Return -log p(x|z) summed over the batch, a scalar in nats, differentiable once."""
        with products_in(precision, self.device):
            features = self.decoder(self.embedding(batch.previous), z, batch)
        return fused_linear_cross_entropy(
            features.float(), self.output.weight, self.output.bias, batch.words, precision
        )

    def draw(self, posterior: Posterior, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return codes z (B, d) from noise (B, d), and the rate of each sentence, (B,), nats."""
        return rate.draw(posterior, self.prior, noise)

    @torch.no_grad()
    def distortion(self, batch: Batch, z: Tensor) -> Tensor:
        """Return -log p(x|z) of each row, (B,), nats, `<eos>` included; z is (B, d)."""
        precision = self.inference_precision
        with products_in(precision, self.device):
            features = self.decoder(self.embedding(batch.previous), z, batch)
        nll = token_nll(
            features.to(self.output.weight.dtype),
            *(self.output.weight, self.output.bias, batch.words, precision),
        )
        return batch.per_sentence(nll)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return encoder, posterior network, prior and decoder."""
        return self.encoder, self.posterior, self.prior, self.decoder

    @property
    def loss_names(self) -> tuple[str, ...]:
        """Return the names of the additional losses of the parts."""
        return tuple(name for part in self.parts for name in part.loss_names)

    @property
    def architecture(self) -> Architecture:
        """Return the settings that all parts share."""
        return self.config.architecture

    @property
    def device(self) -> torch.device:
        return self.output.weight.device
