"""The paper's recurrent decoders (section 3, "Models"), registered by name."""

from torch import nn

from textvae.models.architecture import Architecture
from textvae.models.recurrent import RecurrentDecoder
from textvae.registry import DECODERS
from textvae.settings import Settings


@DECODERS.register("lstm")
class LSTMDecoder(RecurrentDecoder):
    """LSTM that reads z with every word."""

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        a = architecture
        super().__init__(nn.LSTM, a.embedding, a.latent, a.hidden, a.latent_gain)


@DECODERS.register("gru")
class GRUDecoder(RecurrentDecoder):
    """GRU that reads z with every word."""

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        a = architecture
        super().__init__(nn.GRU, a.embedding, a.latent, a.hidden, a.latent_gain)
