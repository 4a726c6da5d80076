"""The LSTM encoder and decoder (paper, section 3, "Models")."""

import math

import torch
from torch import Tensor, nn

from textvae.models.batches import Batch

State = tuple[Tensor, Tensor]


class LSTMEncoder(nn.Module):
    """Reads `x <eos>`; its features are the hidden state at the last real step."""

    def __init__(self, embedding: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(embedding, hidden)
        initialise_lstm(self.lstm)
        self.features = hidden

    def forward(self, embedded: Tensor, batch: Batch) -> Tensor:
        """Embedded words (T, E) to features (B, H)."""
        _, (hidden, _) = self.lstm(batch.packed(embedded))
        return hidden[0]


class LSTMDecoder(nn.Module):
    """Reads `<eos> x` with z beside every word; z does not touch the initial state."""

    def __init__(self, embedding: int, latent: int, hidden: int, latent_gain: float) -> None:
        super().__init__()
        self.lstm = nn.LSTM(embedding + latent, hidden)
        initialise_lstm(self.lstm)
        with torch.no_grad():
            self.lstm.weight_ih_l0[:, embedding:].mul_(latent_gain)
        self.features = hidden

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Embedded previous words (T, E) and codes (B, d) to features (T, H)."""
        output, _ = self.lstm(batch.packed(torch.cat([embedded, z[batch.rows]], dim=1)))
        return output.data

    def step(self, embedded: Tensor, z: Tensor, state: State | None) -> tuple[Tensor, State]:
        """One word of B sentences: (B, E), (B, d) to features (B, H) and the next state."""
        output, state = self.lstm(torch.cat([embedded, z], dim=1).unsqueeze(0), state)
        return output[0], state

    @staticmethod
    def keep(state: State, rows: Tensor) -> State:
        """The state of some of the sentences, when the others have ended."""
        return tuple(part[:, rows] for part in state)


def initialise_lstm(lstm: nn.LSTM) -> None:
    """Lecun-normal kernels, zero biases, forget bias 1.

    torch stacks the four gates (input, forget, cell, output) and keeps two biases for each.
    """
    for name, parameter in lstm.named_parameters():
        if name.startswith("weight"):
            # Normal with variance 1 / fan-in, cut at two standard deviations and widened again so
            # that the cut normal has that variance.
            deviation = math.sqrt(1 / parameter.shape[1]) / 0.87962566103423978
            nn.init.trunc_normal_(parameter, std=deviation, a=-2 * deviation, b=2 * deviation)
        else:
            nn.init.zeros_(parameter)
    hidden = lstm.hidden_size
    with torch.no_grad():
        lstm.bias_ih_l0[hidden : 2 * hidden] = 1
