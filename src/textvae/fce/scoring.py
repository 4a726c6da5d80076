"""What an LSTM language model charges for each sentence of a text."""

import numpy as np

from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import UNK_ID
from textvae.fce.kneser_ney import Scores
from textvae.models.batches import in_order
from textvae.models.language_model import LanguageModel
from textvae.models.layers import check_finite
from textvae.runtime.progress import progress


def score(model: LanguageModel, sentences: Sentences) -> Scores:
    """Every sentence, a batch of neighbours at a time; InputError where the weights are damaged."""
    nll, without_unk = np.empty(len(sentences)), np.empty(len(sentences))
    with progress("scored", len(sentences), "sentences") as done:
        for part, batch in in_order(sentences, model.device):
            tokens = model.token_nll(batch).double()
            known = tokens * (batch.words != UNK_ID)
            nll[part] = batch.restore(batch.per_sentence(tokens)).cpu().numpy()
            without_unk[part] = batch.restore(batch.per_sentence(known)).cpu().numpy()
            done(len(batch))
    check_finite("cost", nll)
    return Scores(nll, without_unk)
