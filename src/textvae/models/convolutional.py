"""The gated CNN decoder (paper, section 3, "Models"; Dauphin et al. 2016, bottleneck blocks)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textvae.models.batches import Batch

# Of a block, the last inputs of its two causal convolutions, each (B, width - 1, channels).
State = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Line:
    """All sentences of a batch in one line: its length, and the places of the T tokens, (T,)."""

    places: Tensor
    length: int


class ConvolutionalDecoder(nn.Module):
    """Reads `<eos> x` with z beside every word, through gated blocks; all words at once."""

    def __init__(
        self,
        embedding: int,
        latent: int,
        channels: int,
        bottleneck: int,
        width: int,
        blocks: int,
        dropout: float,
        latent_gain: float,
    ) -> None:
        super().__init__()
        inputs = [embedding + latent] + [channels] * (blocks - 1)
        self.blocks = nn.ModuleList(
            GatedBlock(size, channels, bottleneck, width, dropout) for size in inputs
        )
        with torch.no_grad():
            self.blocks[0].projection.weight[:, embedding:].mul_(latent_gain)
        self.width = width
        self.features = channels

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Embedded previous words (T, E) and codes (B, d) to features (T, channels)."""
        line = end_to_end(batch, self.width - 1)
        features = torch.cat([embedded, z[batch.rows]], dim=1)
        for block in self.blocks:
            features = block(features, line)
        return features

    def step(self, embedded: Tensor, z: Tensor, state: State | None) -> tuple[Tensor, State]:
        """One word of B sentences: (B, E), (B, d) to features (B, channels) and the next state."""
        features, later = torch.cat([embedded, z], dim=1), []
        for block, cached in zip(self.blocks, state or [None] * len(self.blocks), strict=True):
            features, cached = block.step(features, cached)
            later.append(cached)
        return features, later

    @staticmethod
    def keep(state: State, rows: Tensor) -> State:
        """The state of some of the sentences, when the others have ended."""
        return [(values[rows], gates[rows]) for values, gates in state]


class GatedBlock(nn.Module):
    """x = projection(input); A * sigmoid(B) + x, where A and B are bottleneck paths over x.

    No activation stands between the convolutions of a path, as in the authors' scripts. Those also
    drop out while they evaluate; here dropout is of training only.
    """

    def __init__(
        self, inputs: int, channels: int, bottleneck: int, width: int, dropout: float
    ) -> None:
        super().__init__()
        self.projection = nn.Linear(inputs, channels)
        _initialise(self.projection)
        self.values = BottleneckPath(channels, bottleneck, width, dropout)
        self.gates = BottleneckPath(channels, bottleneck, width, dropout)

    def forward(self, features: Tensor, line: Line) -> Tensor:
        """(T, inputs) to (T, channels), with gaps of width - 1 in the line."""
        # Products may be rounded under autocast; what blocks hand on is not.
        x = self.projection(features).to(features.dtype)
        return self.values(x, line) * torch.sigmoid(self.gates(x, line)) + x

    def step(
        self, features: Tensor, cached: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """One word of B sentences, (B, inputs) to (B, channels), and what the next one needs."""
        x = self.projection(features)
        cached_values, cached_gates = cached or (None, None)
        values, cached_values = self.values.step(x, cached_values)
        gates, cached_gates = self.gates.step(x, cached_gates)
        return values * torch.sigmoid(gates) + x, (cached_values, cached_gates)


class BottleneckPath(nn.Module):
    """Down to the bottleneck, a causal convolution there, and up again; dropout after each."""

    def __init__(self, channels: int, bottleneck: int, width: int, dropout: float) -> None:
        super().__init__()
        # What looks at one word alone (width 1) is a linear layer.
        self.down = nn.Linear(channels, bottleneck)
        self.causal = nn.Conv1d(bottleneck, bottleneck, width)
        self.up = nn.Linear(bottleneck, channels)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.down, self.causal, self.up):
            _initialise(layer)

    def forward(self, x: Tensor, line: Line) -> Tensor:
        """(T, channels) to the same, with gaps of width - 1 in the line."""
        reduced = self.dropout(self.down(x))
        # Zeros in the gaps: no sentence sees another, and the work is that of the tokens and gaps,
        # whatever the longest sentence is.
        inputs = reduced.new_zeros(line.length, reduced.shape[1])
        inputs = inputs.index_copy(0, line.places, reduced)
        seen = self.causal(inputs.t().unsqueeze(0))[0].t()
        # What ends at a place stands width - 1 places before it in the shorter output.
        gap = self.causal.kernel_size[0] - 1
        return self.dropout(self.up(self.dropout(seen[line.places - gap])))

    def step(self, x: Tensor, cached: Tensor | None) -> tuple[Tensor, Tensor]:
        """One word, (B, channels) to the same, and its last width - 1 inputs in the bottleneck."""
        reduced = self.dropout(self.down(x)).unsqueeze(1)
        if cached is None:
            cached = reduced.new_zeros(
                len(reduced), self.causal.kernel_size[0] - 1, reduced.shape[2]
            )
        window = torch.cat([cached, reduced], dim=1)
        seen = F.linear(window.transpose(1, 2).flatten(1), self.causal.weight.flatten(1))
        seen = seen + self.causal.bias
        return self.dropout(self.up(self.dropout(seen))), window[:, 1:]


def end_to_end(batch: Batch, gap: int) -> Line:
    """The batch's tokens laid out sentence after sentence, a gap before each."""
    lengths = batch.lengths
    starts = (lengths + gap).cumsum(0) - lengths
    return Line(starts[batch.rows] + batch.steps, len(batch.rows) + gap * len(batch))


def _initialise(layer: nn.Linear | nn.Conv1d) -> None:
    """He-uniform kernels, zero biases, as in the authors' scripts."""
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
