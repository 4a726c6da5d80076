"""Mean pairwise BLEU-4: how alike two sentences are that are drawn at random from a text.

The mean, over all ordered pairs of different places i and j, of the plain BLEU-4 of sentence i
against the one reference j: 0 unless they share an n-gram of every order from 1 to 4, no
smoothing. Unlike self-BLEU it does not depend on how many sentences there are, other than by
chance; and it is of the size that column SB of the paper's Table 3 prints.

It is exact, over all pairs. What makes 10,000 sentences (50 million pairs) fast:

- Sentences that are equal are counted once, with their number of copies.
- The clipped matches of two sentences are the intersection of two SETS, of (n-gram, occurrence):
  the second "the" of one matches the second "the" of another. So each such item keeps a list of
  the sentences that have it, and the matches of a sentence with all later ones are a histogram of
  the lists of its items.
- Items that very many sentences have ("i don t know") would have lists too long. 64 of them at a
  time are the bits of a word, and two sentences match in as many as are set in both words.
"""

from collections.abc import Sequence

import numpy as np

from textvae.generation.ngrams import ORDERS, NgramCounts, Sentence, count_ngrams, distinct


def pairwise_bleu4(sentences: Sequence[Sentence]) -> float:
    """Mean pairwise BLEU-4 of two or more sentences of words, 0 to 100; InputError for fewer."""
    kinds, copies = distinct(sentences)
    places = len(sentences)
    lengths = np.array([len(sentence) for sentence in kinds])
    # Shorter ones have no 4-gram. By length, so that no later sentence is shorter.
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] >= max(ORDERS)]
    kinds, copies, lengths = [kinds[i] for i in order], copies[order], lengths[order]
    # BLEU is the fourth root of a product of matches over a product of n-grams.
    scale = np.prod([lengths - n + 1.0 for n in ORDERS], axis=0) ** -0.25
    matches = [_Matches(counts, len(kinds)) for counts in count_ngrams(kinds)]
    # A sentence against its copies scores 1.
    total = float(copies @ (copies - 1))
    for i in range(len(kinds) - 1):
        if i == 0 or lengths[i] > lengths[i - 1]:
            # Sentence i against a later one, then the later one against i: brevity costs the first.
            brevity = np.exp(np.minimum(0, 1 - lengths / lengths[i]))
            both_ways = copies * (scale[i] * brevity + scale)
        matched = _product(matches, i)
        if matched is not None:
            # Not `@`: BLAS starts threads for it on a long text, and waits for them every time.
            total += copies[i] * (np.sqrt(np.sqrt(matched)) * both_ways[i + 1 :]).sum()
    return 100 * total / (places * (places - 1))


def _product(matches: "list[_Matches]", i: int) -> np.ndarray | None:
    """The matches of sentence i with each later one, over orders, (D - i - 1,); None if all 0."""
    product = None
    # 4-grams first: most sentences of a varied text share none, and need no more.
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
        # Items are numbered from the most frequent. One with h holders costs h * h steps as a
        # list, 64 of them cost D * D as a word: so many words pay.
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
        # The lists end to end. Row k, of sentence[k], finds it and the later holders of its item
        # from _place[k] to _end[k].
        self._lists = sentence[order]
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        self._place = place.tolist()
        self._end = np.searchsorted(item[order], item, side="right").tolist()
        self._rows = np.searchsorted(sentence, np.arange(sentences + 1)).tolist()

    def with_later(self, i: int) -> np.ndarray:
        """(D - i - 1,) int64: the matches of sentence i with sentences i + 1, i + 2, ..."""
        rows = slice(self._rows[i], self._rows[i + 1])
        lists = [
            self._lists[place:end]
            for place, end in zip(self._place[rows], self._end[rows], strict=True)
        ]
        holders = np.concatenate(lists) if lists else self._lists[:0]
        matched = np.bincount(holders, minlength=self._bits.shape[1])[i + 1 :]
        for word in self._bits:
            if word[i]:
                matched += np.bitwise_count(word[i] & word[i + 1 :])
        return matched


def _items(counts: NgramCounts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The items (n-gram, occurrence) of the sentences: an n-gram with count 3 is three items.

    Returns, for each of M memberships, the sentence and the item, (M,) int64, sentences rising;
    and of each of I items how many sentences hold it, (I,), falling.
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
