"""Mean pairwise BLEU-4, against its definition and numbers that can be worked out by hand."""

import math
import random
from collections import Counter
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.errors import InputError
from textvae.measurements.self_bleu import pairwise_bleu4, self_bleu4

sentences = st.lists(st.sampled_from(["a", "b", "c", "<unk>"]), max_size=14)
texts = st.lists(sentences, min_size=2, max_size=9)
bounded = settings(max_examples=100, deadline=None)


def words(*lines: str) -> list[list[str]]:
    return [line.split() for line in lines]


def bleu4(hypothesis: list[str], reference: list[str]) -> float:
    """Sentence BLEU-4 from its definition, exact up to the last root; 0 to 1."""
    product = Fraction(1)
    for n in range(1, 5):
        found, wanted = (
            Counter(tuple(s[i : i + n]) for i in range(len(s) - n + 1))
            for s in (hypothesis, reference)
        )
        matched = (found & wanted).total()
        if matched == 0:
            return 0.0
        product *= Fraction(matched, found.total())
    brevity = math.exp(min(0, 1 - len(reference) / len(hypothesis)))
    return brevity * float(product) ** 0.25


def slow(text: list[list[str]]) -> float:
    """The mean over all ordered pairs, one by one."""
    scores = [bleu4(a, b) for a, b in permutations(text, 2)]
    return 100 * sum(scores) / len(scores)


def test_by_hand():
    """Of six ordered pairs two share a 4-gram: 4/5, 3/4, 2/3, 1/2 match, the root of 1/5 each."""
    text = words("we do not know why", "we do not know how", "we do not see why")
    assert pairwise_bleu4(text) == pytest.approx(100 * 2 * 0.2**0.25 / 6, abs=1e-12)


def test_the_shorter_of_a_pair_pays_for_brevity_and_the_longer_for_precision():
    text = words("a b c d e", "a b c d")
    longer = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert pairwise_bleu4(text) == pytest.approx(100 * (longer + math.exp(1 - 5 / 4)) / 2)


def test_a_pair_without_a_4_gram_in_common_scores_nothing():
    """However much else it shares: there is no smoothing."""
    assert pairwise_bleu4(words("a b c x a b c", "a b c y a b c")) == 0
    # A sentence shorter than four words has no 4-gram to share, not even with its copy.
    assert pairwise_bleu4(words("a b c", "a b c")) == 0
    assert pairwise_bleu4(words("", "")) == 0


def test_an_ngram_matches_as_often_as_the_poorer_of_the_two_has_it():
    """ "a a a a a" against "a a a a b": 4 words of 5, 3 pairs of 4, 2 of 3, 1 of 2, both ways."""
    expected = 100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert pairwise_bleu4(words("a a a a a", "a a a a b")) == pytest.approx(expected)


def test_sentences_drawn_from_two():
    """m copies of one, k of another that shares nothing: equal pairs are all that score."""
    text = words(*["a b c d"] * 7, *["e f g h i"] * 3, *["short"] * 2)
    assert pairwise_bleu4(text) == pytest.approx(100 * (7 * 6 + 3 * 2) / (12 * 11))


@bounded
@given(texts)
def test_agrees_with_the_definition(text):
    assert pairwise_bleu4(text) == pytest.approx(slow(text), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_the_definition_on_a_text_like_a_generated_one(seed):
    """Frequent and rare n-grams, repeated words, copies, short sentences and long ones."""
    draw = random.Random(seed)
    vocabulary = [f"w{rank}" for rank in range(1, 400)]
    weights = [1 / rank for rank in range(1, 400)]
    openings = words("i don t know what", "it was the first of the", "w1 w2 w1 w2", "", "")
    text = []
    for _ in range(70):
        rest = draw.choices(vocabulary, weights, k=draw.randint(0, 12))
        text.append(draw.choice(openings) + rest + draw.choice([[], rest]))
    text += draw.choices(text, k=10)
    assert pairwise_bleu4(text) == pytest.approx(slow(text), abs=1e-9)


def test_many_frequent_ngrams():
    """150 words in common, and some of their order: more than the bits of two words hold."""
    common = [f"w{i}" for i in range(150)]
    text = [[*common[i:], *common[:i], f"own{i}", "end"] for i in range(0, 150, 13)]
    assert pairwise_bleu4(text) == pytest.approx(slow(text), abs=1e-9)


@bounded
@given(texts, st.randoms(use_true_random=False))
def test_the_order_of_sentences_does_not_matter(text, random):
    found = pairwise_bleu4(text)
    assert pairwise_bleu4(random.sample(text, len(text))) == pytest.approx(found, abs=1e-9)
    assert 0 <= found <= 100 + 1e-9


@bounded
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=4, max_size=9), min_size=2, max_size=7))
def test_a_text_twice_over_is_more_alike(text):
    assert pairwise_bleu4(text + text) >= pairwise_bleu4(text) - 1e-9
    assert pairwise_bleu4([text[0]] * len(text)) == pytest.approx(100)


def test_ten_thousand_sentences_that_all_share_their_beginning():
    """ "i don t know what" and each of 100 x 100 endings, to the last digit.

    Any two share 5, 4, 3, 2 n-grams of 7, 6, 5, 4. With the same last word it is one word more;
    with the same last but one it is one more of every order.
    """
    text = words(*(f"i don t know what a{i} b{j}" for i in range(100) for j in range(100)))
    found, alike = pairwise_bleu4(text), self_bleu4(text)
    ngrams = 7 * 6 * 5 * 4
    pairs = 99**2 * (5 * 4 * 3 * 2) ** 0.25 + 99 * (6 * 4 * 3 * 2) ** 0.25
    pairs += 99 * (6 * 5 * 4 * 3) ** 0.25
    assert found == pytest.approx(100 * pairs / ngrams**0.25 / 9999, abs=1e-9)
    # Against all others every word matches, and of 6, 5 and 4 longer n-grams all but the last.
    assert alike == pytest.approx(100 * (5 / 6 * 4 / 5 * 3 / 4) ** 0.25, abs=1e-9)


@pytest.mark.parametrize("text", [[], words("a b c d")])
def test_one_sentence_makes_no_pair(text):
    with pytest.raises(InputError, match="expected two or more"):
        pairwise_bleu4(text)
