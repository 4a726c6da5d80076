"""The text VAE: q(z|x), p(z) and p(x|z) over one vocabulary (paper, section 2).

Parts are chosen by name from the four tables below. A new part is a class, a line there, and its
name among the choices of `architecture` and of the configuration's schema.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from textvae.models import layers
from textvae.models.architecture import Architecture
from textvae.models.batches import Batch
from textvae.models.convolutional import ConvolutionalDecoder
from textvae.models.gaussian import DiagonalGaussian, Gaussian, StandardNormal
from textvae.models.kernels.fused_loss import summed_nll, token_nll
from textvae.models.kernels.precision import products_in
from textvae.models.recurrent import RecurrentDecoder, RecurrentEncoder

ENCODERS: dict[str, Callable[[Architecture], nn.Module]] = {
    "lstm": lambda a: RecurrentEncoder(nn.LSTM, a.embedding, a.hidden),
    "gru": lambda a: RecurrentEncoder(nn.GRU, a.embedding, a.hidden),
}
DECODERS: dict[str, Callable[[Architecture], nn.Module]] = {
    "lstm": lambda a: RecurrentDecoder(nn.LSTM, a.embedding, a.latent, a.hidden, a.latent_gain),
    "gru": lambda a: RecurrentDecoder(nn.GRU, a.embedding, a.latent, a.hidden, a.latent_gain),
    "cnn": lambda a: ConvolutionalDecoder(
        a.embedding,
        a.latent,
        channels=a.channels,
        bottleneck=a.bottleneck,
        width=a.filter_width,
        blocks=a.blocks,
        dropout=a.dropout,
        latent_gain=a.latent_gain,
    ),
}
POSTERIORS: dict[str, Callable[[Architecture, int], nn.Module]] = {
    "diagonal-gaussian": lambda a, features: DiagonalGaussian(features, a.latent, a.mean_gain),
}
PRIORS: dict[str, Callable[[Architecture], nn.Module]] = {
    "standard-normal": lambda _: StandardNormal(),
}


class TextVAE(nn.Module):
    """One model of `words` words; all sentences come as packed batches, codes by their rows."""

    def __init__(self, architecture: Architecture, words: int) -> None:
        super().__init__()
        self.architecture = architecture
        # Encoder and decoder share the embeddings.
        self.embedding = layers.embedding(
            words, architecture.embedding, architecture.embedding_range
        )
        self.encoder = ENCODERS[architecture.encoder](architecture)
        self.posterior = POSTERIORS[architecture.posterior](architecture, self.encoder.features)
        self.prior = PRIORS[architecture.prior](architecture)
        self.decoder = DECODERS[architecture.decoder](architecture)
        self.output = layers.output(self.decoder.features, words)

    def encode(self, batch: Batch) -> Gaussian:
        """q(z|x) of the batch's sentences, in the order of its rows, in float32."""
        features = self.encoder(self.embedding(batch.words), batch)
        return self.posterior(features)

    def forward(self, batch: Batch, noise: Tensor, precision: torch.dtype) -> tuple[Tensor, Tensor]:
        """What the objective needs: distortion and rate of each sentence's sample of z.

        noise (B, d) of N(0, 1) draws z. Returns the distortion -log p(x|z) summed over the batch's
        tokens, a scalar, and the rate KL(q(z|x) || p(z)), (B,); both in nats, float32. The products
        of the large layers are made in `precision`.
        """
        with products_in(precision, noise.device):
            features = self.encoder(self.embedding(batch.words), batch)
        posterior = self.posterior(features.float())
        z = posterior.sample(noise)
        with products_in(precision, noise.device):
            features = self.decoder(self.embedding(batch.previous), z, batch)
        nll = summed_nll(
            features.float(), self.output.weight, self.output.bias, batch.words, precision
        )
        return nll, self.prior.rate(posterior, z)

    @torch.no_grad()
    def distortion(self, batch: Batch, z: Tensor) -> Tensor:
        """-log p(x|z) of each sentence, (B,), nats, `<eos>` included; z (B, d) by rows."""
        features = self.decoder(self.embedding(batch.previous), z, batch)
        nll = token_nll(features, self.output.weight, self.output.bias, batch.words)
        return batch.per_sentence(nll)

    @property
    def device(self) -> torch.device:
        return self.output.weight.device
