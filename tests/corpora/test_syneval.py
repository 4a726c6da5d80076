"""Marvin and Linzen's 22 files: what they hold, and what is said of a folder that is not theirs."""

import os
import pickle
from collections import Counter
from pathlib import Path

import pytest

import template_pickles
from realdata import real_file
from template_pickles import write_pickle
from textvae.corpora import sources as manifest
from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.syneval import FILES, read_folder
from textvae.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return template_pickles.write(tmp_path / "syneval")


def refusal(folder: Path) -> str:
    """The message, one line."""
    with pytest.raises(InputError) as caught:
        read_folder(folder)
    message = str(caught.value)
    assert message.startswith(str(folder))
    assert "\n" not in message
    return message.removeprefix(str(folder))


@pytest.mark.parametrize("protocol", [0, 2, pickle.HIGHEST_PROTOCOL])
def test_each_file_has_its_row_and_its_noun(tmp_path: Path, protocol: int) -> None:
    pairs = read_folder(template_pickles.write(tmp_path / "syneval", protocol))
    assert [
        (pair.set, pair.subcategory, pair.grammatical, pair.ungrammatical, pair.item, pair.number)
        for pair in pairs
    ] == template_pickles.EXAMPLES
    # Table 4 from top to bottom; two files in a row are one line of it.
    assert list(dict.fromkeys(pair.row for pair in pairs)) == [
        "agreement.simple",
        "agreement.sentential-complement",
        "agreement.short-vp-coordination",
        "agreement.long-vp-coordination",
        "agreement.prepositional-phrase",
        "agreement.subject-relative",
        "agreement.across-object-relative",
        "agreement.across-object-relative-no-that",
        "agreement.in-object-relative",
        "agreement.in-object-relative-no-that",
        "reflexive.simple",
        "reflexive.sentential-complement",
        "reflexive.relative-clause",
        "npi.simple",
        "npi.relative-clause",
    ]


def test_words_stand_between_single_spaces(folder: Path) -> None:
    content = {"sing_MS_MV": [(" the  author laughs ", "the author\tlaugh\n")]}
    write_pickle(folder / "simple_agrmt.pickle", content)
    assert read_folder(folder)[0] == Pair(
        "the author laughs",
        "the author laugh",
        "agreement.simple",
        "simple_agrmt",
        "sing_MS_MV",
        "author",
        "singular",
    )


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "sent_comp.pickle").unlink()
    said = ": no sent_comp.pickle in it; `textvae fetch syneval` brings all 22"
    assert refusal(folder) == said
    (folder / "npi_across_anim.pickle").unlink()
    assert ": no sent_comp.pickle, npi_across_anim.pickle in it; " in refusal(folder)


def test_other_pickles_are_not_left_out_in_silence(folder: Path) -> None:
    write_pickle(folder / "gender.pickle", {})
    assert ": gender.pickle, expected the 22 of Marvin and Linzen alone" in refusal(folder)


def test_hidden_files_are_nobodys(folder: Path) -> None:
    (folder / "._sent_comp.pickle").write_bytes(b"what macOS puts into archives")
    assert len(read_folder(folder)) == len(template_pickles.EXAMPLES)


def test_a_folder_is_needed(tmp_path: Path) -> None:
    assert ": no such folder, expected " in refusal(tmp_path / "none")
    (tmp_path / "file").touch()
    assert ": no such folder, expected " in refusal(tmp_path / "file")


SHAPE = "expected a dictionary from subcategories to lists of (grammatical, ungrammatical)"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([("a b", "a c")], f": {SHAPE}"),
        ({}, f": {SHAPE}"),
        ("sing", f": {SHAPE}"),
        ({"sing": ()}, f": 'sing': {SHAPE}"),
        ({"sing": []}, f": 'sing': {SHAPE}"),
        ({"sing": {"a b": "a c"}}, f": 'sing': {SHAPE}"),
        ({"sing": [("the cat is", "the cat are"), ("a b",)]}, f": 'sing', pair 2: {SHAPE}"),
        ({"sing": ["ab"]}, f": 'sing', pair 1: {SHAPE}"),
        ({"sing": [["the cat is", "the cat are"]]}, f": 'sing', pair 1: {SHAPE}"),
        ({"sing": [("the cat is", ("the cat are",))]}, f": 'sing', pair 1: {SHAPE}"),
        (
            {"singular": [("the cat is", "the cat are")]},
            ": subcategory 'singular', expected past, future, or a name that begins with sing_ "
            "or plur_",
        ),
        (
            {"sing": [("the cats are", "the cats is")]},
            ": 'sing', pair 1: 'the cats are': 'cats', expected a singular noun",
        ),
        (
            {"plur": [("the cat is", "the cat are")]},
            ": 'plur', pair 1: 'the cat is': 'cat', expected a plural noun",
        ),
        (
            {"sing": [("cats", "cat")]},
            ": 'sing', pair 1: 'cats', expected the noun that is agreed with in it",
        ),
        (
            {"sing": [(" ", "the cat is")]},
            ": 'sing', pair 1: '', expected the noun that is agreed with in it",
        ),
        (
            {"sing": [("the cat is", " ")]},
            ": 'sing', pair 1: ungrammatical: blank, expected a sentence",
        ),
        (
            {"sing": [("the cat is", "the cat  is")]},
            ": 'sing', pair 1: both sentences are 'the cat is', expected a difference",
        ),
        (
            {"sing_\n": [("the cat is", "the cat are")]},
            ": 'sing_\\n', pair 1: 'agreement.simple', 'simple_agrmt', 'sing_\\n', 'cat', "
            "'singular', 'the cat is', 'the cat are': expected no tab, line break or half of a "
            "character in a field",
        ),
    ],
)
def test_what_is_not_of_its_shape_is_named(folder: Path, content: object, said: str) -> None:
    path = folder / "simple_agrmt.pickle"
    write_pickle(path, content)
    assert refusal(folder) == f"/simple_agrmt.pickle{said}"


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        (("the guard", "the guard likes"), None),
        (("likes her", "like her"), "'likes her', expected the noun that is agreed with in it"),
        (("the guards like", "the guards likes"), "'guards', expected a singular noun"),
        (("the guard", "the guard"), "both sentences are 'the guard', expected a difference"),
    ],
)
def test_the_noun_right_before_the_difference(
    folder: Path, sentences: tuple[str, str], said: str | None
) -> None:
    content = {"sing_ES_EV_sing_MS_MV": [sentences]}
    write_pickle(folder / "obj_rel_within_anim.pickle", content)
    if said:
        assert refusal(folder).endswith(said)
    else:
        pairs = {pair.set: pair for pair in read_folder(folder)}
        assert pairs["obj_rel_within_anim"].item == "guard"


