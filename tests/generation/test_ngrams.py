"""N-grams as arrays hold what a Counter of each sentence holds."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.errors import InputError
from textvae.measurements.self_bleu import ORDERS, count_ngrams, distinct

texts = st.lists(st.lists(st.sampled_from(["a", "b", "<unk>"]), max_size=9), max_size=6)


def test_counts_by_hand():
    """ "a b a b" and "b a": words a, b are 0, 1; pairs ab, ba are 0, 1; and so on."""
    one, two, three, four = count_ngrams([list("abab"), list("ba")])
    assert one.sentence.tolist() == [0, 0, 1, 1]
    assert one.ngram.tolist() == [0, 1, 0, 1]
    assert one.count.tolist() == [2, 2, 1, 1]
    assert two.sentence.tolist() == [0, 0, 1]
    assert two.ngram.tolist() == [0, 1, 1]
    assert two.count.tolist() == [2, 1, 1]
    assert three.count.tolist() == [1, 1]
    assert (four.sentence.tolist(), four.count.tolist()) == ([0], [1])


@settings(max_examples=60, deadline=None)
@given(texts)
def test_an_ngram_has_one_number_in_all_sentences(text):
    for n, counts in zip(ORDERS, count_ngrams(text), strict=True):
        expected = [Counter(zip(*(s[k:] for k in range(n)), strict=False)) for s in text]
        assert np.bincount(counts.sentence, counts.count, len(text)).tolist() == [
            found.total() for found in expected
        ]
        # The same counts in the same sentences, under other names.
        names = Counter(name for found in expected for name in found)
        assert sorted(names.values()) == sorted(Counter(counts.ngram.tolist()).values())
        for sentence, found in enumerate(expected):
            here = counts.count[counts.sentence == sentence]
            assert sorted(here.tolist()) == sorted(found.values())


def test_a_text_of_no_words_has_no_ngrams():
    for text in ([], [[], []]):
        assert [len(counts.count) for counts in count_ngrams(text)] == [0, 0, 0, 0]


def test_copies_are_told_by_their_words():
    """Not by their letters: "a b" is two words, and a word may hold a blank."""
    kinds, copies = distinct([["a", "b"], ["a b"], [], ["a", "b"], []])
    assert kinds == [("a", "b"), ("a b",), ()]
    assert copies.tolist() == [2, 1, 2]


@pytest.mark.parametrize("text", [[], [["a", "b"]]])
def test_one_sentence_has_no_other(text):
    with pytest.raises(InputError, match=f"compare: {len(text)}, expected two or more"):
        distinct(text)
