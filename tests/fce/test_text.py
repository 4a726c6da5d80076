"""Text over the common dictionary: what is outside it becomes <unk>, wherever it comes from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_by_one import random_sentences
from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.fce.dictionary import counts, encode_file, hold_out, recode
from tiny import tiny_corpus

DICTIONARY = Vocabulary(["the", "cat", "sat"])


def lists(sentences):
    return [sentence.tolist() for sentence in sentences]


def test_words_outside_the_dictionary_become_unknown_and_blank_lines_are_sentences(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("the cat sat\n\nthe dog sat <unk>\n<unk>\n")
    assert lists(encode_file(path, DICTIONARY)) == [[2, 3, 4], [], [2, 1, 4, 1], [1]]


def test_marks_of_other_houses_are_read_as_in_preparation(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_bytes(b"\xef\xbb\xbfthe _UNK </s>\r\ncat <eos>")
    assert lists(encode_file(path, DICTIONARY)) == [[2, 1], [3]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty, expected a sentence a line"),
        (b"the c\xe9t\n", "line 1: not UTF-8"),
        (None, "no such file"),
    ],
)
def test_a_text_that_cannot_be_read_is_named(tmp_path, content, message):
    path = tmp_path / "sentences.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        encode_file(path, DICTIONARY)
    assert str(path) in str(error.value)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_recoding_a_split_is_encoding_its_words(data):
    vocabulary = Vocabulary("abcdefgh")
    ids = st.integers(1, len(vocabulary) - 1)
    split = data.draw(st.lists(st.lists(ids, max_size=6), min_size=1, max_size=8))
    # In any order, and with words that the corpus does not have.
    dictionary = Vocabulary(data.draw(st.lists(st.sampled_from("abcdefghxyz"), unique=True)))
    recoded = recode(Sentences.of(split), vocabulary, dictionary)
    assert lists(recoded) == [dictionary.encode(vocabulary.decode(s)) for s in split]


def test_a_prepared_split_is_recoded_where_it_lies(tmp_path):
    corpus = EncodedCorpus(tiny_corpus(tmp_path / "corpus").folder)
    dictionary = Vocabulary(f"w{i}" for i in range(19, 9, -1))
    test = recode(corpus.split("test"), corpus.vocabulary, dictionary)
    assert len(test) == 100
    for ours, theirs in zip(test, corpus.split("test"), strict=True):
        assert ours.tolist() == dictionary.encode(corpus.vocabulary.decode(theirs.tolist()))
    assert test.tokens.dtype == np.uint32


@pytest.mark.parametrize(
    ("count", "share", "held"),
    [(100, 0.05, 5), (100, 0.5, 50), (110, 0.05, 6), (10, 0.05, 1), (10, 0.0, 1), (2, 0.5, 1)],
)
def test_a_share_is_held_out_one_at_the_least_and_one_is_left(count, share, held):
    # Each sentence is one word, so that they can be told apart.
    text = Sentences.of([[number] for number in range(count)])
    rest, held_out = hold_out(text, share, seed=1)
    assert (len(rest), len(held_out)) == (count - held, held)
    assert sorted([*rest.tokens.tolist(), *held_out.tokens.tolist()]) == list(range(count))


def test_which_are_held_out_is_drawn_by_the_seed():
    text = random_sentences(200)
    one, again, other = (lists(hold_out(text, 0.1, seed)[1]) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert one != lists(text)[:20]


def test_nothing_can_be_held_out_of_a_single_sentence():
    with pytest.raises(InputError, match="at least 2 sentences are needed"):
        hold_out(Sentences.of([[2, 3]]), 0.5, seed=1)


def test_counts_by_hand():
    text = Sentences.of([[2, 3, 1], [], [3, 1, 3, 3, 1]])
    # "the" and "cat"; "sat" is in the dictionary, and not in the text.
    assert counts(text, DICTIONARY) == {
        "vocabulary": 2,
        "unk_percent": pytest.approx(100 * 3 / 8),
        "mean_length": pytest.approx(8 / 3),
    }


def test_of_sentences_without_words_there_is_nothing_to_count():
    assert counts(Sentences.of([[], []]), DICTIONARY) == {
        "vocabulary": 0,
        "unk_percent": 0,
        "mean_length": 0,
    }
