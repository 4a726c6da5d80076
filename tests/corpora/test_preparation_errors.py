"""Text and settings that no corpus can be made of, and what is said of them."""

import os
from pathlib import Path

import pytest

from raw_texts import TEXTS, write
from textvae.corpora.encoded import EncodedCorpus
from textvae.corpora.preparation import Preparation, prepare
from textvae.errors import InputError


@pytest.mark.parametrize(
    ("valid", "settings", "message"),
    [
        ("", {}, "valid.txt: nothing in it, expected at least 2 sentences"),
        ("\n\n \n", {}, "valid.txt: nothing but 3 blank lines in it, expected at least 2"),
        ("the cat\n", {}, "valid.txt: 1 sentence left of 1 read, at least 2 are needed"),
        (
            "the cat\n" + "a b c d\n" * 9,
            {"longest": 3, "shortest": 1},
            "valid.txt: 1 sentence left of 10 read (9 longer than 3 words), at least 2 are needed",
        ),
        (
            "a\n" * 1200 + "a b c d\n",
            {"longest": 3, "shortest": 2},
            "valid.txt: 0 sentences left of 1,201 read (1 longer than 3 words, 1,200 shorter than "
            "2), at least 2 are needed",
        ),
        (
            "some other words\nand more\n",
            {},
            "valid.txt: every one of its 5 words is unknown, expected some of the vocabulary's 7",
        ),
        ("<unk>\n_UNK\n", {}, "valid.txt: every one of its 2 words is unknown"),
    ],
)
def test_a_split_that_is_no_use_is_told_why(
    tmp_path: Path, valid: str, settings: dict[str, int], message: str
) -> None:
    texts = {**TEXTS, "valid": valid}
    if settings:  # the other splits are right under these as well
        texts["train"] = texts["test"] = "the cat\na cat\n"
    with pytest.raises(InputError) as caught:
        prepare("cats", write(tmp_path, texts), Preparation(**settings), tmp_path / "out")
    assert str(caught.value).startswith(f"{tmp_path}{os.sep}{message}")
    assert not (tmp_path / "out" / "statistics.json").exists()


def test_training_text_without_a_known_word(tmp_path: Path) -> None:
    texts = {**TEXTS, "train": "<unk> <unk>\nUNK\n"}
    with pytest.raises(InputError, match=r"train\.txt: every word is unknown, expected text"):
        prepare("cats", write(tmp_path, texts), Preparation(), tmp_path / "out")


def test_a_wrong_text_leaves_the_earlier_corpus(tmp_path: Path) -> None:
    paths = write(tmp_path)
    prepare("cats", paths, Preparation(), tmp_path / "out")
    paths["test"].write_bytes(b"\xff\n")
    with pytest.raises(InputError, match=r"test\.txt, line 1: not UTF-8"):
        prepare("cats", paths, Preparation(), tmp_path / "out")
    assert EncodedCorpus(tmp_path / "out").name == "cats"


def test_an_interrupted_preparation_is_not_taken_for_a_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write(tmp_path)
    prepare("cats", paths, Preparation(), tmp_path / "out")

    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("textvae.corpora.preparation.split_statistics", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare("cats", paths, Preparation(), tmp_path / "out")
    with pytest.raises(InputError, match="not a prepared corpus"):
        EncodedCorpus(tmp_path / "out")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"format": "xml"}, "--format: xml is not one of plain, cbt, wiki, yelp, webtext"),
        ({"normalise": ("lower",)}, "--normalise: lower is not one of lowercase"),
        ({"normalise": "lowercase"}, "--normalise: 'lowercase' is not a list"),
        ({"shortest": 0}, "--shortest: 0 is not a number of at least 1"),
        ({"shortest": 5, "longest": 4}, "--longest: 4 is less than --shortest, 5"),
        ({"vocabulary": "12k"}, "--vocabulary: '12k' is not a number of at least 1"),
        ({"train_size": 1}, "--train-size: 1 is not a number of at least 2"),
        ({"test_size": 2.5}, "--test-size: 2.5 is not a number of at least 2"),
        ({"seed": -1}, "--seed: -1 is not a number of at least 0"),
        ({"seed": None}, "--seed: None is not a number of at least 0"),
        ({"longest": True}, "--longest: True is not a number of at least 1"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        Preparation(**settings)
    assert str(caught.value).startswith(message)


def test_a_size_and_a_list_of_words_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both a size and a list of words are given"):
        prepare("c", write(tmp_path), Preparation(vocabulary=3), tmp_path, words=tmp_path / "w.txt")
