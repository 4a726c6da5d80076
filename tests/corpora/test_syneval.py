"""The 22 files of Marvin and Linzen: their pairs, and the refusal of other folders and contents."""

import pickle
from collections import Counter

import pytest

import template_pickles
from input_errors import refusal
from realdata import real_file
from template_pickles import write_pickle
from textvae.corpora import sources
from textvae.corpora.syneval import FILES, read_folder


@pytest.fixture
def folder(tmp_path):
    return template_pickles.write(tmp_path / "syneval")


def refused(folder):
    message = refusal(read_folder, folder)
    assert message.startswith(str(folder))
    return message.removeprefix(str(folder))


# The rows of Table 4 from top to bottom, with the pairs of the real files.
ROWS = {
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


@pytest.mark.parametrize("protocol", [0, pickle.HIGHEST_PROTOCOL])
def test_each_file_has_its_row_and_noun(tmp_path, protocol):
    pairs = read_folder(template_pickles.write(tmp_path / "syneval", protocol))
    assert [
        (pair.set, pair.subcategory, pair.grammatical, pair.ungrammatical, pair.item, pair.number)
        for pair in pairs
    ] == template_pickles.EXAMPLES
    assert list(dict.fromkeys(pair.row for pair in pairs)) == list(ROWS)


def test_words_are_separated_by_single_spaces(folder):
    content = {"sing_MS_MV": [(" the  author laughs ", "the author\tlaugh\n")]}
    write_pickle(folder / "simple_agrmt.pickle", content)
    pair = read_folder(folder)[0]
    assert (pair.grammatical, pair.ungrammatical) == ("the author laughs", "the author laugh")


def test_missing_and_other_pickles_are_named(folder):
    (folder / "._sent_comp.pickle").write_bytes(b"as macOS adds to archives")
    assert len(read_folder(folder)) == len(template_pickles.EXAMPLES)
    write_pickle(folder / "gender.pickle", {})
    assert "gender.pickle" in refused(folder)
    (folder / "sent_comp.pickle").unlink()
    (folder / "npi_across_anim.pickle").unlink()
    message = refused(folder)
    assert "sent_comp.pickle, npi_across_anim.pickle" in message
    assert "textvae fetch syneval" in message
    assert "no such folder" in refused(folder / "none")


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        ([("a b", "a c")], []),
        ({}, []),
        ({"sing": []}, ["'sing'"]),
        ({"sing": [("the cat is", "the cat are"), ("a b",)]}, ["'sing'", "pair 2"]),
        ({"sing": ["ab"]}, ["'sing'", "pair 1"]),
        ({"sing": [("the cat is", ("the cat are",))]}, ["'sing'", "pair 1"]),
        ({"singular": [("the cat is", "the cat are")]}, ["'singular'"]),
        ({"sing": [("the cats are", "the cats is")]}, ["pair 1", "'cats'", "singular"]),
        ({"plur": [("the cat is", "the cat are")]}, ["pair 1", "'cat'", "plural"]),
        ({"sing": [("cats", "cat")]}, ["pair 1", "'cats'"]),
        ({"sing": [("the cat is", " ")]}, ["pair 1", "ungrammatical"]),
        ({"sing": [("the cat is", "the cat  is")]}, ["pair 1", "'the cat is'"]),
        ({"sing_\n": [("the cat is", "the cat are")]}, ["'sing_\\n'", "line break"]),
    ],
)
def test_content_of_another_shape_is_named(folder, content, keys):
    write_pickle(folder / "simple_agrmt.pickle", content)
    message = refused(folder)
    assert message.startswith("/simple_agrmt.pickle: ")
    assert all(key in message for key in keys)


def test_noun_is_the_word_before_the_difference(folder):
    path = folder / "obj_rel_within_anim.pickle"

    def write(*sentences):
        write_pickle(path, {"sing_ES_EV_sing_MS_MV": [sentences]})

    write("the guard", "the guard likes")
    assert [pair.item for pair in read_folder(folder) if pair.set == path.stem] == ["guard"]
    for sentences, key in (
        (("likes her", "like her"), "'likes her'"),
        (("the guards like", "the guards likes"), "'guards'"),
        (("the guard", "the guard"), "'the guard'"),
    ):
        write(*sentences)
        assert key in refused(folder)


def test_pickle_changed_since_its_fetch_is_refused(folder):
    path = folder / "sent_comp.pickle"
    entry = {"file": path.name, "bytes": path.stat().st_size, "sha256": "0" * 64}
    sources.write(folder, "syneval", [entry])
    assert refused(folder).startswith("/sent_comp.pickle: ")


def test_real_pairs_by_row_set_and_noun():
    real = read_folder(real_file("syneval/EMNLP2018_templates"))
    assert Counter(pair.row for pair in real) == ROWS
    assert len(set(real)) == len(real) == 163_124
    assert len({(pair.set, pair.subcategory) for pair in real}) == 72
    assert list(dict.fromkeys(pair.set for pair in real)) == list(FILES)
    subjects = Counter(pair.item for pair in real if pair.set == "simple_agrmt")
    assert (len(subjects), set(subjects.values())) == (10, {14})
