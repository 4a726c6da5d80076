"""Homotopies as files hold them, and sentences equal to a neighbour."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_files import check_refused, write

from textvae.paper.homotopy import equal_to_neighbour, read_homotopies, read_homotopy

# A sentence may have no words.
GREEDY = ["it is .", "it is .", ""]
TOP = ["it was .", "who is it ?", "go !"]
CONTENT = {
    "cell": {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1},
    "decodings": {"greedy": GREEDY, "top15": TOP},
}


def test_homotopies_are_in_the_order_of_a_table(tmp_path):
    """Decodings are in the order of the first file."""
    turned = {"cell.C": 15, "decodings": {"top15": TOP, "greedy": GREEDY}}
    changes = [{"cell.corpus": "zoo"}, turned, {"cell.seed": 2}, {}]
    paths = [write(tmp_path / f"{i}.json", CONTENT, one) for i, one in enumerate(changes)]
    homotopies = read_homotopies(paths)
    assert [str(one.cell) for one in homotopies] == [
        *("cbt/lstm/C3/seed1", "cbt/lstm/C15/seed1", "cbt/lstm/C3/seed2", "zoo/lstm/C3/seed1")
    ]
    sentences = [("greedy", tuple(GREEDY)), ("top15", tuple(TOP))]
    assert all(list(one.sentences.items()) == sentences for one in homotopies)
    assert homotopies[0].codes == 3
    assert read_homotopies([]) == []


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, ["cbt/lstm/C3/seed1"]),
        ({"cell.C": 15, "decodings": {"greedy": GREEDY, "top5": TOP}}, ["greedy, top5", "top15"]),
        ({"cell.C": 15, "decodings": {"greedy": GREEDY[:2], "top15": TOP[:2]}}, ["2", "3"]),
    ],
)
def test_homotopies_of_a_table_must_agree(tmp_path, changes, parts):
    first = write(tmp_path / "a.json", CONTENT)
    second = write(tmp_path / "b.json", CONTENT, changes)
    check_refused(lambda path: read_homotopies([first, path]), second, first, *parts)


@pytest.mark.parametrize(
    ("key", "value", "parts"),
    [
        ("cell", None, ["'cell'"]),
        ("decodings", None, ["'decodings'"]),
        ("decodings", {}, ["'decodings'"]),
        ("decodings", {"": TOP}, ["''"]),
        ("decodings", {"greedy": ["it", 3]}, ["2", "'greedy'", "3"]),
        ("decodings", {"greedy": ["it"]}, ["'greedy'", "1", "2"]),
        ("decodings", {"greedy": GREEDY, "top15": TOP[:2]}, ["'top15'", "2", "3", "'greedy'"]),
    ],
)
def test_malformed_homotopy_is_refused(tmp_path, key, value, parts):
    check_refused(read_homotopy, write(tmp_path / "a.json", CONTENT, {key: value}), *parts)


@given(st.lists(st.sampled_from("ab"), min_size=1))
def test_only_adjacent_equal_sentences_are_neighbours(made):
    near = [[j for j in (i - 1, i + 1) if 0 <= j < len(made)] for i in range(len(made))]
    expected = [any(made[j] == made[i] for j in js) for i, js in enumerate(near)]
    assert equal_to_neighbour(tuple(made)) == expected
    # As in the greedy column of C = 3 in the paper's Table 2.
    found = equal_to_neighbour(tuple("abccdee"))
    assert found == [False, False, True, True, False, True, True]
