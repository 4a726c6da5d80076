"""The decoder of the neural variational document model (Miao et al. 2015): a bag of words."""

import torch
from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.batches import Batch
from textvae.models.parts import Decoder
from textvae.registry import DECODERS
from textvae.settings import Settings


@DECODERS.register("bag-of-words")
class BagOfWordsDecoder(Decoder):
    """Independent words with logits W z + b, as in NVDM.

    `<eos>` is one of the words, so that this is a distribution over sentences, and its D is
    comparable with that of other decoders.
    """

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__()
        self.features = architecture.latent
        self.gain = architecture.latent_gain

    def attach(self, model: nn.Module) -> None:
        """Scale the initial weights for z, which are those of the output layer."""
        with torch.no_grad():
            model.output.weight.mul_(self.gain)

    def forward(self, embedded: Tensor, z: Tensor, batch: Batch) -> Tensor:
        """Return z for every word, (T, d); previous words are not read."""
        return z[batch.rows]

    def step(self, embedded: Tensor, z: Tensor, state: None) -> tuple[Tensor, None]:
        """Return z (B, d), and no state."""
        return z, None

    @staticmethod
    def keep(state: None, rows: Tensor) -> None:
        """Return no state."""
