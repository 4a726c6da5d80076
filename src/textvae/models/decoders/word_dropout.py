"""Word dropout: a decoder that reads only some of the previous words (Bowman et al. 2016)."""

import torch
from torch import Tensor

from textvae.corpora.vocabulary import UNK_ID
from textvae.models.architecture import Architecture
from textvae.models.batches import Batch
from textvae.models.decoders.recurrent import LSTMDecoder
from textvae.models.recurrent import State
from textvae.registry import DECODERS
from textvae.settings import Settings, setting


@DECODERS.register("lstm-word-dropout")
class WordDropoutDecoder(LSTMDecoder):
    """LSTM that reads `<unk>` in place of a share p of the previous words.

    The words are drawn in every training step; the `<eos>` before a sentence is always read, and
    targets do not change. Outside training all words are read, unless p is 1: the inputless decoder
    has never seen a word, and reads none.
    """

    class Settings(Settings):
        """Settings of word dropout."""

        word_dropout: float = setting(
            0.5,
            "share of the previous words that the decoder reads as `<unk>` in training; with 1 it"
            " reads none, in evaluation either",
            ge=0,
            le=1,
        )

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__(architecture, settings)
        self.share = settings.word_dropout

    def attach(self, model: torch.nn.Module) -> None:
        """Keep the embeddings of the model, outside this module's parameters."""
        self._shared = (model.embedding,)

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Return features (T, H) from embedded previous words (T, E) and codes (B, d)."""
        if self.share == 1 or (self.training and self.share > 0):
            dropped = batch.steps > 0
            if self.share < 1:
                dropped &= torch.rand(len(embedded), device=embedded.device) < self.share
            embedded = torch.where(dropped[:, None], self._unknown, embedded)
        return super().forward(embedded, z, batch)

    def step(self, embedded: Tensor, z: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Read a word of B sentences, (B, E), with z (B, d); return (B, H) and the next state."""
        if self.share == 1 and state is not None:
            embedded = self._unknown.expand_as(embedded)
        return super().step(embedded, z, state)

    @property
    def _unknown(self) -> Tensor:
        """Return the embedding of `<unk>`, (E,)."""
        return self._shared[0].weight[UNK_ID]
