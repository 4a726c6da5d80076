"""What the diversity of a text is made of."""

import pytest

from textvae.errors import InputError
from textvae.measurements.description import DescriptionSettings, diversity
from textvae.measurements.self_bleu import pairwise_bleu4, self_bleu4
from textvae.settings import check

TEXT = [
    line.split()
    for line in [
        "the cat sees the dog",
        "the cat sees the dog",
        "",
        "the <unk> sees the cat and the dog",
        "",
        "no",
    ]
]


def test_counts_by_hand():
    """`<unk>` has its place in a sentence and is no type; an empty sentence is one of the six."""
    found = diversity(TEXT, DescriptionSettings())
    assert found["types"] == len({"the", "cat", "sees", "dog", "and", "no"})
    assert found["mean_length"] == (5 + 5 + 0 + 8 + 0 + 1) / 6
    assert found["distinct_sentences"] == 4
    assert found["empty_sentences"] == 2
    assert found["self_bleu4"] == self_bleu4(TEXT)
    assert found["pairwise_bleu4"] == pairwise_bleu4(TEXT)
    assert found["self_bleu_sentences"] == 6


def test_a_text_is_gone_through_once():
    assert diversity(iter(TEXT), DescriptionSettings()) == diversity(TEXT, DescriptionSettings())


def test_self_bleu_is_of_the_first_sentences_and_says_how_many():
    """The rest is counted in all else."""
    found = diversity(TEXT, DescriptionSettings(self_bleu_sentences=2))
    assert found["self_bleu4"] == found["pairwise_bleu4"] == pytest.approx(100)
    assert found["self_bleu_sentences"] == 2
    assert found["mean_length"] == 19 / 6
    assert found["types"] == 6


def test_a_text_of_unknown_words_alone_is_measured():
    found = diversity([["<unk>"] * 5] * 3, DescriptionSettings())
    assert (found["types"], found["mean_length"], found["distinct_sentences"]) == (0, 5, 1)
    assert found["self_bleu4"] == pytest.approx(100)


@pytest.mark.parametrize("text", [[], [["a"]]])
def test_too_short_a_text_is_refused(text):
    with pytest.raises(InputError, match="too few sentences"):
        diversity(text, DescriptionSettings())


def test_settings_have_bounds():
    check(DescriptionSettings())
    with pytest.raises(InputError, match="--self-bleu-sentences: 1 is not a number of at least 2"):
        check(DescriptionSettings(self_bleu_sentences=1))
