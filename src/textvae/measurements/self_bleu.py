"""Self-BLEU-4 (column SB of the paper's Table 3) and mean pairwise BLEU-4.

Self-BLEU-4 is the mean BLEU-4 of each sentence against all others as references: 100 if every
sentence has a copy, low if the sentences differ. As in Texygen (Zhu et al. 2018), it is NLTK's
`sentence_bleu` with smoothing method 1, which counts 0.1 for an order without matches. It increases
with the number of sentences: values are comparable only for equal numbers.

NLTK takes time quadratic in the number of sentences; this implementation is linear in the number of
n-grams. An n-gram count is clipped to its largest count in any other sentence, so for each n-gram
the largest count, the sentence that has it, and the second largest count suffice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from textvae.corpora.vocabulary import UNK
from textvae.errors import InputError

ORDERS = (1, 2, 3, 4)

Sentence = Sequence[str]


@dataclass(frozen=True)
class NgramCounts:
    """Counts of the n-grams of one order in each sentence, without zeros: R rows.

    sentence: (R,) int64, increasing; ngram: (R,) int64, from 0, increasing within a sentence;
    count: (R,) int64, 1 or more.
    """

    sentence: np.ndarray
    ngram: np.ndarray
    count: np.ndarray


def distinct(sentences: Sequence[Sentence]) -> tuple[list[Sentence], np.ndarray]:
    """Return the D distinct sentences, and the number of copies of each, (D,) int64.

    InputError for fewer than two sentences.
    """
    if len(sentences) < 2:
        raise InputError(f"too few sentences to compare: {len(sentences)}, expected two or more")
    copies = Counter(map(tuple, sentences))
    return list(copies), np.array(list(copies.values()), dtype=np.int64)


def unknown_note(sentences: Sequence[Sentence]) -> str | None:
    """Return a note on how many words of N sentences are `<unk>`; None if none is."""
    unknown, words = sum(one.count(UNK) for one in sentences), sum(map(len, sentences))
    if not unknown:
        return None
    return f"{unknown:,} of {words:,} words are {UNK}, which matches itself here"


def count_ngrams(sentences: Sequence[Sentence]) -> list[NgramCounts]:
    """Count the n-grams of every order in ORDERS in N sentences of words."""
    number: dict[str, int] = {}
    words = np.array(
        [number.setdefault(word, len(number)) for word in chain.from_iterable(sentences)],
        dtype=np.int64,
    )
    lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
    sentence = np.repeat(np.arange(len(sentences)), lengths)
    end = np.repeat(np.cumsum(lengths), lengths)
    # The number of an n-gram is that of the pair (its first n - 1 words, its last word).
    start, ngram = np.arange(len(words)), words
    counts = [_count(sentence, ngram)]
    for n in ORDERS[1:]:
        inside = start + n <= end[start]
        start, shorter = start[inside], ngram[inside]
        _, ngram = np.unique(shorter * len(number) + words[start + n - 1], return_inverse=True)
        counts.append(_count(sentence[start], ngram))
    return counts


def _count(sentence: np.ndarray, ngram: np.ndarray) -> NgramCounts:
    """Count n-grams, given the sentence and the n-gram of each position in the text, (T,)."""
    size = int(ngram.max(initial=0)) + 1
    pair, count = np.unique(sentence * size + ngram, return_counts=True)
    return NgramCounts(pair // size, pair % size, count)


def pairwise_bleu4(sentences: Sequence[Sentence]) -> float | None:
    """Return the mean pairwise BLEU-4 of sentences, 0 to 100; InputError for fewer than two.

    None if no sentence has a 4-gram.
    """
    unique, copies = distinct(sentences)
    count = len(sentences)
    lengths = np.array([len(sentence) for sentence in unique])
    if lengths.max() < max(ORDERS):
        return None
    # Sentences of fewer than 4 words have no 4-gram. Sorted by length.
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] >= max(ORDERS)]
    unique, copies, lengths = [unique[i] for i in order], copies[order], lengths[order]
    # BLEU is the fourth root of a product of matches over a product of n-grams.
    scale = np.prod([lengths - n + 1.0 for n in ORDERS], axis=0) ** -0.25
    matches = [_Matches(counts, len(unique)) for counts in count_ngrams(unique)]
    # A sentence against its copies scores 1.
    total = float(copies @ (copies - 1))
    for i in range(len(unique) - 1):
        if i == 0 or lengths[i] > lengths[i - 1]:
            # Sentence i against a later one, with brevity penalty, and the later one against i.
            brevity = np.exp(np.minimum(0, 1 - lengths / lengths[i]))
            both_ways = copies * (scale[i] * brevity + scale)
        matched = _product(matches, i)
        if matched is not None:
            # Not `@`: on a long text BLAS would start threads at every call.
            total += copies[i] * (np.sqrt(np.sqrt(matched)) * both_ways[i + 1 :]).sum()
    # Rounding may exceed 1 for sentences with the same n-grams.
    return min(100 * total / (count * (count - 1)), 100.0)


def _product(matches: "list[_Matches]", i: int) -> np.ndarray | None:
    """Return the product over orders of the matches of sentence i with later ones, (D - i - 1,).

    None if all are 0.
    """
    product = None
    # 4-grams first: most sentences of a diverse text share none, which ends the loop.
    for order in reversed(matches):
        matched = order.with_later(i)
        product = matched.astype(np.float64) if product is None else product * matched
        if not product.any():
            return None
    return product


class _Matches:
    """Matches of n-grams of one order between each of D sentences and those after it."""

    def __init__(self, counts: NgramCounts, sentences: int) -> None:
        sentence, item, holders = _items(counts)
        # Items are numbered from the most frequent. An item in h sentences costs h * h steps as a
        # list; 64 items cost D * D steps as a word of bits. Use words where they are cheaper.
        chunks = np.arange(0, len(holders), 64)
        costs = np.add.reduceat(holders**2, chunks) if len(holders) else holders
        words = int((costs > sentences**2).sum())
        frequent = item < 64 * words
        self._bits = np.zeros((words, sentences), dtype=np.uint64)
        bit = np.uint64(1) << (item[frequent] % 64).astype(np.uint64)
        np.bitwise_or.at(self._bits, (item[frequent] // 64, sentence[frequent]), bit)
        rare = ~frequent & (holders[item] > 1)
        sentence, item = sentence[rare], item[rare]
        order = np.argsort(item, kind="stable")
        # The concatenated lists. Row k is the entry of sentence[k]; the sentences from it on that
        # have its item are at _start[k] to _end[k].
        self._lists = sentence[order]
        start = np.empty_like(order)
        start[order] = np.arange(len(order))
        self._start = start.tolist()
        self._end = np.searchsorted(item[order], item, side="right").tolist()
        self._rows = np.searchsorted(sentence, np.arange(sentences + 1)).tolist()

    def with_later(self, i: int) -> np.ndarray:
        """Return the matches of sentence i with sentences i + 1, i + 2, ..., (D - i - 1,) int64."""
        rows = slice(self._rows[i], self._rows[i + 1])
        lists = [
            self._lists[start:end]
            for start, end in zip(self._start[rows], self._end[rows], strict=True)
        ]
        holders = np.concatenate(lists) if lists else self._lists[:0]
        matched = np.bincount(holders, minlength=self._bits.shape[1])[i + 1 :]
        for word in self._bits:
            if word[i]:
                matched += np.bitwise_count(word[i] & word[i + 1 :])
        return matched


def _items(counts: NgramCounts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the items (n-gram, occurrence) of the sentences; an n-gram of count 3 is three items.

    Returned are the sentence and the item of each of M occurrences, (M,) int64, sentences
    increasing, and the number of sentences with each of I items, (I,), decreasing.
    """
    sentence = np.repeat(counts.sentence, counts.count)
    ngram = np.repeat(counts.ngram, counts.count)
    first = np.repeat(np.cumsum(counts.count) - counts.count, counts.count)
    occurrence = np.arange(len(first)) - first
    key = ngram * (occurrence.max(initial=0) + 1) + occurrence
    _, item, holders = np.unique(key, return_inverse=True, return_counts=True)
    rank = np.argsort(-holders, kind="stable")
    number = np.empty_like(rank)
    number[rank] = np.arange(len(rank))
    return sentence, number[item], holders[rank]


