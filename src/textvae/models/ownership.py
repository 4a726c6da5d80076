"""Whether a corpus is the one that a model was trained on."""

from textvae.corpora.encoded import EncodedCorpus
from textvae.models.saved import TrainedModel


def difference(trained: TrainedModel, corpus: EncodedCorpus) -> str | None:
    """Return how a corpus differs from that of the model's training; None if it is the same.

    Corpora are compared by fingerprint, or by name if the model has no record of its corpus.
    """
    own, name = trained.cell.corpus, corpus.name
    if name != own:
        return f"the corpus {name!r}, not {own!r}, on which the model was trained"
    if trained.corpus not in (None, corpus.fingerprint):
        return f"another text or preparation of {own!r} than the model was trained on"
    return None