class _Call:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_wants_to_run_something_is_refused(folder: Path, tmp_path: Path) -> None:
    content = {"sing_MS_MV": [("the author laughs", "the author laugh"), _Call(tmp_path / "ran")]}
    (folder / "sent_comp.pickle").write_bytes(pickle.dumps(content))
    said = refusal(folder)
    assert said.startswith("/sent_comp.pickle, byte ")
    assert f"asks for '{os.mkdir.__module__}.mkdir'; only texts in lists, tuples and " in said
    assert not (tmp_path / "ran").exists()


def test_a_pickle_that_was_replaced_since_it_was_checked(folder: Path) -> None:
    path = folder / "sent_comp.pickle"
    entry = {"file": path.name, "bytes": path.stat().st_size, "sha256": "0" * 64}
    manifest.write(folder, "syneval", [entry])
    assert refusal(folder).startswith("/sent_comp.pickle: not the file that was checked (wrong ch")


@pytest.fixture(scope="module")
def real() -> list[Pair]:
    return read_folder(real_file("syneval/EMNLP2018_templates"))


def test_real_rows(real: list[Pair]) -> None:
    assert Counter(pair.row for pair in real) == {
        "agreement.simple": 140,
        "agreement.sentential-complement": 1_680,
        "agreement.short-vp-coordination": 840,
        "agreement.long-vp-coordination": 400,
        "agreement.prepositional-phrase": 16_800 + 5_600,
        "agreement.subject-relative": 11_200,
        "agreement.across-object-relative": 22_400,
        "agreement.across-object-relative-no-that": 22_400,
        "agreement.in-object-relative": 22_400,
        "agreement.in-object-relative-no-that": 22_400,
        "reflexive.simple": 280,
        "reflexive.sentential-complement": 3_360,
        "reflexive.relative-clause": 22_400,
        "npi.simple": 264,
        "npi.relative-clause": 10_560,
    }
    assert len(real) == 163_124
    assert len({(pair.set, pair.subcategory) for pair in real}) == 72
    assert list(dict.fromkeys(pair.set for pair in real)) == list(FILES)


def test_real_pairs_are_of_one_length_and_of_small_letters(real: list[Pair]) -> None:
    for pair in real:
        assert len(pair.grammatical.split()) == len(pair.ungrammatical.split())
    letters = set().union(*(pair.grammatical + pair.ungrammatical for pair in real))
    assert letters <= set("abcdefghijklmnopqrstuvwxyz ")
    assert len(set(real)) == len(real)


PEOPLE = "author pilot surgeon farmer manager customer officer teacher senator consultant"
THINGS = "movie book game song picture painting novel poem show"
OTHERS = "guard chef architect skater dancer minister driver assistant executive parent"


def test_real_nouns(real: list[Pair]) -> None:
    """Templates are filled with every noun equally often, the show as such and on television."""
    for name in FILES:
        pairs = [pair for pair in real if pair.set == name]
        nouns = (OTHERS if "within" in name else THINGS if "inanim" in name else PEOPLE).split()
        if nouns[-1] == "show" and "npi" not in name:
            nouns.append("show")
        each = len(pairs) // len(nouns)
        expected = {noun: each * count for noun, count in Counter(nouns).items()}
        assert Counter(pair.item for pair in pairs) == expected, name


def test_real_numbers_agree_with_the_critical_word(real: list[Pair]) -> None:
    """The word that differs has a form of the noun's number where the sentence is grammatical."""
    for pair in real:
        words, others = pair.grammatical.split(), pair.ungrammatical.split()
        differing = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
        if pair.row.startswith("npi"):
            assert pair.number == ""
            assert f"{pair.item}s" == words[1]
            assert len(differing) == (2 if pair.row.endswith("clause") else 1)
            continue
        assert pair.item + ("s" if pair.number == "plural" else "") in words
        (forms,) = differing
        singular, plural = forms if pair.number == "singular" else forms[::-1]
        if plural == "themselves":
            assert singular in ("himself", "herself")
        else:
            assert singular in (plural + "s", "is" if plural == "are" else None)
