"""A cell has one identity, however its C is spelt."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.cells import Cell, format_C
from textvae.errors import InputError


@pytest.mark.parametrize(
    ("C", "text"),
    [
        (3, "3"),
        (3.0, "3"),
        (100.0, "100"),
        (0, "0"),
        (2.5, "2.5"),
        (1e-5, "0.00001"),
        (1e22, "10000000000000000000000"),
        (-0.0, "0"),
    ],
)
def test_C_is_written_in_one_way(C, text):
    assert format_C(C) == text


@given(st.floats(min_value=0, allow_infinity=False))
def test_every_C_is_read_back_and_fits_a_path(C):
    assert float(format_C(C)) == C
    # The workflow's wildcard.
    assert re.fullmatch(r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?", format_C(C))


def test_a_cell_and_its_folder():
    cell = Cell("cbt", "lstm-wide", 15, 1)
    assert str(cell) == "cbt/lstm-wide/C15/seed1"
    assert Cell.parse(str(cell)) == cell
    assert Cell.parse("cbt/lstm-wide/C15.0/seed1") == cell
    assert Cell.from_dict(cell.as_dict()) == cell


@pytest.mark.parametrize(
    "value",
    [
        *(None, [], "cbt/lstm/C15/seed1", {}, {"corpus": "cbt"}),
        {"corpus": "cbt", "model": "lstm", "C": 15.0, "seed": 1, "beta": 1.0},
        {"corpus": "cbt", "model": "lstm", "C": 15.0, "Seed": 1},
    ],
)
def test_what_is_no_cell_of_a_file(value):
    with pytest.raises(InputError, match="'cell' is not an object of corpus, model, C, seed"):
        Cell.from_dict(value)


@pytest.mark.parametrize(
    "text", ["cbt/lstm/15/seed1", "cbt/lstm/C15", "cbt/lstm/C1.2.3/seed1", "../x/C15/seed1", ""]
)
def test_what_is_no_cell(text):
    with pytest.raises(InputError, match="expected a cell such as corpus/model/C15/seed1"):
        Cell.parse(text)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (("../etc", "lstm", 3, 1), "corpus '../etc': a name is made of letters"),
        (("cbt", "lstm;rm", 3, 1), "model 'lstm;rm': a name is made of letters"),
        (("cbt", "lstm", -3, 1), "C: -3 is not a number of at least 0"),
        (("cbt", "lstm", float("nan"), 1), "C: nan is not a number of at least 0"),
        (("cbt", "lstm", 3, 2**32), "seed: 4294967296 is not a number from 0 to 4294967295"),
        (("cbt", "lstm", 3, -1), "seed: -1 is not a number from 0 to 4294967295"),
        (("cbt", "lstm", 3, 1.0), "seed: 1.0 is not a number from 0 to 4294967295"),
        (("cbt", "lstm", 3, True), "seed: True is not a number from 0 to 4294967295"),
        (("cbt", "lstm", True, 1), "C: True is not a number of at least 0"),
        (("cbt", "lstm", "3", 1), "C: '3' is not a number of at least 0"),
        (("cbt", "lstm", 10**400, 1), "C: 1000000000"),
        (("cbt", "lstm", 1e7, 1), "C: 10000000.0 is not a number of at most 1000000"),
        (("cbt", "lstm", 1e-30, 1), "C: 1e-30 has too many digits to be part of a path"),
        ((7, "lstm", 3, 1), "corpus 7: a name is made of letters"),
        (("cbt\n", "lstm", 3, 1), r"corpus 'cbt\n': a name is made of letters"),
        (("cbt", "..", 3, 1), "model '..': a name is made of letters"),
        (
            ("w" * 300, "lstm", 3, 1),
            f"corpus '{'w' * 40}'...: is 300 characters long, expected 100 at the most",
        ),
    ],
)
def test_a_cell_that_cannot_be(cell, message):
    with pytest.raises(InputError) as error:
        Cell(*cell)
    assert str(error.value).startswith(message)
