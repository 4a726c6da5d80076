"""Self-BLEU-4: how much of each sentence stands in the others (column SB of the paper's Table 3).

The mean over sentences of the BLEU-4 of each against ALL the others as references: 100 where every
sentence has a copy, low where the sentences differ. As Texygen has it (Zhu et al. 2018), it is
NLTK's `sentence_bleu` with smoothing method 1, which puts 0.1 for an order that matches nothing.
It rises with the number of sentences: values compare only where that number is the same.

NLTK takes time quadratic in the sentences; here it is linear in the n-grams. What an n-gram of a
sentence is clipped to is its largest count in any OTHER sentence. So it is enough to know of each
n-gram the largest count, the sentence that has it, and the second largest.
"""

from collections.abc import Sequence

import numpy as np

from textvae.generation.ngrams import ORDERS, NgramCounts, Sentence, count_ngrams, distinct

# NLTK's epsilon: what smoothing method 1 counts where nothing of an order matches.
_EPSILON = 0.1


def self_bleu4(sentences: Sequence[Sentence]) -> float:
    """Self-BLEU-4 of two or more sentences of words, 0 to 100; InputError for fewer.

    A sentence that shares no word with another scores 0, an empty one too. One shorter than four
    words has no 4-gram, which counts as one that does not match.
    """
    kinds, copies = distinct(sentences)
    lengths = np.array([len(sentence) for sentence in kinds])
    log_precision = np.zeros(len(kinds))
    shares_a_word = np.zeros(len(kinds), dtype=bool)
    for n, counts in zip(ORDERS, count_ngrams(kinds), strict=True):
        clipped = np.minimum(counts.count, most_elsewhere(counts, copies))
        matched = np.bincount(counts.sentence, weights=clipped, minlength=len(kinds))
        if n == 1:
            shares_a_word = matched > 0
        ngrams = np.maximum(lengths - n + 1, 1)
        log_precision += np.log(np.where(matched > 0, matched, _EPSILON) / ngrams) / len(ORDERS)
    brevity = np.minimum(0, 1 - closest_lengths(lengths, copies) / np.maximum(lengths, 1))
    scores = np.where(shares_a_word, np.exp(brevity + log_precision), 0)
    return float(100 * (scores @ copies) / copies.sum())


def most_elsewhere(counts: NgramCounts, copies: np.ndarray) -> np.ndarray:
    """For each row of the counts of one order, the n-gram's largest count in any other sentence.

    (R,), 0 where no other sentence has it. Sentence s of the rows stands copies[s] times.
    """
    # By n-gram, the largest count first: the row that begins an n-gram is its owner's.
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
    """Of each of D sentences, the closest length of another, ties to the shorter: (D,) words.

    Sentence s, of lengths[s] words, stands copies[s] times; there are two or more in all.
    """
    values, kind = np.unique(lengths, return_inverse=True)
    often = np.bincount(kind, weights=copies)
    below = values - np.concatenate([[-np.inf], values[:-1]])
    above = np.concatenate([values[1:], [np.inf]]) - values
    other = np.where(below <= above, values - below, values + above)
    return np.where(often > 1, values, other)[kind]
