"""What the sentences of a text cost under a language model."""

from dataclasses import dataclass

import numpy as np

from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import UNK_ID
from textvae.models.batches import in_order
from textvae.models.language_model import LanguageModel
from textvae.progress import progress


@dataclass(frozen=True)
class Scores:
    """Of N sentences in their order, nats, `<eos>` included.

    nll: (N,) -log p(x). without_unk: (N,) the same sum without the words that are `<unk>` (what
    follows them is still predicted from them).
    """

    nll: np.ndarray
    without_unk: np.ndarray


def score(model: LanguageModel, sentences: Sentences) -> Scores:
    """Every sentence, a batch of neighbours at a time."""
    nll, without_unk = np.empty(len(sentences)), np.empty(len(sentences))
    with progress("scored", len(sentences), "sentences") as done:
        for part, batch in in_order(sentences, model.device):
            tokens = model.token_nll(batch).double()
            known = tokens * (batch.words != UNK_ID)
            nll[part] = batch.restore(batch.per_sentence(tokens)).cpu().numpy()
            without_unk[part] = batch.restore(batch.per_sentence(known)).cpu().numpy()
            done(len(batch))
    return Scores(nll, without_unk)
