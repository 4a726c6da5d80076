"""Words that a reconstruction shares with its original: BLEU-n and set-ROUGE-n (section 3.1).

BLEU-n is corpus BLEU over n-grams up to n, uniform weights, one reference, no smoothing. ROUGE-n
is the F1 of the two SETS of n-grams of a sentence and its reconstruction, averaged over sentences;
a sentence shorter than n words has no n-gram, scores 0 and stays in the mean. Both times 100.

Sentences are sequences of words, already tokenised. An empty reconstruction is a sentence of no
words: it adds nothing but the length of its original to BLEU and scores 0 in ROUGE. (The authors'
scripts count one empty word there, which makes their brevity penalty a trifle milder.)
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence

from sacrebleu.metrics import BLEU
from sacrebleu.metrics.bleu import BLEUScore

ORDERS = (2, 4)

# Table 1 groups sentences by the length of the original: the first and last length, in words.
BUCKETS = {"bucket1": (0, 10), "bucket2": (11, 20), "bucket3": (21, 30)}

Sentence = Sequence[str]
Pair = tuple[Sentence, Sentence]  # original, reconstruction

# sacrebleu holds the n-grams of all references it is given: so many sentences at a time bounds
# the memory, and costs nothing, as the counts that corpus BLEU is made of add up.
_SLICE = 1000


def overlap_by_bucket(
    references: Sequence[Sentence], hypotheses: Sequence[Sentence]
) -> dict[str, float | int | None]:
    """The reconstruction columns of Table 1 for N originals and their reconstructions.

    Keys: bleu2_bucket1, rouge2_bucket1, bleu4_bucket1, rouge4_bucket1, ... bucket2, bucket3 (by
    length of the original) and ..._all (every sentence, those of over 30 words too), from 0 to
    100; sentences_bucket1 ... sentences_all, how many sentences each holds. The scores of an
    empty bucket are None. ValueError if the two sides differ in number.
    """
    groups: dict[str, list[Pair]] = {bucket: [] for bucket in (*BUCKETS, "longer")}
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        groups[_bucket(len(reference))].append((reference, hypothesis))
    counts = {bucket: _counts(pairs) for bucket, pairs in groups.items()}
    counts["all"] = Counter()
    for group in groups:
        counts["all"].update(counts[group])
    scores: dict[str, float | int | None] = {}
    for bucket in (*BUCKETS, "all"):
        sentences = counts[bucket]["sentences"]
        for n in ORDERS:
            scores[f"bleu{n}_{bucket}"] = _bleu(counts[bucket], n) if sentences else None
            scores[f"rouge{n}_{bucket}"] = (
                100 * counts[bucket]["rouge", n] / sentences if sentences else None
            )
        scores[f"sentences_{bucket}"] = sentences
    return scores


def rouge(reference: Sentence, hypothesis: Sentence, n: int) -> float:
    """Set-ROUGE-n F1 of one sentence, from 0 to 1 (the authors' 1e-8 keeps it a hair below 1)."""
    wanted, found = _ngrams(reference, n), _ngrams(hypothesis, n)
    if not wanted or not found:
        return 0.0
    shared = len(wanted & found)
    precision, recall = shared / len(found), shared / len(wanted)
    return 2 * precision * recall / (precision + recall + 1e-8)


def _counts(pairs: Sequence[Pair]) -> Counter:
    """What the scores of a set of pairs are made of; the counts of two sets add up."""
    counts: Counter = Counter(sentences=len(pairs))
    for start in range(0, len(pairs), _SLICE):
        score = _sacrebleu(pairs[start : start + _SLICE])
        counts["hypothesis words"] += score.sys_len
        counts["reference words"] += score.ref_len
        for n, (matched, ngrams) in enumerate(zip(score.counts, score.totals, strict=True), 1):
            counts["matched", n] += matched
            counts["ngrams", n] += ngrams
    for n in ORDERS:
        counts["rouge", n] = sum(rouge(*pair, n) for pair in pairs)
    return counts


def _sacrebleu(pairs: Sequence[Pair]) -> BLEUScore:
    """sacrebleu's verdict on some pairs, with its counts for every order.

    sacrebleu takes text and cuts it at white space, of which Unicode has more than a corpus may
    mean (a word can hold a no-break space): it is given the words' numbers instead.
    """
    number: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    references, hypotheses = (
        [" ".join(str(number[word]) for word in sentence) for sentence in side]
        for side in zip(*pairs, strict=True)
    )
    metric = BLEU(max_ngram_order=max(ORDERS), smooth_method="none", tokenize="none", force=True)
    return metric.corpus_score(hypotheses, [references])


def _bleu(counts: Counter, n: int) -> float:
    """BLEU-n, 0 to 100, by sacrebleu's formula on the counts up to order n."""
    return BLEU.compute_bleu(
        correct=[counts["matched", k] for k in range(1, n + 1)],
        total=[counts["ngrams", k] for k in range(1, n + 1)],
        sys_len=counts["hypothesis words"],
        ref_len=counts["reference words"],
        smooth_method="none",
        max_ngram_order=n,
    ).score


def _bucket(length: int) -> str:
    for name, (first, last) in BUCKETS.items():
        if first <= length <= last:
            return name
    return "longer"


def _ngrams(sentence: Sentence, n: int) -> set[tuple[str, ...]]:
    return set(zip(*(sentence[i:] for i in range(n)), strict=False))
