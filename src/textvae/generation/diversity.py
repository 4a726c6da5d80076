"""How varied a generated text is (columns len. and SB of the paper's Table 3).

Measured on the text as it was generated, before words outside a common dictionary are taken out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from textvae.corpora.vocabulary import EOS, UNK
from textvae.generation.ngrams import Sentence
from textvae.generation.pairwise_bleu import pairwise_bleu4
from textvae.generation.self_bleu import self_bleu4
from textvae.settings import at_least


@dataclass(frozen=True)
class Settings:
    """How diversity is measured."""

    self_bleu_sentences: int = field(
        default=10_000, metadata=at_least(2, help="the first so many, as self-BLEU depends on it")
    )


def measure(sentences: Sequence[Sentence], settings: Settings) -> dict[str, Any]:
    """The diversity of N sentences of words; InputError for fewer than two.

    types: distinct words, marks not counted; mean_length: words, `<unk>` among them, the end mark
    not; distinct_sentences, empty_sentences: of the N; self_bleu4, pairwise_bleu4:
    0 to 100, over the first self_bleu_sentences (the setting, or N where there are fewer).
    """
    first = sentences[: settings.self_bleu_sentences]
    return {
        "self_bleu4": self_bleu4(first),
        "pairwise_bleu4": pairwise_bleu4(first),
        "self_bleu_sentences": len(first),
        "types": len(set(chain.from_iterable(sentences)) - {EOS, UNK}),
        "mean_length": sum(map(len, sentences)) / len(sentences),
        "distinct_sentences": len(set(map(tuple, sentences))),
        "empty_sentences": sum(not sentence for sentence in sentences),
    }
