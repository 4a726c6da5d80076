"""Diversity, length and grammaticality of generated text."""

import math

import pytest

from textvae.cells import Cell
from textvae.corpora.grammar import InsideParser, english_like
from textvae.errors import InputError
from textvae.generation.generated import Generated
from textvae.measurements.description import (
    DescriptionSettings,
    diversity,
    grammaticality,
    measure,
)
from textvae.measurements.self_bleu import pairwise_bleu4, self_bleu4


def words(*lines):
    return [line.split() for line in lines]


TEXT = words(
    "the cat sees the dog",
    "the cat sees the dog",
    "",
    "the <unk> sees the cat and the dog",
    "",
    "no",
)


def test_diversity_by_hand():
    """`<unk>` is a word of its sentence but no type; an empty sentence is a sentence."""
    assert diversity(iter(TEXT), DescriptionSettings()) == {
        "self_bleu4": self_bleu4(TEXT),
        "pairwise_bleu4": pairwise_bleu4(TEXT),
        "self_bleu_sentences": 6,
        "sentences_without_4grams": 3,
        "types": len({"the", "cat", "sees", "dog", "and", "no"}),
        "mean_length": (5 + 5 + 0 + 8 + 0 + 1) / 6,
        "distinct_sentences": 4,
        "empty_sentences": 2,
    }
    two = diversity(TEXT, DescriptionSettings(self_bleu_sentences=2))
    assert (two["self_bleu4"], two["self_bleu_sentences"]) == (pytest.approx(100), 2)
    assert two["mean_length"] == 19 / 6


def test_many_sentences_too_short_for_bleu_are_noted():
    generated = Generated(Cell("grammar", "lstm", 15, 1), "greedy", copy=1, cut=0, longest=9)
    text = words(*["yes i do"] * 5, *["the judge visits the pilot"] * 5)
    result = measure(text, DescriptionSettings(), generated)
    # 5 * 4 of 10 * 9 pairs are copies of four words or more.
    assert result.values["pairwise_bleu4"] == pytest.approx(100 * 20 / 90)
    assert "5 of the first 10 " in result.remarks["short_for_bleu4"]
    assert not measure(text[5:], DescriptionSettings(), generated).remarks


def test_text_of_unknown_words_has_no_types_and_is_not_accepted():
    generated = Generated(Cell("grammar", "lstm", 15, 1), "greedy", copy=1, cut=3, longest=9)
    result = measure([["<unk>"] * 5] * 3, DescriptionSettings(), generated, grammar=True)
    values = result.values
    # Of the sentences of self-BLEU, in which they match.
    assert "15 of 15 words are <unk>" in result.notes["unknown_words_in_self_bleu"]
    first = DescriptionSettings(self_bleu_sentences=2)
    assert not measure([["a"], ["b"], ["<unk>"]], first, generated).notes
    assert (values["types"], values["mean_length"], values["distinct_sentences"]) == (0, 5, 1)
    assert values["self_bleu4"] == pytest.approx(100)
    assert (values["accepted_percent"], values["mean_log_probability"]) == (0, None)
    assert (values["cut_sentences"], values["cut_after_words"]) == (3, 9)
    with pytest.raises(InputError, match=r"^grammar/lstm/C15/seed1, greedy, copy 1: .* 1,"):
        measure([["a"]], DescriptionSettings(), generated)


GRAMMATICAL = words(
    "the author laughs",
    "the authors laugh",
    "the author that the guards like praised himself",
)
UNGRAMMATICAL = words(
    "the author laugh",
    "the author laughs laughs",
    "author laughs",
    "the author",
    "the <unk> laughs",
    "",
)


def test_grammatical_sentences_are_accepted_and_others_are_not():
    parser = InsideParser(english_like())
    for sentence in GRAMMATICAL:
        values = grammaticality([sentence])
        assert values["accepted_percent"] == 100
        assert values["mean_log_probability"] == parser.log_probability(sentence) < math.log(1e-4)
    for sentence in UNGRAMMATICAL:
        assert grammaticality([sentence]) == {"accepted_percent": 0, "mean_log_probability": None}


def test_mean_log_probability_is_of_accepted_sentences_with_repetitions():
    one, other = GRAMMATICAL[:2]
    parser = InsideParser(english_like())
    p, q = parser.log_probability(one), parser.log_probability(other)
    repeated = [one, other, one, *UNGRAMMATICAL[:3], one, UNGRAMMATICAL[0]]
    values = grammaticality(repeated)
    assert values["accepted_percent"] == pytest.approx(50)
    assert values["mean_log_probability"] == pytest.approx((3 * p + q) / 4, rel=1e-12)
