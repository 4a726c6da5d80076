"""The word lists: English spelling, Zipf's law, no form in two places."""

import math
import re

import numpy as np
import pytest

from textvae.corpora.grammar.english import RULES, TOPICS, WORDS, english_like, forms, lexicon, zipf
from textvae.corpora.grammar.pcfg import expected_counts, words_of

LEXICON = lexicon(words_of(RULES))


@pytest.mark.parametrize(
    ("kind", "stem", "expected"),
    [
        ("person", "author", ["author", "authors"]),
        ("thing", "story", ["story", "stories"]),
        ("thing", "library", ["library", "libraries"]),
        ("does", "laugh", ["laughs", "laugh", "laughed"]),
        ("does to", "watch", ["watches", "watch", "watched"]),
        ("does to", "like", ["likes", "like", "liked"]),
        ("does to", "carry", ["carries", "carry", "carried"]),
        ("does to", "love", ["loves", "love", "loved"]),
        ("affects", "annoy", ["annoys", "annoy", "annoyed"]),
        ("quality", "gentle", ["gentle"]),
    ],
)
def test_regular_inflection(kind, stem, expected):
    assert list(forms(kind, stem).values()) == expected


def test_at_least_two_thousand_word_types():
    assert len(expected_counts(english_like())) >= 2_000


def test_no_form_is_in_two_classes():
    open_words = [word for words in LEXICON.values() for word in words]
    assert len(open_words) == len(set(open_words))
    assert not set(open_words) & words_of(RULES)


def test_words_are_lower_case_letters():
    assert all(re.fullmatch("[a-z]+", word) for word in expected_counts(english_like()))


def test_every_list_begins_with_common_words_and_is_mostly_tail():
    stage = list(LEXICON["Noun[person,pl,stage]"])
    assert stage[:3] == ["authors", "actors", "singers"]
    assert len(stage) == 38
    for size, _, listed in WORDS.values():
        assert listed.keys() == set(TOPICS)
        assert all(2 <= len(common.split()) < size / 2 for common in listed.values())


def test_the_forms_of_a_stem_have_the_same_rank():
    for singular, plural, past in zip(
        *(LEXICON[f"DoTo[{form},farm]"] for form in ("sg", "pl", "ed")), strict=True
    ):
        assert forms("does to", plural) == {"sg": singular, "pl": plural, "ed": past}


def test_zipf_by_hand():
    # Weights 1/2, 1/3, 1/4, of sum 13/12.
    assert zipf(["a", "b", "c"]) == pytest.approx({"a": 6 / 13, "b": 4 / 13, "c": 3 / 13})


@pytest.mark.parametrize("names", [("Noun",), ("Do", "DoTo", "Affect")])
def test_nouns_and_verbs_have_a_zipf_like_tail(names):
    counts = expected_counts(english_like())
    words = [w for symbol, words in LEXICON.items() if symbol.startswith(names) for w in words]
    frequencies = np.sort([counts[word] for word in words])[::-1]
    types = len(words)
    # Frequency against rank is near a straight line in log-log, of a slope near -1. (Finite lists
    # bend at both ends.)
    middle = slice(10, types * 9 // 10)
    log_ranks, log_frequencies = (
        np.log(np.arange(1, types + 1)[middle]),
        np.log(frequencies[middle]),
    )
    assert -1.2 < np.polyfit(log_ranks, log_frequencies, 1)[0] < -0.8
    assert np.corrcoef(log_ranks, log_frequencies)[0, 1] < -0.95
    # So a tenth of the types makes up over a third of the tokens, and half of them under a fifth.
    assert frequencies[: types // 10].sum() > frequencies.sum() / 3
    assert frequencies[types // 2 :].sum() < frequencies.sum() / 5


def test_a_listed_word_that_clashes_is_refused():
    with pytest.raises(ValueError, match=r"laughs .* is already a word"):
        lexicon({"laughs"})


def test_a_coined_word_that_clashes_is_passed_over():
    coined = list(LEXICON["Noun[person,sg,stage]"])[-1]
    without = lexicon(words_of(RULES) | {coined})
    assert all(coined not in words for words in without.values())
    assert {symbol: len(words) for symbol, words in without.items()} == {
        symbol: len(words) for symbol, words in LEXICON.items()
    }


def test_probabilities_sum_to_one():
    for symbol, words in LEXICON.items():
        assert math.fsum(words.values()) == pytest.approx(1, abs=1e-12), symbol
