"""Sentences decoded from the codes on a line, as files hold them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.homotopy import equal_to_neighbour, read_homotopies, read_homotopy

GREEDY = ["it is .", "it is .", ""]
TOP = ["it was .", "who is it ?", "go !"]


@pytest.fixture
def write(tmp_path):
    """Write a homotopy with some of its keys, or its cell's, set otherwise; its path."""

    def write(name: str, **changes):
        cell = {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1}
        content = {"cell": cell, "decodings": {"greedy": GREEDY, "top15": TOP}}
        for key, value in changes.items():
            (cell if key in cell else content)[key] = value
        path = tmp_path / name
        path.write_text(json.dumps(content))
        return path

    return write


def test_a_homotopy_is_of_a_cell_with_a_sentence_for_each_code(write):
    """The last sentence of greedy decoding has no words, and is one all the same."""
    found = read_homotopy(write("a.json"))
    assert found.cell == Cell("cbt", "lstm", 3.0, 1)
    assert found.sentences == {"greedy": tuple(GREEDY), "top15": tuple(TOP)}
    assert found.codes == 3


def test_they_come_in_the_order_of_a_table_and_decodings_as_in_the_first_file(write):
    turned = {"top15": TOP, "greedy": GREEDY}
    paths = [
        write("a.json", corpus="zoo"),
        write("b.json", C=15, decodings=turned),
        write("c.json", seed=2),
        write("d.json"),
    ]
    found = read_homotopies(paths)
    assert [str(one.cell) for one in found] == [
        "cbt/lstm/C3/seed1",
        "cbt/lstm/C15/seed1",
        "cbt/lstm/C3/seed2",
        "zoo/lstm/C3/seed1",
    ]
    assert {tuple(one.sentences) for one in found} == {("greedy", "top15")}
    assert {one.sentences["top15"] for one in found} == {tuple(TOP)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "describes cbt/lstm/C3/seed1, as {first} does"),
        (
            {"C": 15, "decodings": {"greedy": GREEDY, "top5": TOP}},
            "decodings greedy, top5, expected greedy, top15 as in {first}",
        ),
        (
            {"C": 15, "decodings": {"greedy": GREEDY[:2], "top15": TOP[:2]}},
            "2 sentences per decoding, expected 3 as in {first}",
        ),
    ],
)
def test_homotopies_of_one_table_go_together(write, changes, message):
    first, second = write("a.json"), write("b.json", **changes)
    with pytest.raises(InputError) as error:
        read_homotopies([first, second])
    assert str(error.value) == f"{second}: {message.format(first=first)}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cell": None}, "'cell' must be a JSON object, got nothing"),
        ({"C": -1}, "C: -1.0 is not a number of at least 0"),
        ({"decodings": None}, "'decodings' must be a JSON object, got nothing"),
        ({"decodings": {}}, "'decodings' is empty, expected at least one"),
        ({"decodings": {"": TOP}}, "name of a decoding must be a text, got ''"),
        ({"decodings": {"greedy": "it"}}, "'greedy' must be a list of sentences, got 'it'"),
        ({"decodings": {"greedy": ["it", 3]}}, "sentence 2 of 'greedy' must be a text, got 3"),
        ({"decodings": {"greedy": ["it", "\ud800"]}}, "is not one line of Unicode text"),
        ({"decodings": {"greedy": ["it"]}}, "'greedy' has 1 sentences, expected at least 2"),
        (
            {"decodings": {"greedy": GREEDY, "top15": TOP[:2]}},
            "'top15' has 2 sentences, expected 3 as 'greedy' has",
        ),
    ],
)
def test_a_malformed_file_is_named_with_what_is_wrong(write, changes, message):
    path = write("bad.json", **changes)
    with pytest.raises(InputError) as error:
        read_homotopy(path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_sentences_equal_to_a_neighbour_in_the_papers_table_2():
    """The greedy column of C = 3: 3 and 4 are the same, and 6 and 7; 5 differs in one word."""
    made = (
        *("i m not going to be a good man", "it s a good thing"),
        *("how can you do it , dear ?", "how can you do it , dear ?", "how can you do it , miss ?"),
        *("and what is the matter with you ?", "and what is the matter with you ?"),
    )
    assert equal_to_neighbour(made) == [False, False, True, True, False, True, True]


def test_an_equal_sentence_further_off_is_no_neighbour():
    assert equal_to_neighbour(("a", "b", "a")) == [False, False, False]
    assert equal_to_neighbour(("", "", "a")) == [True, True, False]


@given(st.lists(st.sampled_from("ab"), min_size=1))
def test_who_is_equal_to_a_neighbour_has_one_who_is_too(made):
    found = equal_to_neighbour(tuple(made))
    for i, equal in enumerate(found):
        near = [j for j in (i - 1, i + 1) if 0 <= j < len(made)]
        assert equal == any(made[j] == made[i] and found[j] for j in near)
