"""Skip connections from z to the words (Dieng et al. 2018)."""

import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.batches import Batch
from textvae.models.decoders.code_input import CodeInputDecoder
from textvae.models.recurrent import State
from textvae.registry import DECODERS
from textvae.settings import Settings


@DECODERS.register("lstm-skip")
class SkipDecoder(CodeInputDecoder):
    """LSTM whose output layer also reads z: logits W [h; z] + b.

    Skip-VAE of Dieng et al. (2018) as in the authors' code, where z is also in the initial state
    and beside every word. The columns for z are a bag of words.
    """

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__(architecture, settings)
        self.hidden, self.gain = architecture.hidden, architecture.latent_gain
        self.features = architecture.hidden + architecture.latent

    def attach(self, model: nn.Module) -> None:
        """Scale the initial weights for z in the output layer."""
        with torch.no_grad():
            model.output.weight[:, self.hidden :].mul_(self.gain)

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Return features (T, H + d) from embedded previous words (T, E) and codes (B, d)."""
        return torch.cat([super().forward(embedded, z, batch), z[batch.rows]], dim=1)

    def step(self, embedded: Tensor, z: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Read a word of B sentences, (B, E), with z (B, d); return (B, H + d), next state."""
        hidden, state = super().step(embedded, z, state)
        return torch.cat([hidden, z], dim=1), state
