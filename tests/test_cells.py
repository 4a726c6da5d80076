"""Cells of the grid, their folders and their JSON."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.cells import MAX_C, MAX_NAME_LENGTH, MAX_SEED, Cell, format_C
from textvae.errors import InputError


@given(st.floats(min_value=0, allow_infinity=False))
def test_C_has_one_text(C):
    assert float(format_C(C)) == C
    # The wildcard of the workflow.
    assert re.fullmatch(r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?", format_C(C))
    texts = {3.0: "3", -0.0: "0", 2.5: "2.5", 1e-5: "0.00001", 1e22: f"1{22 * '0'}"}
    assert [format_C(one) for one in texts] == list(texts.values())


def test_cell_reads_back_from_its_folder_and_from_json():
    cell = Cell("cbt", "lstm-wide", 15, 1)
    assert str(cell) == "cbt/lstm-wide/C15/seed1"
    assert Cell.parse(str(cell)) == Cell.parse("cbt/lstm-wide/C15.0/seed1") == cell
    assert Cell.from_dict(cell.as_dict()) == cell


def test_limits_are_valid():
    Cell("w" * MAX_NAME_LENGTH, "a", MAX_C, MAX_SEED)
    assert (MAX_NAME_LENGTH, MAX_C, MAX_SEED) == (100, 1_000_000, 4_294_967_295)
    # 24 characters in a path.
    Cell("9.a_b-c", "a", 1e-22, 0)


def test_what_is_no_cell_is_refused():
    fields = Cell("cbt", "lstm", 15, 1).as_dict()
    for value in (None, "cbt/lstm/C15/seed1", {}, fields | {"beta": 1.0}):
        with pytest.raises(InputError, match="corpus, model, C, seed"):
            Cell.from_dict(value)
    for path in ("cbt/lstm/15/seed1", "cbt/lstm/C15", "cbt/lstm/C1.2.3/seed1", "../x/C15/seed1"):
        with pytest.raises(InputError, match=re.escape(repr(path))):
            Cell.parse(path)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        *(((name, "lstm", 3, 1), f"corpus {name!r}") for name in ("../etc", 7, "cbt\n", "")),
        *((("cbt", name, 3, 1), f"model {name!r}") for name in ("lstm;rm", "..", "-a")),
        (("w" * 101, "lstm", 3, 1), f"corpus '{'w' * 40}'...: is 101 "),
        *((("cbt", "lstm", C, 1), f"C: {C!r} ") for C in (-3, float("nan"), True, "3")),
        *((("cbt", "lstm", C, 1), f"C: {C!r} ") for C in (1e6 + 1, 1e-30, 1e-23)),
        (("cbt", "lstm", 10**400, 1), "C: 1000000000"),
        *((("cbt", "lstm", 3, seed), f"seed: {seed!r} ") for seed in (2**32, -1, 1.0, True)),
    ],
)
def test_invalid_cell_is_refused_by_field_and_value(cell, message):
    with pytest.raises(InputError) as error:
        Cell(*cell)
    assert str(error.value).startswith(message)
    assert len(str(error.value)) < 120
