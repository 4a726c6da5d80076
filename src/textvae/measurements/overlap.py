"""BLEU-n and set-ROUGE-n of reconstructions against their originals (paper, section 3.1).

BLEU-n is corpus BLEU over n-grams up to n, uniform weights, one reference, no smoothing. ROUGE-n
is the F1 of the two sets of n-grams of a sentence and its reconstruction, averaged over sentences;
a sentence shorter than n words has no n-gram and scores 0. Both are scaled to 0..100, and both are
undefined where no original has an n-gram, because then even perfect copies could not match one.

Sentences are sequences of words, already tokenised. An empty reconstruction has no
words: it adds only the length of its original to BLEU and scores 0 in ROUGE. (The authors' scripts
count one empty word, which makes their brevity penalty slightly smaller.) `<unk>` in a
reconstruction matches nothing, not even `<unk>` in the original: which word it stands for is lost.
"""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sacrebleu.metrics import BLEU
from sacrebleu.metrics.bleu import BLEUScore

from textvae.corpora.vocabulary import UNK

ORDERS = (2, 4)
# The largest score, that of perfect copies.
PERFECT = 100.0

# Table 1 groups sentences by the length of the original: the first and last length, in words.
BUCKETS = {"bucket1": (0, 10), "bucket2": (11, 20), "bucket3": (21, 30)}
_LONGER = "longer"

Sentence = Sequence[str]

# Why a score is None.
UNDEFINED = "no original has as many words as the n-grams"

# Replaces `<unk>` in reconstructions: equal to no word of an original, since words have no spaces.
_UNMATCHED = "unknown word"

# Lengths of the n-grams that BLEU counts.
_LENGTHS = range(1, max(ORDERS) + 1)


@dataclass(frozen=True)
class SharedWords:
    """Counts from which the scores of N originals and their reconstructions are computed.

    counts: name -> (N,): hypothesis and reference words, n-grams and matched n-grams of each
    length, and set-ROUGE of each order (0 to 1). buckets: name -> (n,), indices of its sentences.
    """

    counts: dict[str, np.ndarray]
    buckets: dict[str, np.ndarray]


def overlap_by_bucket(
    references: Sequence[Sentence], hypotheses: Sequence[Sentence]
) -> dict[str, float | int | None]:
    """Return the reconstruction columns of Table 1 for N originals and their reconstructions.

    Keys: bleu2_bucket1, rouge2_bucket1, bleu4_bucket1, rouge4_bucket1, ... bucket2, bucket3 (by
    length of the original) and ..._all (all sentences, also those of over 30 words), from 0 to
    100; sentences_bucket1 ... sentences_all, the number of sentences in each;
    originals_without_2grams and originals_without_4grams, of those shorter. The scores of order n
    are None in a bucket without originals of n words or more. ValueError if the two sides differ in
    number.
    """
    shared = shared_words(references, hypotheses)
    return scores(shared) | sizes(shared)


def shared_words(references: Sequence[Sentence], hypotheses: Sequence[Sentence]) -> SharedWords:
    """Count each sentence and its reconstruction; ValueError if their numbers differ."""
    names = (
        *("hypothesis words", "reference words"),
        *(f"{kind} {n}" for kind in ("matched", "ngrams") for n in _LENGTHS),
        *(f"rouge {n}" for n in ORDERS),
    )
    metric = BLEU(
        max_ngram_order=max(ORDERS),
        smooth_method="none",
        tokenize="none",
        force=True,
        # Does not affect the counts; without it sacrebleu warns about scores of single sentences.
        effective_order=True,
    )
    rows, members = [], defaultdict(list)
    for index, (reference, hypothesis) in enumerate(zip(references, hypotheses, strict=True)):
        hypothesis = [_UNMATCHED if word == UNK else word for word in hypothesis]
        counted = _sacrebleu(metric, reference, hypothesis)
        rouges = (rouge(reference, hypothesis, n) for n in ORDERS)
        words = (counted.sys_len, counted.ref_len)
        rows.append((*words, *counted.counts, *counted.totals, *rouges))
        members[_bucket_of(len(reference))].append(index)
    columns = np.array(rows, dtype=float).reshape(len(rows), len(names)).T
    buckets = {name: np.array(members[name], dtype=int) for name in (*BUCKETS, _LONGER)}
    return SharedWords(dict(zip(names, columns, strict=True)), buckets)


