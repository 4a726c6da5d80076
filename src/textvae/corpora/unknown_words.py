"""Words that a model does not know, in the sentences on which it is measured.

All of them are `<unk>` to the model, which is cheap to predict and says nothing about the text.
"""

from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.corpora.statistics import MAX_UNK_PERCENT
from textvae.corpora.vocabulary import UNK_ID


def unk_percent(sentences: Sentences) -> float | None:
    """Return the percentage of `<unk>` among all words; None without words."""
    total = len(sentences.tokens)
    return 100 * _unknown(sentences) / total if total else None


def counted(sentences: Sentences) -> str:
    """Return the number and percentage of `<unk>` for a note: 3 of 5 words (60.0%)."""
    percent = unk_percent(sentences)
    share = "" if percent is None else f" ({percent:.1f}%)"
    return f"{_unknown(sentences):,} of {len(sentences.tokens):,} words{share}"


def too_many(sentences: Sentences) -> bool:
    """Return whether the share of `<unk>` is large enough for a note."""
    return (unk_percent(sentences) or 0) > MAX_UNK_PERCENT


def untrained(sentences: Sentences, corpus: EncodedCorpus) -> bool:
    """Return whether sentences have `<unk>` and the training split of their corpus has none.

    The probability of `<unk>` is then arbitrary: no training step has changed it upwards.
    """
    try:
        in_training = corpus.statistics["splits"]["train"]["unk_percent"]
    except (KeyError, TypeError):
        return False
    return in_training == 0 and _unknown(sentences) > 0


def _unknown(sentences: Sentences) -> int:
    return int((sentences.tokens == UNK_ID).sum())
