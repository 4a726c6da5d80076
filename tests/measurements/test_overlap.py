"""BLEU and ROUGE of reconstructions: by hand, by exact fractions, and by what must always hold."""

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
bounded = settings(max_examples=60, deadline=None)


def of_texts(*pairs: tuple[str, str]) -> dict:
    """Scores of (original, reconstruction) texts."""
    return overlap_by_bucket([a.split() for a, _ in pairs], [b.split() for _, b in pairs])


def exact_bleu(pairs: list[tuple[list, list]], n: int) -> float:
    """Corpus BLEU-n straight from its definition, in exact arithmetic up to the last root."""
    product = Fraction(1)
    for order in range(1, n + 1):
        matched = total = 0
        for reference, hypothesis in pairs:
            wanted, found = (
                Counter(tuple(s[i : i + order]) for i in range(len(s) - order + 1))
                for s in (reference, hypothesis)
            )
            matched += (wanted & found).total()
            total += found.total()
        if matched == 0:
            return 0.0
        product *= Fraction(matched, total)
    long, short = sum(len(r) for r, _ in pairs), sum(len(h) for _, h in pairs)
    brevity = math.exp(1 - Fraction(long, short)) if short < long else 1.0
    return 100 * brevity * float(product) ** (1 / n)


def exact_rouge(pairs: list[tuple[list, list]], n: int) -> float:
    """Mean F1 over sets of n-grams, without the 1e-8: 2 |A and B| / (|A| + |B|)."""
    total = Fraction(0)
    for sides in pairs:
        wanted, found = ({tuple(s[i : i + n]) for i in range(len(s) - n + 1)} for s in sides)
        if wanted and found:
            total += Fraction(2 * len(wanted & found), len(wanted) + len(found))
    return float(100 * total / len(pairs))


def test_bleu_by_hand():
    """One word of six is wrong: 5/6 of the words, 3/5 of the word pairs match, lengths equal."""
    found = of_texts(("the cat sat on the mat", "the cat lay on the mat"))
    assert found["bleu2_all"] == pytest.approx(100 * math.sqrt(5 / 6 * 3 / 5))
    # No run of four words survives, and without smoothing that makes the whole of BLEU-4 zero.
    assert found["bleu4_all"] == 0


def test_a_reconstruction_cannot_earn_a_word_twice():
    """ "the the the the" finds the two "the" of the original, once each; no pair of words."""
    found = of_texts(("the cat sees the dog", "the the the the"), ("a b", "a b"))
    # words: 2 + 2 of 4 + 2; pairs: 0 + 1 of 3 + 1; lengths 6 against 7.
    assert found["bleu2_all"] == pytest.approx(100 * math.exp(1 - 7 / 6) * math.sqrt(4 / 6 * 1 / 4))


def test_rouge_by_hand():
    """Sets of pairs: 5 in the original, 5 in the reconstruction, 3 in both; F1 = 3/5."""
    found = of_texts(("the cat sat on the mat", "the cat lay on the mat"))
    assert found["rouge2_all"] == pytest.approx(60)
    # "a b a b a" has two different pairs, however often they come: {ab, ba} against {ab}.
    assert rouge(list("ababa"), list("ab"), 2) == pytest.approx(2 / 3)


def test_rouge_carries_the_authors_small_number():
    assert rouge(list("abcd"), list("abcd"), 4) == 2 / (2 + 1e-8)


def test_a_sentence_too_short_for_an_ngram_scores_zero_and_stays_in_the_mean():
    found = of_texts(("yes", "yes"), ("no", "no"), ("a b c d", "a b c d"))
    assert found["rouge2_all"] == pytest.approx(100 / 3)
    assert found["rouge4_all"] == pytest.approx(100 / 3)
    # Corpus BLEU pools the counts instead: every n-gram that could be there is right.
    assert found["bleu4_all"] == pytest.approx(100)


def test_an_empty_reconstruction_is_a_sentence_of_no_words():
    """It costs BLEU its original's length (here 3 of 8 words), and ROUGE a zero in the mean."""
    found = of_texts(("a b c d e", "a b c d e"), ("f g h", ""))
    assert found["bleu4_all"] == pytest.approx(100 * math.exp(1 - 8 / 5))
    assert found["rouge4_all"] == pytest.approx(50)
    assert found["sentences_all"] == 2
    only_empty = of_texts(("a b", ""), ("c d", ""))
    assert only_empty["bleu2_all"] == only_empty["rouge2_all"] == 0


@pytest.mark.parametrize(
    ("length", "bucket"),
    [(1, 1), (10, 1), (11, 2), (20, 2), (21, 3), (30, 3), (31, None), (200, None)],
)
def test_buckets_go_by_the_length_of_the_original(length, bucket):
    """Whatever the reconstruction's length; a sentence of over 30 words is in All only."""
    found = overlap_by_bucket([["w"] * length], [["w"] * 15])
    counts = {b: found[f"sentences_bucket{b}"] for b in (1, 2, 3)}
    assert counts == {b: int(b == bucket) for b in (1, 2, 3)}
    assert found["sentences_all"] == 1