# NLTK's epsilon, the count of smoothing method 1 for an order without matches.
_EPSILON = 0.1


def self_bleu4(sentences: Sequence[Sentence]) -> float | None:
    """Return self-BLEU-4 of sentences of words, 0 to 100; InputError for fewer than two.

    None if no sentence has a 4-gram.

    A sentence that shares no word with another, or is empty, scores 0. An order for which a
    sentence is too short counts as one n-gram without a match.
    """
    unique, copies = distinct(sentences)
    lengths = np.array([len(sentence) for sentence in unique])
    if lengths.max() < max(ORDERS):
        return None
    log_precision = np.zeros(len(unique))
    shares_a_word = np.zeros(len(unique), dtype=bool)
    for n, counts in zip(ORDERS, count_ngrams(unique), strict=True):
        clipped = np.minimum(counts.count, most_elsewhere(counts, copies))
        matched = np.bincount(counts.sentence, weights=clipped, minlength=len(unique))
        if n == 1:
            shares_a_word = matched > 0
        ngrams = np.maximum(lengths - n + 1, 1)
        log_precision += np.log(np.where(matched > 0, matched, _EPSILON) / ngrams) / len(ORDERS)
    brevity = np.minimum(0, 1 - closest_lengths(lengths, copies) / np.maximum(lengths, 1))
    scores = np.where(shares_a_word, np.exp(brevity + log_precision), 0)
    return float(100 * (scores @ copies) / copies.sum())


def most_elsewhere(counts: NgramCounts, copies: np.ndarray) -> np.ndarray:
    """Return the largest count of each row's n-gram in any other sentence, (R,).

    It is 0 if no other sentence has the n-gram. There are copies[s] copies of sentence s.
    """
    # Sorted by n-gram and decreasing count: the first row of an n-gram has the largest count.
    order = np.lexsort((-counts.count, counts.ngram))
    ngram, count = counts.ngram[order], counts.count[order]
    first = np.flatnonzero(np.diff(ngram, prepend=-1))
    largest, owner = count[first], counts.sentence[order[first]]
    alone = np.diff(first, append=len(ngram)) == 1
    second = np.where(alone, 0, count[np.minimum(first + 1, len(ngram) - 1)])
    second = np.where(copies[owner] > 1, largest, second)
    is_owner = counts.sentence == owner[counts.ngram]
    return np.where(is_owner, second[counts.ngram], largest[counts.ngram])


def closest_lengths(lengths: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """Return the closest length of another sentence, ties to the shorter: (D,) words.

    There are copies[s] copies of sentence s, of lengths[s] words, and at least two in total.
    """
    values, index = np.unique(lengths, return_inverse=True)
    number = np.bincount(index, weights=copies)
    below = values - np.concatenate([[-np.inf], values[:-1]])
    above = np.concatenate([values[1:], [np.inf]]) - values
    other = np.where(below <= above, values - below, values + above)
    return np.where(number > 1, values, other)[index]
