"""The gated CNN decoder (paper, section 3, "Models"; Dauphin et al. 2016, bottleneck blocks)."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textvae.models.architecture import Architecture
from textvae.models.batches import Batch, copied
from textvae.models.kernels.padding import missing_rows
from textvae.models.kernels.precision import precision_here
from textvae.models.parts import Decoder
from textvae.registry import DECODERS
from textvae.settings import Settings, setting

# Last inputs of the two causal convolutions of each block, each (B, width - 1, bottleneck).
State = list[tuple[Tensor, Tensor]]


@DECODERS.register("cnn")
class ConvolutionalDecoder(Decoder):
    """Gated CNN over `<eos> x`; z is concatenated to every word, and all words are read at once."""

    class Settings(Settings):
        """Sizes of the blocks; the defaults are the paper's."""

        channels: int = setting(512, "channels of the CNN decoder's blocks", ge=1)
        bottleneck: int = setting(128, "channels of the CNN decoder's causal convolutions", ge=1)
        filter_width: int = setting(20, "width of the CNN decoder's convolutions in words", ge=1)
        blocks: int = setting(2, "gated blocks of the CNN decoder", ge=1)
        dropout: float = setting(
            0.1, "share of the CNN decoder's channels dropped in training", ge=0, le=0.99
        )

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        embedding, channels = architecture.embedding, settings.channels
        inputs = [embedding + architecture.latent] + [channels] * (settings.blocks - 1)
        self.blocks = nn.ModuleList(
            GatedBlock(size, channels, settings.bottleneck, settings.filter_width, settings.dropout)
            for size in inputs
        )
        with torch.no_grad():
            self.blocks[0].projection.weight[:, embedding:].mul_(architecture.latent_gain)
        self.width = settings.filter_width
        self.features = channels

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Return features (T, channels) from embedded previous words (T, E) and codes (B, d)."""
        features = torch.cat([embedded, z[batch.rows]], dim=1)
        tokens = len(features)
        missing = missing_rows(tokens, precision_here(features), features.device)
        features = F.pad(features, (0, 0, 0, missing))
        seen = windows(batch, self.width, len(features))
        for block in self.blocks:
            features = block(features, seen)
        return features[:tokens]

    def step(self, embedded: Tensor, z: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Read a word of B sentences, (B, E), with z (B, d); return (B, channels), next state."""
        return step_blocks(self.blocks, torch.cat([embedded, z], dim=1), state)

    @staticmethod
    def keep(state: State, rows: Tensor) -> State:
        """Return the state of the sentences in `rows`; the others have ended."""
        return [(values[rows], gates[rows]) for values, gates in state]


def step_blocks(
    blocks: nn.ModuleList, features: Tensor, state: list[Any] | None
) -> tuple[Tensor, list[Any]]:
    """Map one word of B sentences, (B, channels), by each block's `step`; return the next state."""
    later = []
    for block, cached in zip(blocks, state or [None] * len(blocks), strict=True):
        features, cached = block.step(features, cached)
        later.append(cached)
    return features, later


class GatedBlock(nn.Module):
    """x = projection(input); A * sigmoid(B) + x, where A and B are bottleneck paths over x.

    There is no activation between the convolutions of a path, as in the authors' scripts. Those
    apply dropout in evaluation too; here it is applied in training only.
    """

    def __init__(
        self, inputs: int, channels: int, bottleneck: int, width: int, dropout: float
    ) -> None:
        super().__init__()
        self.projection = nn.Linear(inputs, channels)
        _initialise(self.projection)
        self.values = BottleneckPath(channels, bottleneck, width, dropout)
        self.gates = BottleneckPath(channels, bottleneck, width, dropout)

    def forward(self, features: Tensor, seen: Tensor) -> Tensor:
        """Map (T, inputs) to (T, channels); each token sees the tokens in its window (T, width)."""
        # Under autocast products are rounded; the output of a block is not.
        x = self.projection(features).to(features.dtype)
        return self.values(x, seen) * torch.sigmoid(self.gates(x, seen)) + x

    def step(
        self, features: Tensor, cached: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Map one word of B sentences, (B, inputs) to (B, channels); also return the next cache."""
        x = self.projection(features)
        cached_values, cached_gates = cached or (None, None)
        values, cached_values = self.values.step(x, cached_values)
        gates, cached_gates = self.gates.step(x, cached_gates)
        return values * torch.sigmoid(gates) + x, (cached_values, cached_gates)


class BottleneckPath(nn.Module):
    """Linear layer to the bottleneck, causal convolution, linear layer back; dropout after each."""

    def __init__(self, channels: int, bottleneck: int, width: int, dropout: float) -> None:
        super().__init__()
        # A convolution of width 1 is a linear layer.
        self.down = nn.Linear(channels, bottleneck)
        self.causal = nn.Conv1d(bottleneck, bottleneck, width)
        self.up = nn.Linear(bottleneck, channels)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.down, self.causal, self.up):
            _initialise(layer)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """Map (T, channels) to the same; each token sees the tokens in its window (T, width)."""
        # In the type of x: the gradient of a word is a sum over the windows that contain it.
        reduced = self.dropout(self.down(x)).to(x.dtype)
        # A row of zeros represents the positions before a sentence.
        inputs = F.embedding(seen, F.pad(reduced, (0, 0, 0, 1)), padding_idx=len(reduced))
        return self.dropout(self.up(self.dropout(self._convolved(inputs))))

    def step(self, x: Tensor, cached: Tensor | None) -> tuple[Tensor, Tensor]:
        """Map one word, (B, channels); also return the last width - 1 inputs in the bottleneck."""
        reduced = self.dropout(self.down(x)).unsqueeze(1)
        if cached is None:
            cached = reduced.new_zeros(
                len(reduced), self.causal.kernel_size[0] - 1, reduced.shape[2]
            )
        window = torch.cat([cached, reduced], dim=1)
        return self.dropout(self.up(self.dropout(self._convolved(window)))), window[:, 1:]

    def _convolved(self, inputs: Tensor) -> Tensor:
        """Apply the causal convolution to windows (N, width, bottleneck): (N, bottleneck)."""
        # As one matrix product: torch's convolution takes three times as long in bfloat16.
        weight = self.causal.weight.transpose(1, 2)
        return F.linear(inputs.flatten(1), weight.flatten(1), self.causal.bias)


def windows(batch: Batch, width: int, count: int, dilation: int = 1) -> Tensor:
    """Return for each token the indices of the `width` tokens up to it, (count, width).

    dilation: distance in words of neighbours in a window. Positions before the sentence are
    `count`, and so are rows beyond the last token. No sentence sees another, and the cost is linear
    in the number of tokens.
    """
    starts = copied(batch.sizes.cumsum(0) - batch.sizes, batch.rows.device)
    back = dilation * torch.arange(width - 1, -1, -1, device=batch.rows.device)
    steps = batch.steps[:, None] - back
    # At each step, the rows that have a token are the first ones, in order.
    tokens = starts[steps.clamp(min=0)] + batch.rows[:, None]
    tokens.masked_fill_(steps < 0, count)
    return F.pad(tokens, (0, 0, 0, count - len(tokens)), value=count)


def _initialise(layer: nn.Linear | nn.Conv1d) -> None:
    """Initialise with He-uniform kernels and zero biases, as in the authors' scripts."""
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
