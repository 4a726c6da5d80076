"""The words that all synthetic corpora share."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.fce.dictionary import common_dictionary

VOCABULARY = Vocabulary(["the", "cat", "dog", "sat", "ran"])


@pytest.fixture
def texts(tmp_path):
    """Write texts, each into a folder like that of a synthetic corpus; their paths."""

    def write(*contents):
        paths = [tmp_path / f"C15/copy{n}/sentences.txt" for n, _ in enumerate(contents, start=1)]
        for path, content in zip(paths, contents, strict=True):
            path.parent.mkdir(parents=True)
            path.write_text(content)
        return paths

    return write


def refusal(paths):
    with pytest.raises(InputError) as error:
        common_dictionary(paths, VOCABULARY)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_words_of_every_text_in_the_order_of_the_vocabulary(texts):
    paths = texts("sat the cat\n\nthe dog sat\n", "the dog sat\n", "ran sat\nthe <unk>\n")
    assert common_dictionary(paths, VOCABULARY).words == ("<eos>", "<unk>", "the", "sat")


def test_of_one_text_it_is_its_words_that_the_models_know(texts):
    paths = texts("the mouse sat <unk>\n")
    assert common_dictionary(paths, VOCABULARY).words == ("<eos>", "<unk>", "the", "sat")


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sets(st.sampled_from(VOCABULARY.words[2:]), min_size=1), min_size=1, max_size=4))
def test_it_is_the_intersection(tmp_path_factory, word_sets):
    folder = tmp_path_factory.mktemp("texts")
    paths = [folder / f"{number}.txt" for number in range(len(word_sets))]
    for path, words in zip(paths, word_sets, strict=True):
        path.write_text("".join(f"{word} {word}\n" for word in words))
    expected = set.intersection(*word_sets)
    if expected:
        assert set(common_dictionary(paths, VOCABULARY).words[2:]) == expected
    else:
        assert "no word is common" in refusal(paths)


def test_texts_without_a_word_in_common(texts):
    paths = texts("the cat\n", "dog <unk>\n", "sat\n")
    said = refusal(paths)
    assert said.startswith(f"no word is common to 3 texts, from {paths[0]} to {paths[2]}")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "it is empty"),
        ("\n \n\n", "its sentences have no words"),
        ("<eos>\n", "its sentences have no words"),
        ("<unk>\n\n<unk> <unk>\n", "it has no word but <unk>"),
    ],
)
def test_a_text_from_which_nothing_can_be_learnt_is_named(texts, content, what):
    paths = texts("the cat\n", content)
    assert refusal(paths) == f"{paths[1]}: {what}, so nothing can be learnt from it"


def test_a_text_that_is_not_there(tmp_path):
    assert refusal([tmp_path / "gone.txt"]) == f"{tmp_path}/gone.txt: no such file"
