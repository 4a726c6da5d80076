"""A peer: the same models as an experienced engineer writes them with PyTorch 2.13 alone.

Packed sequences, autocast to bfloat16, fused Adam, and `linear_cross_entropy` in chunks, which
keeps no logits. Weights are those of `benchmarks.plain`.

In bfloat16 that loss is up to a few per cent from the exact one, because its sum over tokens is
kept in bfloat16; its gradients are right, so that it is used here.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from benchmarks.plain import PlainLanguageModel, PlainVAE, previous
from textvae.models.architecture import LanguageModelSizes, ModelConfig

# Tokens whose logits exist at once.
CHUNK = 512


class PeerVAE(PlainVAE):
    """The text VAE of a configuration, with products in a precision."""

    def __init__(self, config: ModelConfig, words: int, precision: torch.dtype) -> None:
        super().__init__(config, words)
        self.precision = precision

    def forward(self, words: Tensor, lengths: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return the distortion summed over the batch, and the rate per sentence (B,), in nats.

        words (B, L) and noise (B, d) are on the model's device, lengths (B,) on the CPU.
        """
        with autocast(words, self.precision):
            _, state = self.encoder.recurrence(packed(self.embedding(words), lengths))
            read = state[0] if isinstance(state, tuple) else state
        mean, log_variance = (
            head(read[0].float()) for head in (self.posterior.mean, self.posterior.log_variance)
        )
        z = mean + torch.exp(0.5 * log_variance) * noise
        beside = z.unsqueeze(1).expand(-1, words.shape[1], -1)
        with autocast(words, self.precision):
            inputs = torch.cat([self.embedding(previous(words)), beside], dim=2)
            if isinstance(getattr(self.decoder, "recurrence", None), nn.Module):
                features = self.decoder.recurrence(packed(inputs, lengths))[0].data
            else:
                features = packed(self.decoder(inputs), lengths).data
        nll = summed_nll(self.output, features, packed(words, lengths).data, self.precision)
        return nll, 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(1)


class PeerLanguageModel(PlainLanguageModel):
    """An LSTM language model, with products in a precision."""

    def __init__(self, sizes: LanguageModelSizes, words: int, precision: torch.dtype) -> None:
        super().__init__(sizes, words)
        self.precision = precision

    def forward(self, words: Tensor, lengths: Tensor) -> Tensor:
        """Return -log p summed over the batch, in nats; lengths are on the CPU."""
        with autocast(words, self.precision):
            inputs = packed(self.embedding(previous(words)), lengths)
            features = self.decoder.recurrence(inputs)[0].data
        return summed_nll(self.output, features, packed(words, lengths).data, self.precision)


def packed(padded: Tensor, lengths: Tensor) -> PackedSequence:
    """Return the real tokens of a padded array (B, L, ...)."""
    return pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)


def autocast(tensor: Tensor, precision: torch.dtype) -> torch.autocast:
    """Return a context in which products are computed in `precision`."""
    return torch.autocast(tensor.device.type, precision, enabled=precision != torch.float32)


def summed_nll(
    output: nn.Linear, features: Tensor, targets: Tensor, precision: torch.dtype
) -> Tensor:
    """Return -log p of all tokens in nats, from their features (T, H)."""
    inputs = [each.to(precision) for each in (features, output.weight, output.bias)]
    if hasattr(nn, "LinearCrossEntropyOptions"):
        nll = F.linear_cross_entropy(
            *inputs[:2],
            targets,
            linear_bias=inputs[2],
            reduction="sum",
            options=nn.LinearCrossEntropyOptions(
                batch_chunk_size=CHUNK, chunking_method=None, acc_policy="balanced"
            ),
        )
        return nll.float()
    # Before 2.13.
    return F.cross_entropy(F.linear(*inputs).float(), targets, reduction="sum")
