"""The dilated CNN decoder (Yang et al. 2017), which sees only the last words."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from textvae.models.architecture import Architecture
from textvae.models.batches import Batch
from textvae.models.decoders.convolutional import step_blocks, windows
from textvae.models.kernels.padding import missing_rows
from textvae.models.kernels.precision import precision_here
from textvae.models.parts import Decoder
from textvae.models.receptive_field import receptive_field
from textvae.registry import DECODERS
from textvae.settings import Settings, setting

# Last inputs of the dilated convolution of each block, (B, (width - 1) dilation, bottleneck).
State = list[Tensor]


@DECODERS.register("dilated-cnn", check="textvae.models.receptive_field")
class DilatedDecoder(Decoder):
    """Residual blocks with causal convolutions of dilation 1, 2, 4, ..., z beside every word.

    Yang et al. (2017) normalise over the batch and all positions, which would let a word see later
    ones in training; here every position is normalised by itself.
    """

    class Settings(Settings):
        """Sizes of the blocks."""

        dilated_layers: int = setting(
            3, "blocks of the dilated decoder, of dilation 1, 2, 4 and so on", ge=1, le=16
        )
        dilated_width: int = setting(3, "width of the dilated convolutions in words", ge=2)
        dilated_channels: int = setting(1024, "channels of the dilated decoder's blocks", ge=1)
        dilated_bottleneck: int = setting(512, "channels of the dilated convolutions", ge=1)

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        embedding, channels = architecture.embedding, settings.dilated_channels
        self.projection = nn.Linear(embedding + architecture.latent, channels)
        _initialise(self.projection)
        with torch.no_grad():
            self.projection.weight[:, embedding:].mul_(architecture.latent_gain)
        self.blocks = nn.ModuleList(
            ResidualBlock(channels, settings.dilated_bottleneck, settings.dilated_width, 2**layer)
            for layer in range(settings.dilated_layers)
        )
        self.receptive_field = receptive_field(settings.dilated_layers, settings.dilated_width)
        self.features = channels

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Return features (T, channels) from embedded previous words (T, E) and codes (B, d)."""
        tokens = torch.cat([embedded, z[batch.rows]], dim=1)
        missing = missing_rows(len(tokens), precision_here(tokens), tokens.device)
        padded = F.pad(tokens, (0, 0, 0, missing))
        features = self.projection(padded).to(tokens.dtype)
        for block in self.blocks:
            seen = windows(batch, block.width, len(features), block.dilation)
            features = block(features, seen)
        return features[: len(tokens)]

    def step(self, embedded: Tensor, z: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Read a word of B sentences, (B, E), with z (B, d); return (B, channels), next state."""
        return step_blocks(self.blocks, self.projection(torch.cat([embedded, z], dim=1)), state)

    @staticmethod
    def keep(state: State, rows: Tensor) -> State:
        """Return the state of the sentences in `rows`; the others have ended."""
        return [cached[rows] for cached in state]


class ResidualBlock(nn.Module):
    """x + up(dilated(down(x))), with layer normalisation and ReLU before each of the three."""

    def __init__(self, channels: int, bottleneck: int, width: int, dilation: int) -> None:
        super().__init__()
        self.width, self.dilation = width, dilation
        self.norms = nn.ModuleList(
            nn.LayerNorm(size) for size in (channels, bottleneck, bottleneck)
        )
        # A convolution of width 1 is a linear layer; the dilated one reads a window at once.
        self.down = nn.Linear(channels, bottleneck)
        self.dilated = nn.Linear(width * bottleneck, bottleneck)
        self.up = nn.Linear(bottleneck, channels)
        for layer in (self.down, self.dilated, self.up):
            _initialise(layer)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """Map (T, channels) to the same; each token sees the tokens in its window (T, width)."""
        inner = self._inner(x)
        # A row of zeros represents the positions before a sentence.
        inputs = F.embedding(seen, F.pad(inner, (0, 0, 0, 1)), padding_idx=len(inner))
        return self._outer(x, inputs)

    def step(self, x: Tensor, cached: Tensor | None) -> tuple[Tensor, Tensor]:
        """Map one word, (B, channels); also return the last inputs of the dilated convolution."""
        inner = self._inner(x).unsqueeze(1)
        if cached is None:
            before = (self.width - 1) * self.dilation
            cached = inner.new_zeros(len(inner), before, inner.shape[2])
        window = torch.cat([cached, inner], dim=1)
        return self._outer(x, window[:, :: self.dilation]), window[:, 1:]

    def _inner(self, x: Tensor) -> Tensor:
        """Return the input of the dilated convolution, (N, bottleneck)."""
        # Under autocast products are rounded; sums over windows and blocks are not.
        inner = self.down(F.relu(self.norms[0](x))).to(x.dtype)
        return F.relu(self.norms[1](inner))

    def _outer(self, x: Tensor, inputs: Tensor) -> Tensor:
        """Return the output of the block from windows (N, width, bottleneck)."""
        outer = self.dilated(inputs.flatten(1)).to(x.dtype)
        return x + self.up(F.relu(self.norms[2](outer))).to(x.dtype)


def _initialise(layer: nn.Linear) -> None:
    """Initialise with He-uniform weights and zero biases."""
    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    nn.init.zeros_(layer.bias)
