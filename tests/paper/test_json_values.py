"""Values of JSON files, and numbers and texts of CSV files."""

import csv
import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.csv import csv_text, number
from textvae.paper.json_values import (
    cell_of,
    finite_number,
    json_object,
    sentences,
    text,
    whole_number,
)

LARGEST = sys.float_info.max


def test_valid_values_are_returned():
    assert json_object({"a": 1}, "it") == {"a": 1}
    assert text("β", "it") == "β"
    assert sentences(["it is", "a\tb", ""], "it") == ("it is", "a\tb", "")
    assert (whole_number(0, "it"), whole_number(1, "it", minimum=1)) == (0, 1)
    assert [finite_number(sign * LARGEST, "it") for sign in (1, -1)] == [LARGEST, -LARGEST]
    assert type(finite_number(3, "it")) is float
    cell = {"corpus": "cbt", "model": "lstm", "C": 3, "seed": 0}
    assert cell_of(cell) == Cell("cbt", "lstm", 3.0, 0)


@pytest.mark.parametrize(
    ("check", "value", "parts"),
    [
        (json_object, [1], ("it", "[1]")),
        (text, "", ("it", "''")),
        (text, 3, ("it", "3")),
        (text, "a\nb", (r"'a\nb'",)),
        (sentences, "it is", ("it", "'it is'")),
        (sentences, ["", None], ("sentence 2", "it", "nothing")),
        (sentences, ["a\rb"], (r"'a\rb'",)),
        (sentences, ["a\nb"], (r"'a\nb'",)),
        (sentences, ["\ud800"], (r"'\ud800'",)),
        (whole_number, 1.0, ("it", "1.0")),
        (whole_number, True, ("it", "True")),
        (whole_number, -1, ("it", "-1")),
        (lambda value, what: whole_number(value, what, minimum=1), 0, ("it", "at least 1", "0")),
        (finite_number, True, ("it", "True")),
        (finite_number, "3", ("it", "'3'")),
        (finite_number, float("nan"), ("it", "nan")),
        (finite_number, float("-inf"), ("it", "-inf")),
        (finite_number, 10**400, ("it", "1" + 59 * "0")),
    ],
)
def test_invalid_value_is_refused_in_one_line(check, value, parts):
    with pytest.raises(InputError) as error:
        check(value, "it")
    message = str(error.value)
    assert all(part in message for part in parts)
    assert ("\n" in message, len(message) < 110) == (False, True)


def test_number_has_one_text():
    texts = {3.0: "3", -0.0: "0", 0.1: "0.1", 1 / 3: "0.3333333333333333", None: ""}
    texts |= {2.0**53 - 1: "9007199254740991", 2.0**53: "9007199254740992.0"}
    assert [number(value) for value in texts] == list(texts.values())


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\n"))


@given(st.lists(st.tuples(texts, st.floats(allow_nan=False))))
def test_csv_reads_back(rows):
    [header, *records] = csv.reader(io.StringIO(csv_text(["name", "value"], rows)))
    assert header == ["name", "value"]
    assert [(name, float(value)) for name, value in records] == rows
