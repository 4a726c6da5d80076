"""Homotopies as files hold them, and sentences equal to a neighbour."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.homotopy import equal_to_neighbour, read_homotopies, read_homotopy

# A sentence may have no words.
GREEDY = ["it is .", "it is .", ""]
TOP = ["it was .", "who is it ?", "go !"]


@pytest.fixture
def write(tmp_path):
    """Write a homotopy in which some keys, or those of its cell, are changed."""

    def write(name: str, **changes):
        cell = {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1}
        content = {"cell": cell, "decodings": {"greedy": GREEDY, "top15": TOP}}
        for key, value in changes.items():
            (cell if key in cell else content)[key] = value
        (tmp_path / name).write_text(json.dumps(content))
        return tmp_path / name

    return write


def test_homotopy_is_read(write):
    homotopy = read_homotopy(write("a.json"))
    assert homotopy.cell == Cell("cbt", "lstm", 3.0, 1)
    assert homotopy.sentences == {"greedy": tuple(GREEDY), "top15": tuple(TOP)}
    assert homotopy.codes == 3
    assert read_homotopy(write("b.json", decodings={"greedy": GREEDY[:2]})).codes == 2


def test_homotopies_are_in_the_order_of_a_table(write):
    """Decodings are in the order of the first file."""
    paths = [
        write("a.json", corpus="zoo"),
        write("b.json", C=15, decodings={"top15": TOP, "greedy": GREEDY}),
        write("c.json", seed=2),
        write("d.json"),
    ]
    homotopies = read_homotopies(paths)
    assert [str(one.cell) for one in homotopies] == [
        *("cbt/lstm/C3/seed1", "cbt/lstm/C15/seed1", "cbt/lstm/C3/seed2", "zoo/lstm/C3/seed1")
    ]
    assert {tuple(one.sentences) for one in homotopies} == {("greedy", "top15")}
    assert read_homotopies([]) == []


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, ["cbt/lstm/C3/seed1"]),
        ({"C": 15, "decodings": {"greedy": GREEDY, "top5": TOP}}, ["greedy, top5", "top15"]),
        ({"C": 15, "decodings": {"greedy": GREEDY[:2], "top15": TOP[:2]}}, ["2", "3"]),
    ],
)
def test_homotopies_of_a_table_must_agree(write, changes, parts):
    first, second = write("a.json"), write("b.json", **changes)
    with pytest.raises(InputError) as error:
        read_homotopies([first, second])
    message = str(error.value)
    assert message.startswith(f"{second}: ")
    assert all(part in message for part in [*parts, str(first)])


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"cell": None}, ["'cell'"]),
        ({"decodings": None}, ["'decodings'"]),
        ({"decodings": {}}, ["'decodings'"]),
        ({"decodings": {"": TOP}}, ["''"]),
        ({"decodings": {"greedy": ["it", 3]}}, ["2", "'greedy'", "3"]),
        ({"decodings": {"greedy": ["it"]}}, ["'greedy'", "1", "2"]),
        ({"decodings": {"greedy": GREEDY, "top15": TOP[:2]}}, ["'top15'", "2", "3", "'greedy'"]),
    ],
)
def test_malformed_homotopy_is_refused(write, changes, parts):
    path = write("bad.json", **changes)
    with pytest.raises(InputError) as error:
        read_homotopy(path)
    assert str(error.value).startswith(f"{path}: ")
    assert all(part in str(error.value) for part in parts)


def test_only_adjacent_equal_sentences_count():
    """As in the greedy column of C = 3 in the paper's Table 2."""
    made = tuple("abccdee")
    assert equal_to_neighbour(made) == [False, False, True, True, False, True, True]
    assert equal_to_neighbour(("a", "b", "a")) == [False, False, False]


@given(st.lists(st.sampled_from("ab"), min_size=1))
def test_equal_neighbours_are_the_definition_written_out(made):
    near = [[j for j in (i - 1, i + 1) if 0 <= j < len(made)] for i in range(len(made))]
    expected = [any(made[j] == made[i] for j in js) for i, js in enumerate(near)]
    assert equal_to_neighbour(tuple(made)) == expected
