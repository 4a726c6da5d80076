"""A plain PyTorch loop, the baseline of the speed benchmarks.

Batches are padded to their longest sentence; the layers are torch's; the loss is the cross-entropy
of the full float32 logits; the optimiser is Adam with default options. Parts are named as in our
models, so that weights can be copied.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textvae.corpora.vocabulary import EOS_ID
from textvae.models.architecture import LanguageModelSizes, ModelConfig
from textvae.models.decoders.convolutional import ConvolutionalDecoder

# The target that cross_entropy ignores.
PADDING = -100


def padded(sentences: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Return ids (B, L), with `<eos>` after each sentence and as padding, and lengths (B,)."""
    lengths = torch.tensor([len(sentence) + 1 for sentence in sentences])
    words = torch.full((len(sentences), int(lengths.max())), EOS_ID)
    for row, sentence in enumerate(sentences):
        words[row, : len(sentence)] = torch.from_numpy(sentence.astype(np.int64))
    return words, lengths


def summed_nll(logits: Tensor, words: Tensor, lengths: Tensor) -> Tensor:
    """Return -log p of all words in nats, without padding, from logits (B, L, V)."""
    real = torch.arange(words.shape[1], device=words.device) < lengths[:, None]
    targets = words.masked_fill(~real, PADDING)
    return F.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=PADDING, reduction="sum"
    )


def previous(words: Tensor) -> Tensor:
    """Return the input of the decoder: `<eos>`, then the sentence without its last token."""
    return F.pad(words[:, :-1], (1, 0), value=EOS_ID)


class Recurrent(nn.Module):
    """A recurrent layer, named as in our models."""

    def __init__(self, kind: str, inputs: int, hidden: int) -> None:
        super().__init__()
        layer = {"lstm": nn.LSTM, "gru": nn.GRU}[kind]
        self.recurrence = layer(inputs, hidden, batch_first=True)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.recurrence(inputs)[0]


class Posterior(nn.Module):
    def __init__(self, features: int, latent: int) -> None:
        super().__init__()
        self.mean = nn.Linear(features, latent)
        self.log_variance = nn.Linear(features, latent)


class Path(nn.Module):
    """A residual path: projection down, causal convolution, projection up."""

    def __init__(self, a: ConvolutionalDecoder.Settings) -> None:
        super().__init__()
        self.down = nn.Linear(a.channels, a.bottleneck)
        self.causal = nn.Conv1d(a.bottleneck, a.bottleneck, a.filter_width)
        self.up = nn.Linear(a.bottleneck, a.channels)
        self.dropout = nn.Dropout(a.dropout)

    def forward(self, x: Tensor) -> Tensor:
        reduced = self.dropout(self.down(x)).transpose(1, 2)
        seen = self.causal(F.pad(reduced, (self.causal.kernel_size[0] - 1, 0)))
        return self.dropout(self.up(self.dropout(seen.transpose(1, 2))))


class Block(nn.Module):
    def __init__(self, inputs: int, a: ConvolutionalDecoder.Settings) -> None:
        super().__init__()
        self.projection = nn.Linear(inputs, a.channels)
        self.values, self.gates = Path(a), Path(a)

    def forward(self, features: Tensor) -> Tensor:
        x = self.projection(features)
        return self.values(x) * torch.sigmoid(self.gates(x)) + x


class Convolutional(nn.Module):
    def __init__(self, inputs: int, a: ConvolutionalDecoder.Settings) -> None:
        super().__init__()
        sizes = [inputs] + [a.channels] * (a.blocks - 1)
        self.blocks = nn.ModuleList(Block(size, a) for size in sizes)

    def forward(self, inputs: Tensor) -> Tensor:
        for block in self.blocks:
            inputs = block(inputs)
        return inputs


class PlainVAE(nn.Module):
    """The text VAE of a configuration, with a vocabulary of `words` words."""

    def __init__(self, config: ModelConfig, words: int) -> None:
        super().__init__()
        a = config.architecture
        self.embedding = nn.Embedding(words, a.embedding)
        self.encoder = Recurrent(a.encoder, a.embedding, a.hidden)
        self.posterior = Posterior(a.hidden, a.latent)
        inputs = a.embedding + a.latent
        if a.decoder == "cnn":
            own = config.part("decoder")
            self.decoder: nn.Module = Convolutional(inputs, own)
            self.output = nn.Linear(own.channels, words)
        else:
            self.decoder = Recurrent(a.decoder, inputs, a.hidden)
            self.output = nn.Linear(a.hidden, words)

    def forward(self, words: Tensor, lengths: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return the distortion summed over the batch, and the rate per sentence (B,), in nats."""
        rows = torch.arange(len(words), device=words.device)
        read = self.encoder(self.embedding(words))[rows, lengths - 1]
        mean, log_variance = self.posterior.mean(read), self.posterior.log_variance(read)
        z = mean + torch.exp(0.5 * log_variance) * noise
        beside = z.unsqueeze(1).expand(-1, words.shape[1], -1)
        inputs = torch.cat([self.embedding(previous(words)), beside], dim=2)
        nll = summed_nll(self.output(self.decoder(inputs)), words, lengths)
        return nll, 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(1)


class PlainLanguageModel(nn.Module):
    """An LSTM language model with a vocabulary of `words` words."""

    def __init__(self, sizes: LanguageModelSizes, words: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, sizes.embedding)
        self.decoder = Recurrent("lstm", sizes.embedding, sizes.hidden)
        self.output = nn.Linear(sizes.hidden, words)

    def forward(self, words: Tensor, lengths: Tensor) -> Tensor:
        """Return -log p summed over the batch, in nats."""
        logits = self.output(self.decoder(self.embedding(previous(words))))
        return summed_nll(logits, words, lengths)