def scores(shared: SharedWords, weights: np.ndarray | None = None) -> dict[str, float | None]:
    """Return BLEU and ROUGE of each bucket and of all, with the keys of `overlap_by_bucket`.

    weights: (N,) weight of each sentence; 1 if not given.
    """
    totals = {name: _totals(shared, indices, weights) for name, indices in shared.buckets.items()}
    totals["all"] = {
        name: sum(total[name] for total in totals.values()) for name in totals[_LONGER]
    }
    values: dict[str, float | None] = {}
    for bucket in (*BUCKETS, "all"):
        total = totals[bucket]
        for n in ORDERS:
            defined = total[f"at least {n} words"] > 0
            values[f"bleu{n}_{bucket}"] = _bleu(total, n) if defined else None
            values[f"rouge{n}_{bucket}"] = (
                100 * total[f"rouge {n}"] / total["sentences"] if defined else None
            )
    return values


def sizes(shared: SharedWords) -> dict[str, int]:
    """Return the number of sentences in each bucket, in total, and without an n-gram."""
    counts = {f"sentences_{bucket}": len(shared.buckets[bucket]) for bucket in BUCKETS}
    counts["sentences_all"] = sum(map(len, shared.buckets.values()))
    lengths = shared.counts["reference words"]
    return counts | {f"originals_without_{n}grams": int((lengths < n).sum()) for n in ORDERS}


def rouge(reference: Sentence, hypothesis: Sentence, n: int) -> float:
    """Return set-ROUGE-n F1 of a sentence, 0..1 (slightly below 1, by the authors' 1e-8)."""
    expected, generated = _ngrams(reference, n), _ngrams(hypothesis, n)
    if not expected or not generated:
        return 0.0
    shared = len(expected & generated)
    precision, recall = shared / len(generated), shared / len(expected)
    return 2 * precision * recall / (precision + recall + 1e-8)


def _sacrebleu(metric: BLEU, reference: Sentence, hypothesis: Sentence) -> BLEUScore:
    """Return sacrebleu's score of a pair, with its counts for every order.

    sacrebleu splits text at any Unicode white space, which a word of the corpus may contain (a
    no-break space): words are passed as numbers instead.
    """
    number: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    expected, generated = (
        " ".join(str(number[word]) for word in sentence) for sentence in (reference, hypothesis)
    )
    return metric.sentence_score(generated, [expected])


def _totals(
    shared: SharedWords, indices: np.ndarray, weights: np.ndarray | None
) -> dict[str, float]:
    """Return the sums of the counts of sentences, and numbers of sentences.

    Those are `sentences`, and for each order the originals that have an n-gram.
    """
    weights = np.ones(len(indices)) if weights is None else weights[indices]
    totals = {name: float(weights @ counts[indices]) for name, counts in shared.counts.items()}
    lengths = shared.counts["reference words"][indices]
    totals |= {f"at least {n} words": float(weights @ (lengths >= n)) for n in ORDERS}
    return totals | {"sentences": float(weights.sum())}


def _bleu(total: dict[str, float], n: int) -> float:
    """Return BLEU-n, 0 to 100, by sacrebleu's formula from the counts up to order n."""
    orders = range(1, n + 1)
    score = BLEU.compute_bleu(
        correct=[int(total[f"matched {k}"]) for k in orders],
        total=[int(total[f"ngrams {k}"]) for k in orders],
        sys_len=int(total["hypothesis words"]),
        ref_len=int(total["reference words"]),
        smooth_method="none",
        max_ngram_order=n,
    ).score
    # sacrebleu's logarithms give 100.00000000000004 for perfect copies.
    return min(score, PERFECT)


def _bucket_of(length: int) -> str:
    for name, (first, last) in BUCKETS.items():
        if first <= length <= last:
            return name
    return _LONGER


def _ngrams(sentence: Sentence, n: int) -> set[tuple[str, ...]]:
    return set(zip(*(sentence[i:] for i in range(n)), strict=False))