def test_an_empty_bucket_has_no_scores():
    found = of_texts(("a b c d", "a b c d"))
    assert found["bleu4_bucket1"] == pytest.approx(100)
    assert all(found[f"{m}{n}_bucket2"] is None for m in ("bleu", "rouge") for n in (2, 4))
    nothing = overlap_by_bucket([], [])
    assert nothing["bleu2_all"] is None
    assert nothing["sentences_all"] == 0


def test_the_columns_are_table_1s():
    assert [key for key in of_texts(("a", "a")) if not key.startswith("sentences")] == [
        f"{metric}_{bucket}"
        for bucket in ("bucket1", "bucket2", "bucket3", "all")
        for metric in ("bleu2", "rouge2", "bleu4", "rouge4")
    ]


def test_sides_of_different_number_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        overlap_by_bucket([["a"], ["b"]], [["a"]])


def test_words_are_taken_as_they_are():
    """Case, symbols, marks and even white space inside a word tell words apart, nothing is cut."""
    assert of_texts(("The <unk> , n't", "the <unk> , n't"))["bleu2_all"] < 100
    [reference] = [["10\u00a0000", "a\u2028b", "<unk>", "x"]]
    exact = overlap_by_bucket([reference], [list(reference)])
    assert exact["bleu4_all"] == pytest.approx(100)
    # One word of four is wrong. Cut at its no-break space it would be one of six.
    found = overlap_by_bucket([reference], [["10", *reference[1:]]])
    assert found["bleu2_all"] == pytest.approx(100 * math.sqrt(3 / 4 * 2 / 3))


@bounded
@given(pairs)
def test_agrees_with_exact_arithmetic(pairs):
    found = overlap_by_bucket(*zip(*pairs, strict=True))
    edges = {"bucket1": (1, 10), "bucket2": (11, 20), "bucket3": (21, 30), "all": (1, 10**9)}
    for bucket, (first, last) in edges.items():
        chosen = [pair for pair in pairs if first <= len(pair[0]) <= last]
        assert found[f"sentences_{bucket}"] == len(chosen)
        for n in (2, 4):
            expected = [exact_bleu(chosen, n), exact_rouge(chosen, n)] if chosen else [None] * 2
            here = [found[f"bleu{n}_{bucket}"], found[f"rouge{n}_{bucket}"]]
            assert here == (pytest.approx(expected, rel=1e-7) if chosen else expected)


@bounded
@given(pairs, st.sampled_from([2, 4]))
def test_is_sacrebleus_own_number(pairs, n):
    """Counting by sentence and in buckets changes nothing: not a bit of sacrebleu's result."""
    references, hypotheses = zip(*pairs, strict=True)
    metric = BLEU(max_ngram_order=n, smooth_method="none", tokenize="none", force=True)
    theirs = metric.corpus_score(
        [" ".join(h) for h in hypotheses], [[" ".join(r) for r in references]]
    )
    assert overlap_by_bucket(references, hypotheses)[f"bleu{n}_all"] == theirs.score


@bounded
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=4, max_size=35), min_size=1, max_size=9))
def test_a_perfect_reconstruction_scores_100_everywhere(references):
    found = overlap_by_bucket(references, references)
    for key, value in found.items():
        assert key.startswith("sentences") or value is None or value == pytest.approx(100)


@bounded
@given(pairs, st.randoms(use_true_random=False))
def test_scores_are_bounded_and_blind_to_the_order_of_sentences(pairs, random):
    found = overlap_by_bucket(*zip(*pairs, strict=True))
    shuffled = random.sample(pairs, len(pairs))
    assert overlap_by_bucket(*zip(*shuffled, strict=True)) == pytest.approx(found)
    for key, value in found.items():
        assert key.startswith("sentences") or value is None or 0 <= value <= 100 + 1e-9


def test_each_sentence_drawn_once_is_the_score_itself():
    words = shared_words([["a", "b"], ["c"] * 12], [["a", "b"], ["c", "d"] * 6])
    assert scores(words, np.ones(2, int)) == scores(words)


@bounded
@given(pairs, st.data())
def test_sentences_that_are_drawn_again_count_again(pairs, data):
    """As if they were written so often. What no sentence is drawn of has no score."""
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(pairs), max_size=len(pairs)))
    found = scores(shared_words(*zip(*pairs, strict=True)), np.array(times))
    written_out = [pair for pair, often in zip(pairs, times, strict=True) for _ in range(often)]
    expected = overlap_by_bucket([a for a, _ in written_out], [b for _, b in written_out])
    for name, value in found.items():
        assert value == (None if expected[name] is None else pytest.approx(expected[name]))
