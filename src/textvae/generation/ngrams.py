"""The n-grams of many sentences as arrays: what both kinds of self-BLEU count."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from textvae.errors import InputError

ORDERS = (1, 2, 3, 4)

Sentence = Sequence[str]


@dataclass(frozen=True)
class NgramCounts:
    """How often each sentence has each n-gram of one order, where it has it: R rows.

    sentence: (R,) int64, rising; ngram: (R,) int64, from 0, rising within a sentence;
    count: (R,) int64, 1 or more.
    """

    sentence: np.ndarray
    ngram: np.ndarray
    count: np.ndarray


def distinct(sentences: Sequence[Sentence]) -> tuple[list[Sentence], np.ndarray]:
    """The D sentences that differ, and how many copies there are of each, (D,) int64.

    InputError for fewer than two sentences: there is nothing to compare.
    """
    if len(sentences) < 2:
        raise InputError(f"too few sentences to compare: {len(sentences)}, expected two or more")
    copies = Counter(map(tuple, sentences))
    return list(copies), np.array(list(copies.values()), dtype=np.int64)


def count_ngrams(sentences: Sequence[Sentence]) -> list[NgramCounts]:
    """The counts of every order in ORDERS, over N sentences of words."""
    number: dict[str, int] = {}
    words = np.array(
        [number.setdefault(word, len(number)) for word in chain.from_iterable(sentences)],
        dtype=np.int64,
    )
    lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
    sentence = np.repeat(np.arange(len(sentences)), lengths)
    end = np.repeat(np.cumsum(lengths), lengths)
    # An n-gram is numbered as a pair: the (n - 1)-gram it begins with, and its last word.
    start, ngram = np.arange(len(words)), words
    counts = [_counted(sentence, ngram)]
    for n in ORDERS[1:]:
        inside = start + n <= end[start]
        start, shorter = start[inside], ngram[inside]
        _, ngram = np.unique(shorter * len(number) + words[start + n - 1], return_inverse=True)
        counts.append(_counted(sentence[start], ngram))
    return counts


def _counted(sentence: np.ndarray, ngram: np.ndarray) -> NgramCounts:
    """From the sentence and the n-gram of each place in the text, (T,)."""
    size = int(ngram.max(initial=0)) + 1
    pair, count = np.unique(sentence * size + ngram, return_counts=True)
    return NgramCounts(pair // size, pair % size, count)
