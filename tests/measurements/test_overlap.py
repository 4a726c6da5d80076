"""BLEU and ROUGE of reconstructions: by hand, and against exact fractions and sacrebleu."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU

from textvae.measurements.overlap import overlap_by_bucket, rouge, scores, shared_words

sentences = st.lists(st.sampled_from("abcdef"), max_size=35)
originals = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=35)
pairs = st.lists(st.tuples(originals, sentences), min_size=1, max_size=12)
bounded = settings(max_examples=30, deadline=None)


def overlap(*pairs: tuple[str, str]) -> dict:
    """Return the scores of (original, reconstruction) texts."""
    return overlap_by_bucket([a.split() for a, _ in pairs], [b.split() for _, b in pairs])


def ngrams(sentence: list, n: int) -> Counter:
    return Counter(tuple(sentence[i : i + n]) for i in range(len(sentence) - n + 1))


def exact_bleu(pairs: list[tuple[list, list]], n: int) -> float:
    """Return corpus BLEU-n by its definition, exact up to the last root."""
    product = Fraction(1)
    for order in range(1, n + 1):
        counts = [(ngrams(a, order), ngrams(b, order)) for a, b in pairs]
        matched = sum((a & b).total() for a, b in counts)
        if matched == 0:
            return 0.0
        product *= Fraction(matched, sum(b.total() for _, b in counts))
    reference, hypothesis = (sum(len(pair[side]) for pair in pairs) for side in (0, 1))
    brevity = math.exp(1 - Fraction(reference, hypothesis)) if hypothesis < reference else 1.0
    return 100 * brevity * float(product) ** (1 / n)


def exact_rouge(pairs: list[tuple[list, list]], n: int) -> float:
    """Return the mean of 2 |A and B| / (|A| + |B|) over sets of n-grams, without the 1e-8."""
    total = Fraction(0)
    for a, b in ((set(ngrams(a, n)), set(ngrams(b, n))) for a, b in pairs):
        if a and b:
            total += Fraction(2 * len(a & b), len(a) + len(b))
    return float(100 * total / len(pairs))


def test_perfect_copies_score_100_and_orders_without_ngrams_have_no_score():
    values = overlap(("turn left", "turn left"), ("go home now", "go home now"))
    assert (values["bleu2_all"], values["bleu4_all"], values["rouge4_all"]) == (100, None, None)
    # An original of four words has a 4-gram; a reconstruction without one misses it.
    values = overlap(("turn left at once", "turn left"))
    assert (values["bleu4_all"], values["rouge4_all"]) == (0, 0)
    assert overlap(("a b c d e", "a b c d e"))["bleu4_all"] == 100
    assert overlap(("a b", "a b c d"))["bleu4_all"] is None


def test_unknown_words_match_nothing():
    values = overlap(("a <unk> b c", "a <unk> b c"))
    # Of the copy's words 3 of 4 match, of its pairs 1 of 3; ROUGE of pairs is 1 of 3.
    assert values["bleu2_all"] == pytest.approx(100 * math.sqrt(3 / 4 * 1 / 3))
    assert values["rouge2_all"] == pytest.approx(100 / 3)
    assert overlap(("<unk> <unk>", "<unk> <unk>"))["rouge2_all"] == 0


def test_scores_by_hand():
    values = overlap(("the cat sat on the mat", "the cat lay on the mat"))
    # 5/6 of the words and 3/5 of the pairs match; no run of four words does.
    assert values["bleu2_all"] == pytest.approx(100 * math.sqrt(5 / 6 * 3 / 5))
    assert values["bleu4_all"] == 0
    # Of 5 pairs on each side 3 are in both.
    assert values["rouge2_all"] == pytest.approx(60)
    # {ab, ba} against {ab}, and the authors' 1e-8.
    assert rouge(list("ababa"), list("ab"), 2) == pytest.approx(2 / 3)
    assert rouge(list("abcd"), list("abcd"), 4) == 2 / (2 + 1e-8)
    # A word matches as often as the original has it: words 2 + 2 of 4 + 2, pairs 0 + 1 of 3 + 1.
    values = overlap(("the cat sees the dog", "the the the the"), ("a b", "a b"))
    expected = 100 * math.exp(1 - 7 / 6) * math.sqrt(4 / 6 * 1 / 4)
    assert values["bleu2_all"] == pytest.approx(expected)


def test_short_and_empty_sentences_by_hand():
    """They score 0 in the mean of ROUGE; BLEU pools counts and lengths (here 5 of 8 words)."""
    short = overlap(("yes", "yes"), ("no", "no"), ("a b c d", "a b c d"))
    assert short["rouge2_all"] == short["rouge4_all"] == pytest.approx(100 / 3)
    assert short["bleu4_all"] == pytest.approx(100)
    assert (short["originals_without_2grams"], short["originals_without_4grams"]) == (2, 2)
    empty = overlap(("a b c d e", "a b c d e"), ("f g h", ""))
    assert empty["bleu4_all"] == pytest.approx(100 * math.exp(1 - 8 / 5))
    assert empty["rouge4_all"] == pytest.approx(50)
    only_empty = overlap(("a b", ""), ("c d", ""))
    assert only_empty["bleu2_all"] == only_empty["rouge2_all"] == 0


@pytest.mark.parametrize(
    ("length", "bucket"), [(4, 1), (10, 1), (11, 2), (20, 2), (21, 3), (30, 3), (31, None)]
)
def test_bucket_is_by_the_length_of_the_original(length, bucket):
    values = overlap_by_bucket([["w"] * length], [["w"] * 15])
    counts = {b: values[f"sentences_bucket{b}"] for b in (1, 2, 3)}
    assert counts == {b: int(b == bucket) for b in (1, 2, 3)}
    assert values["sentences_all"] == 1
    assert all((values[f"rouge4_bucket{b}"] is None) == (b != bucket) for b in (1, 2, 3))


def test_nothing_has_no_scores_and_sides_must_be_equal_in_number():
    nothing = overlap_by_bucket([], [])
    assert (nothing["bleu2_all"], nothing["sentences_all"], len(nothing)) == (None, 0, 22)
    with pytest.raises(ValueError, match="shorter"):
        overlap_by_bucket([["a"], ["b"]], [["a"]])


def test_words_are_compared_as_they_are():
    """A word may contain white space of Unicode, which sacrebleu would split."""
    assert overlap(("The cat , n't", "the cat , n't"))["bleu2_all"] < 100
    reference = ["10\u00a0000", "a\u2028b", "c", "x"]
    assert overlap_by_bucket([reference], [reference])["bleu4_all"] == pytest.approx(100)
    values = overlap_by_bucket([reference], [["10", *reference[1:]]])
    assert values["bleu2_all"] == pytest.approx(100 * math.sqrt(3 / 4 * 2 / 3))


@bounded
@given(pairs, st.randoms(use_true_random=False))
def test_scores_equal_exact_fractions_and_sacrebleu(pairs, random):
    values = overlap_by_bucket(*zip(*pairs, strict=True))
    buckets = {"bucket1": (1, 10), "bucket2": (11, 20), "bucket3": (21, 30), "all": (1, 10**9)}
    for bucket, (first, last) in buckets.items():
        chosen = [pair for pair in pairs if first <= len(pair[0]) <= last]
        assert values[f"sentences_{bucket}"] == len(chosen)
        for n in (2, 4):
            # Few shared n-grams: the 1e-8 in the denominator of ROUGE is felt where p + r is 0.05.
            here = [values[f"bleu{n}_{bucket}"], values[f"rouge{n}_{bucket}"]]
            if any(len(original) >= n for original, _ in chosen):
                expected = [exact_bleu(chosen, n), exact_rouge(chosen, n)]
                assert here == pytest.approx(expected, rel=1e-6)
            else:
                assert here == [None, None]
    # Not a bit differs from sacrebleu's own result.
    references, hypotheses = (
        [" ".join(words) for words in side] for side in zip(*pairs, strict=True)
    )
    for n in (2, 4):
        metric = BLEU(max_ngram_order=n, smooth_method="none", tokenize="none", force=True)
        if any(len(original) >= n for original, _ in pairs):
            score = metric.corpus_score(hypotheses, [references]).score
            assert values[f"bleu{n}_all"] == min(score, 100)
    shuffled = random.sample(pairs, len(pairs))
    assert overlap_by_bucket(*zip(*shuffled, strict=True)) == pytest.approx(values)


@bounded
@given(pairs, st.data())
def test_weighted_sentences_count_as_repeated_ones(pairs, data):
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(pairs), max_size=len(pairs)))
    shared = shared_words(*zip(*pairs, strict=True))
    weighted = scores(shared, np.array(counts))
    repeated = [pair for pair, count in zip(pairs, counts, strict=True) for _ in range(count)]
    expected = overlap_by_bucket([a for a, _ in repeated], [b for _, b in repeated])
    for name, value in weighted.items():
        assert value == (None if expected[name] is None else pytest.approx(expected[name]))
    assert scores(shared, np.ones(len(pairs), int)) == scores(shared)
