"""Forward and reverse cross-entropy of one synthetic corpus, beside those of real text.

Forward: a model of the synthetic text, on human text; bad where the text lacks quality or
diversity. Reverse: a model of real text, on the synthetic text; low where each sentence is
likely, however few different ones there are. Together they tell the one from the other.
"""

import numpy as np

from textvae import bootstrap
from textvae.bootstrap import standard_error
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import UNK_ID
from textvae.fce.kneser_ney import Scores
from textvae.models.batches import in_order
from textvae.models.language_model import LanguageModel
from textvae.models.layers import check_finite
from textvae.runtime.progress import progress
from textvae.settings import Settings as Base
from textvae.settings import setting


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


class Settings(Base):
    """How a cross-entropy is measured; how its language models are made lies beside them."""

    bootstrap: int = setting(
        0, "bootstrap replicates on resampled test sentences, 0 for none", ge=0, le=10_000
    )


def cross_entropies(
    synthetic: Scores | None, real: Scores | None, reverse: Scores | None
) -> dict[str, float | None]:
    """Means in nats a sentence; None for each where there are no scores.

    synthetic, real: the human test set under the model of the synthetic and of the real text.
    reverse: the synthetic text under the model of real text. excess_nats: the forward
    cross-entropy less its floor, paired by test sentence, with its standard error.
    """
    values = {
        "fce_nats": _mean(synthetic and synthetic.nll),
        "fce_standard_error": _error(synthetic and synthetic.nll),
        "fce_without_unk_nats": _mean(synthetic and synthetic.without_unk),
        "floor_nats": _mean(real and real.nll),
        "floor_without_unk_nats": _mean(real and real.without_unk),
        "reverse_nats": _mean(reverse and reverse.nll),
    }
    excess = synthetic.nll - real.nll if synthetic and real else None
    return values | {"excess_nats": _mean(excess), "excess_standard_error": _error(excess)}


def replicated_cross_entropies(
    synthetic: Scores | None, real: Scores | None, replicates: int
) -> dict[str, np.ndarray]:
    """Replicates, (R,), of what `cross_entropies` finds on the human test set, resampled.

    The reverse cross-entropy is of another text and has none.
    """
    costs: dict[str, np.ndarray] = {}
    if synthetic:
        costs |= {"fce_nats": synthetic.nll, "fce_without_unk_nats": synthetic.without_unk}
    if real:
        costs |= {"floor_nats": real.nll, "floor_without_unk_nats": real.without_unk}
    if synthetic and real:
        costs["excess_nats"] = synthetic.nll - real.nll
    return bootstrap.replicated_means(costs, replicates) if costs else {}


def _mean(values: np.ndarray | None) -> float | None:
    return None if values is None else float(values.mean())


def _error(values: np.ndarray | None) -> float | None:
    """Standard error of the mean; None where it has none."""
    return None if values is None or len(values) < 2 else standard_error(values)
