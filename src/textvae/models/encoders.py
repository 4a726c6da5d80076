"""The paper's recurrent encoders (section 3, "Models"), registered by name."""

from torch import nn

from textvae.models.architecture import Architecture
from textvae.models.recurrent import RecurrentEncoder
from textvae.registry import ENCODERS
from textvae.settings import Settings


@ENCODERS.register("lstm")
class LSTMEncoder(RecurrentEncoder):
    """LSTM over the sentence."""

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__(nn.LSTM, architecture.embedding, architecture.hidden)


@ENCODERS.register("gru")
class GRUEncoder(RecurrentEncoder):
    """GRU over the sentence."""

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__(nn.GRU, architecture.embedding, architecture.hidden)
