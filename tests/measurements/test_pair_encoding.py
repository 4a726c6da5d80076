"""Pairs as ids, and which of them a vocabulary covers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.vocabulary import UNK_ID, Vocabulary
from textvae.errors import InputError
from textvae.measurements.log_odds import differing_words, encode

VOCABULARY = Vocabulary(["the", "author", "authors", "laughs", "laugh", "no", "have", "ever"])


def covered(good: str, bad: str) -> bool:
    return bool(encode([Pair(good, bad)], VOCABULARY).covered[0])


def test_unknown_words_become_one_mark():
    encoded = encode([Pair("the surgeon laughs", "the surgeon laugh")], VOCABULARY)
    the, laughs, laugh = VOCABULARY.encode(["the", "laughs", "laugh"])
    assert encoded.grammatical == ((the, UNK_ID, laughs),)
    assert encoded.ungrammatical == ((the, UNK_ID, laugh),)
    assert len(encoded) == 1


def test_a_pair_is_covered_where_every_differing_word_is_known():
    assert covered("the author laughs", "the author laugh")
    # What both sentences have may be unknown.
    assert covered("the surgeon laughs", "the surgeon laugh")
    # One form is known, the other is not.
    assert not covered("the author smiles", "the author laugh")
    # To the model these are one sentence.
    assert not covered("the author smiles", "the author smile")


def test_a_pair_may_differ_in_two_places():
    assert covered("no surgeons the pilots have", "the surgeons no pilots have")
    assert not covered("no surgeons those pilots have", "the surgeons no pilots have")


def test_of_unequal_lengths_the_words_between_the_common_ends_count():
    good, bad = ["the", "author", "has", "ever", "laughed"], ["the", "author", "laughed"]
    assert differing_words(good, bad) == ["has", "ever"]
    assert differing_words(bad, good) == ["has", "ever"]
    assert differing_words(["a", "b"], ["a", "b", "b"]) == ["b"]
    assert differing_words(["a", "b"], ["c", "a", "b"]) == ["c"]
    assert differing_words(["a", "x", "y", "b"], ["a", "z", "b"]) == ["x", "y", "z"]


sentences = st.lists(st.sampled_from("abc"), min_size=1, max_size=6)


@settings(deadline=None, max_examples=200)
@given(sentences, sentences)
def test_sentences_without_differing_words_are_the_same(good, bad):
    assert (differing_words(good, bad) == []) == (good == bad)
    assert sorted(differing_words(good, bad)) == sorted(differing_words(bad, good))


def test_an_end_mark_inside_a_sentence():
    with pytest.raises(InputError, match=r"^<eos> occurs in 'the author <eos> laughs' or its pair"):
        encode([Pair("the author <eos> laughs", "the author")], VOCABULARY)
