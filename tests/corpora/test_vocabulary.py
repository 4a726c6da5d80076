"""Words and their ids, on paper and on disk."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.vocabulary import EOS, EOS_ID, UNK, UNK_ID, Vocabulary
from textvae.errors import InputError

# What str.split makes of any text, less the marks: every word a corpus can have.
WORDS = st.lists(st.text(), max_size=30).map(
    lambda texts: list(dict.fromkeys(" ".join(texts).replace(EOS, "").replace(UNK, "").split()))
)


def test_the_marks_come_first() -> None:
    vocabulary = Vocabulary(["the", "cat"])
    assert vocabulary.words == ("<eos>", "<unk>", "the", "cat")
    assert (EOS_ID, UNK_ID, len(vocabulary)) == (0, 1, 4)


def test_encoding_knows_its_words_and_no_others() -> None:
    vocabulary = Vocabulary(["the", "cat"])
    assert vocabulary.encode(["the", "dog", "<unk>", "cat"]) == [2, 1, 1, 3]
    assert vocabulary.decode([2, 1, 0, 3]) == ["the", "<unk>"]


def test_a_word_twice_or_a_mark_is_refused() -> None:
    with pytest.raises(InputError, match="appears twice"):
        Vocabulary(["the", "the"])
    with pytest.raises(InputError, match="appears twice"):
        Vocabulary(["<unk>"])


@settings(deadline=None)
@given(WORDS)
def test_what_is_encoded_decodes_to_itself(words: list[str]) -> None:
    vocabulary = Vocabulary(words)
    assert vocabulary.decode(vocabulary.encode(words)) == words


@settings(deadline=None, max_examples=50)
@given(WORDS)
def test_what_is_saved_loads_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "vocabulary.txt"
    vocabulary = Vocabulary(words)
    vocabulary.save(path)
    assert Vocabulary.load(path).words == vocabulary.words
    assert Vocabulary.load(path).digest == vocabulary.digest
    if words:
        assert Vocabulary.read_words(path).words == vocabulary.words


def test_digests_tell_vocabularies_apart() -> None:
    assert Vocabulary(["a", "b"]).digest != Vocabulary(["b", "a"]).digest


@pytest.mark.parametrize("text", ["", "the\ncat\n", "<eos>\n<unk>\nthe", "<unk>\n<eos>\n"])
def test_a_file_that_is_no_saved_vocabulary(tmp_path: Path, text: str) -> None:
    (tmp_path / "v.txt").write_text(text)
    with pytest.raises(InputError, match=r"v\.txt: a vocabulary begins with the lines <eos> and"):
        Vocabulary.load(tmp_path / "v.txt")


def test_a_list_of_words_is_a_closed_vocabulary(tmp_path: Path) -> None:
    (tmp_path / "w.txt").write_text("the\ncat\n")
    assert Vocabulary.read_words(tmp_path / "w.txt").words == ("<eos>", "<unk>", "the", "cat")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no word in it"),
        ("<eos>\n<unk>\n", "no word in it"),
        ("a\n\nb\n", "w.txt, line 2: '', expected one word a line"),
        ("a\nb c\n", "w.txt, line 2: 'b c', expected one word a line"),
        ("a\nb\na\n", "w.txt, line 3: 'a' again, as in line 1"),
        ("a\n<unk>\n", "w.txt, line 2: '<unk>' is a mark"),
    ],
)
def test_a_list_of_words_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "w.txt").write_text(text)
    with pytest.raises(InputError) as caught:
        Vocabulary.read_words(tmp_path / "w.txt")
    assert message in str(caught.value)
