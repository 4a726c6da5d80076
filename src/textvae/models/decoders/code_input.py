"""Where an LSTM decoder reads z: in its initial state, with every word, or both."""

import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.batches import Batch
from textvae.models.recurrent import RecurrentDecoder, State
from textvae.registry import DECODERS
from textvae.settings import Settings, setting


@DECODERS.register("lstm-code-input")
class CodeInputDecoder(RecurrentDecoder):
    """LSTM with z in its initial state, beside every word, or both.

    The cell starts at W z and the hidden state at its tanh, as in the decoders of Kim et al.
    (2018), He et al. (2019) and Li et al. (2019), which also read z with every word. The paper's
    decoder only does the latter.
    """

    class Settings(Settings):
        """Settings of the code's way into the decoder."""

        code_input: str = setting(
            "both",
            "where the LSTM decoder reads z",
            choices=("each-word", "initial-state", "both"),
        )

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        a = architecture
        self.with_words = settings.code_input != "initial-state"
        latent = a.latent if self.with_words else 0
        super().__init__(nn.LSTM, a.embedding, latent, a.hidden, a.latent_gain)
        self.initial = None
        if settings.code_input != "each-word":
            self.initial = nn.Linear(a.latent, a.hidden, bias=False)
            nn.init.xavier_uniform_(self.initial.weight, gain=a.latent_gain)

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Return features (T, H) from embedded previous words (T, E) and codes (B, d)."""
        if self.initial is None:
            return super().forward(embedded, z, batch)
        tokens = self._inputs(embedded, z[batch.rows]).float()
        # torch's own layer, in float32: the one of kernels/recurrence.py starts at zero.
        with torch.autocast(tokens.device.type, enabled=False):
            return self.recurrence(batch.packed(tokens), self._start(z))[0].data

    def step(self, embedded: Tensor, z: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Read a word of B sentences, (B, E), with z (B, d); return (B, H) and the next state."""
        if state is None and self.initial is not None:
            state = self._start(z)
        return super().step(embedded, z if self.with_words else z[:, :0], state)

    def _inputs(self, embedded: Tensor, z: Tensor) -> Tensor:
        return torch.cat([embedded, z], dim=1) if self.with_words else embedded

    def _start(self, z: Tensor) -> State:
        """Return hidden and cell state before the first word, (1, B, H) each."""
        cell = self.initial(z.float()).unsqueeze(0)
        return cell.tanh(), cell
