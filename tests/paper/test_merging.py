"""Experiments share cells: what two of them tell alike is told once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.measurements import Measured, merged, table, to_csv


def rate(value, C=3.0, **text):
    cell = Cell("cbt", "lstm", C, 1)
    return Measured(cell, "rate-distortion", "test", 100, "rate_nats", value, **text)


def write(path, *rows):
    path.write_text(to_csv(rows))
    return path


def test_a_shared_cell_is_there_once(tmp_path):
    a = write(tmp_path / "a.csv", rate(3.1), rate(15.2, C=15.0))
    b = write(tmp_path / "b.csv", rate(3.1), rate(3.0, decoding="greedy", copy=1))
    expected = [rate(3.1), rate(3.0, decoding="greedy", copy=1), rate(15.2, C=15.0)]
    assert merged([a, b]).equals(table(expected))
    assert merged([b, a]).equals(table(expected))
    assert merged([]).empty


@pytest.mark.parametrize(
    ("values", "told"), [((3.1, 3.2), "is 3.2, but 3.1"), ((None, 3.2), "is 3.2, but nothing")]
)
def test_two_values_of_one_metric(tmp_path, values, told):
    a, b = (write(tmp_path / f"{value}.csv", rate(value)) for value in values)
    with pytest.raises(InputError) as error:
        merged([a, b])
    line = f"{b}: rate_nats of cbt/lstm/C3/seed1 {told} in {a}; gather both again"
    assert str(error.value).startswith(line)


@settings(max_examples=50, deadline=None)
@given(C=st.lists(st.integers(0, 9), unique=True), cut=st.integers(0, 9), both=st.integers(0, 9))
def test_it_matters_not_how_rows_are_dealt_out(tmp_path_factory, C, cut, both):
    rows = [rate(float(one), C=float(one)) for one in C]
    folder = tmp_path_factory.mktemp("dealt")
    a = write(folder / "a.csv", *rows[: cut + both])
    b = write(folder / "b.csv", *rows[cut:])
    assert merged([a, b]).equals(table(sorted(rows, key=lambda row: row.cell)))


def test_two_missing_values_agree(tmp_path):
    a, b = (write(tmp_path / name, rate(None)) for name in ("a.csv", "b.csv"))
    assert merged([a, b]).equals(table([rate(None)]))
