"""The bag-of-words loss (Zhao, Zhao and Eskenazi 2017): all words predicted from z alone."""

from typing import TYPE_CHECKING

from torch import Tensor, nn

from textvae.models.architecture import Architecture
from textvae.models.batches import Batch
from textvae.models.decoders.recurrent import LSTMDecoder
from textvae.registry import DECODERS
from textvae.settings import Settings, setting

if TYPE_CHECKING:
    from textvae.models.terms import BatchTerms

_NAME = "bag_of_words"


@DECODERS.register("lstm-bag-of-words-loss")
class BagOfWordsLossDecoder(LSTMDecoder):
    """The paper's LSTM, with a further network that predicts the words of a sentence from z.

    Its loss, -log of the probability of every word, `<eos>` included, summed over the sentence, is
    added to the objective. It is no part of D, nor of the bound. One hidden layer with tanh and one
    softmax for a sentence, as in NeuralDialog-CVAE.
    """

    class Settings(Settings):
        """Settings of the bag-of-words loss."""

        bag_weight: float = setting(1.0, "weight of the bag-of-words loss", ge=0)
        bag_hidden: int = setting(400, "units of the network of the bag-of-words loss", ge=1)

    loss_names = (_NAME,)

    def __init__(self, architecture: Architecture, settings: Settings) -> None:
        super().__init__(architecture, settings)
        self.loss_weights = {_NAME: settings.bag_weight} if settings.bag_weight else {}
        self.sizes = architecture.latent, settings.bag_hidden

    def attach(self, model: nn.Module) -> None:
        """Make the network, now that the number of words is known."""
        latent, hidden = self.sizes
        words = model.output.out_features
        self.bag = nn.Sequential(nn.Linear(latent, hidden), nn.Tanh(), nn.Linear(hidden, words))

    def losses(self, terms: "BatchTerms", batch: Batch) -> dict[str, Tensor]:
        """Return the bag-of-words loss, a scalar in nats per sentence."""
        log_p = self.bag(terms.z).log_softmax(1)
        return {_NAME: -log_p[batch.rows, batch.words].sum() / len(batch)}
