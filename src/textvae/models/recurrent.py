"""LSTM and GRU encoders and decoders over packed batches (paper, section 3, "Models")."""

import math

import torch
from torch import Tensor, nn

from textvae.models.batches import Batch
from textvae.models.kernels.recurrence import unrolled
from textvae.models.parts import Decoder, Encoder

Layer = nn.LSTM | nn.GRU
# Hidden and cell state of an LSTM, hidden state of a GRU; (1, B, H) each.
State = tuple[Tensor, Tensor] | Tensor


class RecurrentEncoder(Encoder):
    """Encoder of `x <eos>`; its features are the hidden state at the last token."""

    def __init__(self, kind: type[Layer], embedding: int, hidden: int) -> None:
        super().__init__()
        self.recurrence = kind(embedding, hidden)
        initialise(self.recurrence)
        self.features = hidden

    def forward(self, embedded: Tensor, batch: Batch) -> Tensor:
        """Encode embedded words (T, E) as features (B, H)."""
        return _states(self.recurrence, embedded, batch)[batch.ends]


class RecurrentDecoder(Decoder):
    """Decoder with z concatenated to every word of `<eos> x`; the initial state is zero."""

    def __init__(
        self, kind: type[Layer], embedding: int, latent: int, hidden: int, latent_gain: float
    ) -> None:
        super().__init__()
        self.recurrence = kind(embedding + latent, hidden)
        initialise(self.recurrence)
        with torch.no_grad():
            self.recurrence.weight_ih_l0[:, embedding:].mul_(latent_gain)
        self.features = hidden

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Return features (T, H) from embedded previous words (T, E) and codes (B, d)."""
        return _states(self.recurrence, torch.cat([embedded, z[batch.rows]], dim=1), batch)

    def step(self, embedded: Tensor, z: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Read a word of B sentences, (B, E), with z (B, d); return (B, H) and the next state."""
        output, state = self.recurrence(torch.cat([embedded, z], dim=1).unsqueeze(0), state)
        return output[0], state

    @staticmethod
    def keep(state: State, rows: Tensor) -> State:
        """Return the state of the sentences in `rows`; the others have ended."""
        if isinstance(state, tuple):
            return tuple(part[:, rows] for part in state)
        return state[:, rows]


def _states(layer: Layer, tokens: Tensor, batch: Batch) -> Tensor:
    """Return the hidden states (T, H) after each of the tokens (T, E)."""
    if tokens.is_cuda:
        # Autocast to bfloat16 computes cuDNN's layers in float16, whose range is too small for the
        # gradients of a posterior near the prior. Here arrays are in float32; in bfloat16 trainings
        # products are in TF32 (`recurrences_in` in kernels/precision.py).
        with torch.autocast("cuda", enabled=False):
            return layer(batch.packed(tokens.float()))[0].data
    return unrolled(layer, tokens, batch.sizes)


def initialise(layer: Layer) -> None:
    """Initialise with LeCun-normal kernels and zero biases; the forget bias of an LSTM is 1.

    torch stacks the gates of an LSTM (input, forget, cell, output) and of a GRU (reset, update,
    new), and has two biases for each.
    """
    for name, parameter in layer.named_parameters():
        if name.startswith("weight"):
            # Normal truncated at two standard deviations, scaled so that its variance is
            # 1 / fan-in.
            deviation = math.sqrt(1 / parameter.shape[1]) / 0.87962566103423978
            nn.init.trunc_normal_(parameter, std=deviation, a=-2 * deviation, b=2 * deviation)
        else:
            nn.init.zeros_(parameter)
    if isinstance(layer, nn.LSTM):
        hidden = layer.hidden_size
        with torch.no_grad():
            layer.bias_ih_l0[hidden : 2 * hidden] = 1
