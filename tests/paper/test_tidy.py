"""Numbers in CSV: in full, and one text for one number."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.paper.csv import csv_text, number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (3, "3"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1e300, "1e+300"),
        (None, ""),
    ],
)
def test_one_text_for_one_number(value, text):
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_as_they_were(value):
    assert float(number(value)) == value


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n"))


@given(st.lists(st.tuples(texts, st.floats(allow_nan=False))))
def test_any_text_reads_back(rows):
    text = csv_text(["name", "value"], rows)
    [header, *records] = csv.reader(io.StringIO(text))
    assert header == ["name", "value"]
    assert [(name, float(value)) for name, value in records] == rows
