"""Self-BLEU-4 against NLTK's and mean pairwise BLEU-4 against its definition."""

import math
import random
from collections import Counter
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from textvae.errors import InputError
from textvae.measurements.self_bleu import (
    ORDERS,
    pairwise_bleu4,
    self_bleu4,
)

sentences = st.lists(st.sampled_from(["a", "b", "c", "<unk>"]), max_size=12)
texts = st.lists(sentences, min_size=2, max_size=9)
bounded = settings(max_examples=40, deadline=None)


def words(*lines: str) -> list[list[str]]:
    return [line.split() for line in lines]


def nltk_self_bleu4(text: list[list[str]]) -> float | None:
    smoothing = SmoothingFunction().method1
    if max(map(len, text)) < 4:
        return None
    scores = [
        sentence_bleu(text[:i] + text[i + 1 :], sentence, smoothing_function=smoothing)
        for i, sentence in enumerate(text)
    ]
    return 100 * sum(scores) / len(scores)


def bleu4(hypothesis: list[str], reference: list[str]) -> float:
    """Return sentence BLEU-4, 0 to 1, by its definition, exact up to the last root."""
    product = Fraction(1)
    for n in ORDERS:
        generated, expected = (
            Counter(tuple(s[i : i + n]) for i in range(len(s) - n + 1))
            for s in (hypothesis, reference)
        )
        matched = (generated & expected).total()
        if matched == 0:
            return 0.0
        product *= Fraction(matched, generated.total())
    brevity = math.exp(min(0, 1 - len(reference) / len(hypothesis)))
    return brevity * float(product) ** 0.25


def slow_pairwise_bleu4(text: list[list[str]]) -> float | None:
    if max(map(len, text)) < 4:
        return None
    scores = [bleu4(a, b) for a, b in permutations(text, 2)]
    return 100 * sum(scores) / len(scores)


def random_text(seed: int) -> list[list[str]]:
    """Return sentences with frequent and rare n-grams, repeated words and copies."""
    draw = random.Random(seed)
    vocabulary = [f"w{rank}" for rank in range(1, 400)]
    weights = [1 / rank for rank in range(1, 400)]
    openings = words("i don t know what", "it was the first of the", "w1 w2 w1 w2", "", "")
    text = []
    for _ in range(70):
        rest = draw.choices(vocabulary, weights, k=draw.randint(0, 12))
        text.append(draw.choice(openings) + rest + draw.choice([[], rest]))
    return text + draw.choices(text, k=10)


# Text, self-BLEU-4 and pairwise BLEU-4 as fractions of 1.
ROOT = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
BY_HAND = {
    # Two of three share all but their last word; the third shares nothing, or three words.
    "last word": (words("we do not know why", "we do not know how", "yes"), 2 * ROOT / 3, ROOT / 3),
    # 3/4 words, 2/3 pairs, 1/2 triples; self-BLEU counts 0.1 for the 4-gram, pairwise BLEU 0.
    "no 4-gram": (words("a b c x", "a b c y"), (3 / 4 * 2 / 3 * 1 / 2 * 0.1) ** 0.25, 0),
    # A count is clipped to the largest in one other sentence: "a a a a" has two "a" of "a a b".
    "clipped": (
        words("a a a a", "a a b", "a c a"),
        (
            (2 / 4 * 1 / 3 * 0.1 / 2 * 0.1 / 1) ** 0.25
            + (2 / 3 * 1 / 2 * 0.1 / 1 * 0.1 / 1) ** 0.25
            + (2 / 3 * 0.1 / 2 * 0.1 / 1 * 0.1 / 1) ** 0.25
        )
        / 3,
        0,
    ),
    # The length of 6 words is not too short: of 4 and 8, equally close, the shorter counts.
    "brevity": (
        words("a b c d", "a b c d e f", "a b c d e f g h"),
        (math.exp(1 - 6 / 4) + 1 + (6 / 8 * 5 / 7 * 4 / 6 * 3 / 5) ** 0.25) / 3,
        None,
    ),
    "brevity of a pair": (words("a b c d e", "a b c d"), None, (ROOT + math.exp(1 - 5 / 4)) / 2),
}


@pytest.mark.parametrize(("text", "self_bleu", "pairwise"), BY_HAND.values(), ids=BY_HAND)
def test_by_hand(text, self_bleu, pairwise):
    if self_bleu is not None:
        assert self_bleu4(text) == pytest.approx(100 * self_bleu, abs=1e-12)
    if pairwise is not None:
        assert pairwise_bleu4(text) == pytest.approx(100 * pairwise, abs=1e-12)


# More common words than two 64-bit words have bits.
COMMON = [f"w{i}" for i in range(150)]
SPECIAL = [
    words("a", "a"),
    words("a b c", "a b c", "a b c"),
    words("a b c d", "a b c d", "a b c d"),
    words("a", "a b", "a b c", "a b c d", "a b c d e"),
    words("a a a a a a", "a a a", "a"),
    words("a b a b a b a b", "b a b a b a b a", "a b a b", "", "", "c"),
    [["x"] * n for n in range(12)],
    [[*COMMON[i:], *COMMON[:i], f"own{i}", "end"] for i in range(0, 150, 13)],
    *map(random_text, range(2)),
]


@pytest.mark.parametrize("text", SPECIAL)
def test_special_texts_equal_nltk_and_the_definition(text):
    assert self_bleu4(text) == pytest.approx(nltk_self_bleu4(text), abs=1e-9)
    assert pairwise_bleu4(text) == pytest.approx(slow_pairwise_bleu4(text), abs=1e-9)


@bounded
@given(texts, st.randoms(use_true_random=False))
def test_any_text_equals_nltk_and_the_definition_in_any_order(text, random):
    shuffled = random.sample(text, len(text))
    for fast, slow in ((self_bleu4, nltk_self_bleu4), (pairwise_bleu4, slow_pairwise_bleu4)):
        assert fast(text) == pytest.approx(slow(text), abs=1e-9)
        assert fast(shuffled) == pytest.approx(fast(text), abs=1e-9)


@pytest.mark.parametrize("score", [self_bleu4, pairwise_bleu4])
@pytest.mark.parametrize("text", [[], words("a b c d")])
def test_fewer_than_two_sentences_are_refused(score, text):
    with pytest.raises(InputError, match=f" {len(text)}, "):
        score(text)
