"""Minimal pairs over a model's vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from textvae.corpora.pairs import Pair
from textvae.corpora.vocabulary import EOS, UNK_ID, Vocabulary
from textvae.errors import InputError

Ids = tuple[int, ...]


@dataclass(frozen=True)
class EncodedPairs:
    """N pairs as ids, without end marks.

    covered: (N,) whether the vocabulary has every word in which the two sentences differ. Of a pair
    whose differing words are all unknown a model sees the same sentence twice.
    """

    grammatical: tuple[Ids, ...]
    ungrammatical: tuple[Ids, ...]
    covered: np.ndarray

    def __len__(self) -> int:
        return len(self.covered)


def encode(pairs: Sequence[Pair], vocabulary: Vocabulary) -> EncodedPairs:
    """The pairs in their order; words outside the vocabulary become `<unk>`.

    InputError for an end mark inside a sentence: it would be priced as the end.
    """
    grammatical, ungrammatical, covered = [], [], []
    for pair in pairs:
        good, bad = pair.grammatical.split(), pair.ungrammatical.split()
        if EOS in (*good, *bad):
            where = f"{pair.grammatical[:80]!r} or its pair"
            raise InputError(f"{EOS} stands in {where}, expected words alone")
        grammatical.append(tuple(vocabulary.encode(good)))
        ungrammatical.append(tuple(vocabulary.encode(bad)))
        covered.append(UNK_ID not in vocabulary.encode(differing_words(good, bad)))
    return EncodedPairs(tuple(grammatical), tuple(ungrammatical), np.array(covered, dtype=bool))


def differing_words(good: Sequence[str], bad: Sequence[str]) -> list[str]:
    """The words of both sentences at the places where they differ.

    Of sentences of unequal length, all words between what they begin and what they end with alike.
    """
    if len(good) == len(bad):
        return [
            word for place in zip(good, bad, strict=True) if len(set(place)) > 1 for word in place
        ]
    start = _alike(good, bad)
    end = _alike(good[start:][::-1], bad[start:][::-1])
    return [*good[start : len(good) - end], *bad[start : len(bad) - end]]


def _alike(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words two sentences begin with alike."""
    shortest = min(len(first), len(second))
    return next((i for i in range(shortest) if first[i] != second[i]), shortest)
