"""How varied a generated text is (columns len. and SB of the paper's Table 3).

Measured on the text as it was generated, before words outside a common dictionary are taken out.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

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


def measure(sentences: Iterable[Sentence], settings: Settings) -> dict[str, Any]:
    """The diversity of N sentences of words, gone through once; InputError for fewer than two.

    types: distinct words, marks not counted; mean_length: words, `<unk>` among them, the end mark
    not; distinct_sentences, empty_sentences: of the N; self_bleu4, pairwise_bleu4:
    0 to 100, over the first self_bleu_sentences (the setting, or N where there are fewer).
    """
    first: list[Sentence] = []
    types: set[str] = set()
    # Of 64 bits: among 2 million sentences, two share one by accident in one text of ten million.
    hashes = array("q")
    words = empty = 0
    for sentence in sentences:
        if len(first) < settings.self_bleu_sentences:
            first.append(sentence)
        types.update(sentence)
        hashes.append(hash(tuple(sentence)))
        words += len(sentence)
        empty += not sentence
    return {
        "self_bleu4": self_bleu4(first),
        "pairwise_bleu4": pairwise_bleu4(first),
        "self_bleu_sentences": len(first),
        "types": len(types - {EOS, UNK}),
        "mean_length": words / len(hashes),
        "distinct_sentences": len(np.unique(hashes)),
        "empty_sentences": empty,
    }
