"""Samples follow the grammar, and the seed alone decides them."""

import math
from collections import Counter

import pytest

from textvae.corpora.grammar.corpus import sample
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.pcfg import (
    entropy,
    expected_counts,
    expected_length,
    length_bounds,
    read_grammar,
)

TINY = read_grammar("S -> NP sleeps 0.5 | NP sees NP 0.5 \n NP -> anna 0.75 | the cat 0.25")


def test_log_probabilities_by_hand():
    by_hand = {
        "anna sleeps": 0.5 * 0.75,
        "the cat sleeps": 0.5 * 0.25,
        "anna sees anna": 0.5 * 0.75 * 0.75,
        "anna sees the cat": 0.5 * 0.75 * 0.25,
        "the cat sees anna": 0.5 * 0.25 * 0.75,
        "the cat sees the cat": 0.5 * 0.25 * 0.25,
    }
    assert math.fsum(by_hand.values()) == 1
    drawn = sample(TINY, 20_000, seed=3)
    for tokens, log_p in drawn:
        assert log_p == pytest.approx(math.log(by_hand[" ".join(tokens)]), abs=1e-12)
    # Pearson's chi-squared with 5 degrees of freedom: beyond 20.5 once in a thousand.
    counts = Counter(" ".join(tokens) for tokens, _ in drawn)
    assert sum((counts[s] - 20_000 * p) ** 2 / (20_000 * p) for s, p in by_hand.items()) < 20.5


def test_the_mean_of_minus_log_p_is_the_entropy():
    surprisals = [-log_p for _, log_p in sample(english_like(), 20_000, seed=11)]
    mean = math.fsum(surprisals) / len(surprisals)
    variance = math.fsum((s - mean) ** 2 for s in surprisals) / (len(surprisals) - 1)
    error = math.sqrt(variance / len(surprisals))
    assert error < 0.1
    assert abs(mean - entropy(english_like())) < 4 * error


def test_lengths_and_words_are_as_expected():
    sentences = [tokens for tokens, _ in sample(english_like(), 20_000, seed=12)]
    shortest, longest = length_bounds(english_like())
    assert (shortest, longest) == (3, 28)
    lengths = [len(tokens) for tokens in sentences]
    assert min(lengths) == shortest
    assert max(lengths) <= longest
    assert sum(lengths) / len(lengths) == pytest.approx(expected_length(english_like()), abs=0.1)
    expected = expected_counts(english_like())
    counts = Counter(word for tokens in sentences for word in tokens)
    assert counts.keys() <= expected.keys()
    for word in list(expected)[:50]:
        # A word may stand several times in a sentence: allow for a variance of twice the mean.
        mean = 20_000 * expected[word]
        assert abs(counts[word] - mean) < 4 * math.sqrt(2 * mean), word


def test_the_seed_decides():
    first, again, other = (sample(english_like(), 50, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    # A longer sample begins with the shorter one.
    assert sample(english_like(), 80, 1)[:50] == first


def test_the_same_sentences_on_every_machine():
    assert [" ".join(tokens) for tokens, _ in sample(TINY, 4, "1/train")] == [
        "anna sleeps",
        "the cat sees anna",
        "anna sees anna",
        "anna sees the cat",
    ]
    assert [" ".join(tokens) for tokens, _ in sample(english_like(), 2, "1/train")] == [
        "another swicker that listens tries to describe no hunters",
        "the shrostle has stretured no brave shroster",
    ]


def test_none_is_a_sample_too():
    assert sample(TINY, 0, 1) == []
