"""A synthetic corpus on the disk: text, and the report beside it."""

import json
from dataclasses import asdict

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.generation.generated import Generated, GeneratedText, read_report
from textvae.generation.synthesis import Tally

CELL = Cell("cbt", "lstm", 15.0, 1)
# As `textvae sample` writes it.
REPORT = {
    "cell": CELL.as_dict(),
    "decoding": "nucleus0.9",
    "copy": 2,
    "seed": 1,
    "longest": 30,
    **asdict(Tally(sentences=10, words=80, unknown=3, empty=1, cut=4)),
}


@pytest.fixture
def reported(tmp_path):
    """Write the report, with changes; its path."""

    def write(**changes):
        path = tmp_path / "report.json"
        path.write_text(json.dumps(REPORT | changes))
        return path

    return write


def test_whose_text_it_is_and_how_many_sentences_were_cut(reported):
    generated = read_report(reported())
    assert generated == Generated(CELL, "nucleus0.9", copy=2, cut=4, longest=30)
    assert str(generated) == "cbt/lstm/C15/seed1, nucleus0.9, copy 2"


@pytest.mark.parametrize(
    "changes",
    [
        {"cell": {"corpus": "cbt"}},
        {"cell": "cbt/lstm/C15/seed1"},
        {"cell": {**CELL.as_dict(), "C": -1}},
        {"cell": {**CELL.as_dict(), "\x1b": 1}},
        {"decoding": None},
        {"decoding": ""},
        {"decoding": "greedy\x1b[2J"},
        {"decoding": "../greedy"},
        {"cut": -1},
        {"copy": "2"},
        {"copy": float("inf")},
        {"cut": None},
        {"cut": True},
        {"cut": 1.5},
        {"longest": "30"},
    ],
)
def test_what_is_no_report_is_refused_in_one_line(reported, changes):
    path = reported(**changes)
    with pytest.raises(InputError) as error:
        read_report(path)
    assert str(error.value).startswith(f"{path}: not a report of `textvae sample` (")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["[]", "{}", "3", "null"])
def test_other_json_is_no_report(tmp_path, content):
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(InputError, match="not a report of `textvae sample`"):
        read_report(path)


def test_sentences_are_words_and_a_blank_line_is_one_without(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("the cat sat\n\n<unk> sat\n")
    text = GeneratedText(path)
    assert len(text) == 3
    # As often as one likes.
    for _ in range(2):
        assert list(text) == [["the", "cat", "sat"], [], ["<unk>", "sat"]]


def test_a_text_without_a_sentence_is_named(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("")
    with pytest.raises(InputError) as error:
        GeneratedText(path)
    assert str(error.value) == f"{path}: empty, expected a sentence a line"
    with pytest.raises(InputError, match="no such file"):
        GeneratedText(tmp_path / "gone.txt")
