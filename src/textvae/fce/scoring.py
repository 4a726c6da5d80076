"""What the sentences of a text cost under a language model."""

import numpy as np

from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import UNK_ID
from textvae.fce.scores import Scores
from textvae.models.batches import in_order
from textvae.models.finite import check_finite
from textvae.models.language_model import LanguageModel
from textvae.progress import progress


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
