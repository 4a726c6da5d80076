"""Self-BLEU-4 is NLTK's sentence BLEU of each sentence against all others, to the last digits."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from textvae.errors import InputError
from textvae.measurements.self_bleu import closest_lengths, count_ngrams, most_elsewhere, self_bleu4

sentences = st.lists(st.sampled_from(["a", "b", "c", "<unk>"]), max_size=12)
texts = st.lists(sentences, min_size=2, max_size=9)
bounded = settings(max_examples=100, deadline=None)


def words(*lines: str) -> list[list[str]]:
    return [line.split() for line in lines]


def nltks(text: list[list[str]]) -> float:
    """NLTK's own, one sentence at a time."""
    smoothing = SmoothingFunction().method1
    scores = [
        sentence_bleu(text[:i] + text[i + 1 :], sentence, smoothing_function=smoothing)
        for i, sentence in enumerate(text)
    ]
    return 100 * sum(scores) / len(scores)


def test_by_hand():
    """The last word of each is its own: 4/5, 3/4, 2/3 and 1/2 of the orders match, the fourth
    root of 1/5. The third sentence shares nothing and scores 0."""
    text = words("we do not know why", "we do not know how", "yes")
    assert self_bleu4(text) == pytest.approx(100 * (2 * 0.2**0.25 + 0) / 3, abs=1e-12)


def test_smoothing_puts_a_tenth_where_nothing_matches():
    """ "a b c x" and "a b c y": 3/4 words, 2/3 pairs, 1/2 triples, and 0.1 of the one 4-gram."""
    expected = 100 * (3 / 4 * 2 / 3 * 1 / 2 * 0.1) ** 0.25
    assert self_bleu4(words("a b c x", "a b c y")) == pytest.approx(expected, abs=1e-12)


def test_a_word_counts_as_often_as_one_other_sentence_has_it():
    """Not as often as all others together: "a a a a" finds two "a", and one pair, in "a a b"."""
    text = words("a a a a", "a a b", "a c a")
    first = (2 / 4 * 1 / 3 * 0.1 / 2 * 0.1 / 1) ** 0.25
    # Closest in length to "a a b" is "a c a". Words: a a of 3; pairs: a a; no triple of 1.
    second = (2 / 3 * 1 / 2 * 0.1 / 1 * 0.1 / 1) ** 0.25
    third = (2 / 3 * 0.1 / 2 * 0.1 / 1 * 0.1 / 1) ** 0.25
    assert self_bleu4(text) == pytest.approx(100 * (first + second + third) / 3, abs=1e-12)


def test_brevity_is_against_the_closest_length_and_a_tie_goes_to_the_shorter():
    """Lengths 4, 6, 8: the one of 6 is not too short, though 8 is as close as 4."""
    text = words("a b c d", "a b c d e f", "a b c d e f g h")
    shortest = math.exp(1 - 6 / 4)
    longest = (6 / 8 * 5 / 7 * 4 / 6 * 3 / 5) ** 0.25
    assert self_bleu4(text) == pytest.approx(100 * (shortest + 1 + longest) / 3, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        words("", ""),
        words("", "a"),
        words("a", "a"),
        words("a", "b"),
        words("", "a b c d", "a b c d"),
        words("a b c d e", "a b c d e"),
        words("a b c", "a b c", "a b c"),
        words("a", "a b", "a b c", "a b c d", "a b c d e"),
        words("a a a a a a", "a a a", "a"),
        words("a b a b a b a b", "b a b a b a b a", "a b a b", "", "", "c"),
        words("<unk> <unk> <unk>", "<unk> <unk> <unk> <unk>"),
        words("a b", "", ""),
        words("a b c d e f g h i j", "z", "z"),
        [["x"] * n for n in range(12)],
        [["the", "same", "again", "and", "again"]] * 7,
    ],
)
def test_equals_nltk_where_it_is_tricky(text):
    assert self_bleu4(text) == pytest.approx(nltks(text), abs=1e-9)


@bounded
@given(texts)
def test_equals_nltk_on_random_texts(text):
    assert self_bleu4(text) == pytest.approx(nltks(text), abs=1e-9)


def test_equals_nltk_on_a_text_like_a_generated_one():
    """Words by rank, lengths of 0 to 15, and every fifth sentence one of three."""
    draw = random.Random(1)
    vocabulary = [f"w{rank}" for rank in range(1, 60)]
    weights = [1 / rank for rank in range(1, 60)]
    text = [draw.choices(vocabulary, weights, k=draw.randint(0, 15)) for _ in range(80)]
    text += [text[draw.randrange(3)] for _ in range(20)]
    draw.shuffle(text)
    assert self_bleu4(text) == pytest.approx(nltks(text), abs=1e-9)


@bounded
@given(texts, st.randoms(use_true_random=False))
def test_the_order_of_sentences_does_not_matter(text, random):
    shuffled = random.sample(text, len(text))
    found = self_bleu4(text)
    assert self_bleu4(shuffled) == pytest.approx(found, abs=1e-9)
    assert 0 <= found <= 100 + 1e-9


@bounded
@given(st.lists(st.lists(st.sampled_from("abc"), min_size=4, max_size=9), min_size=2, max_size=7))
def test_a_copy_of_a_sentence_raises_it(text):
    """Of one with a 4-gram: it and its copy then score 100, and no other changes."""
    assert self_bleu4([*text, text[0]]) >= self_bleu4(text) - 1e-9
    assert self_bleu4(text + text) == pytest.approx(100)


@bounded
@given(texts)
def test_clips_are_the_largest_count_in_another_sentence(text):
    """Copies of a sentence are others, so their own count is what theirs is clipped to."""
    for counts in count_ngrams(text):
        copies = np.arange(len(text)) % 2 + 1
        rows = list(zip(counts.sentence, counts.ngram, counts.count, strict=True))
        assert most_elsewhere(counts, copies).tolist() == [
            max(
                (count for s, g, count in rows if g == ngram and (s != own or copies[s] > 1)),
                default=0,
            )
            for own, ngram, _ in rows
        ]


@bounded
@given(st.lists(st.integers(0, 12), min_size=2, max_size=9))
def test_closest_lengths_by_definition(lengths):
    expected = [
        min((abs(other - length), other) for j, other in enumerate(lengths) if j != i)[1]
        for i, length in enumerate(lengths)
    ]
    assert closest_lengths(np.array(lengths), np.ones(len(lengths))).tolist() == expected
    values, copies = np.unique(lengths, return_counts=True)
    by_value = dict(zip(lengths, expected, strict=True))
    assert closest_lengths(values, copies).tolist() == [by_value[value] for value in values]


@pytest.mark.parametrize("text", [[], words("a b c d")])
def test_there_must_be_others(text):
    with pytest.raises(InputError, match="expected two or more"):
        self_bleu4(text)
