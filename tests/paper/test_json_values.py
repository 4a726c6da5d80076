"""What values of a JSON file are taken for, and what each is refused for."""

import sys

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.json_values import (
    cell_of,
    finite_number,
    json_object,
    sentences,
    text,
    whole_number,
)


def test_what_is_right_comes_back():
    assert json_object({"a": 1}, "it") == {"a": 1}
    assert text("β", "it") == "β"
    assert sentences(["it is", ""], "it") == ("it is", "")
    assert whole_number(0, "it") == 0
    assert finite_number(-sys.float_info.max, "it") == -sys.float_info.max
    assert cell_of({"corpus": "cbt", "model": "lstm", "C": 3, "seed": 1}) == (
        Cell("cbt", "lstm", 3.0, 1)
    )


def test_a_whole_number_may_stand_for_any_number():
    assert type(finite_number(3, "it")) is float


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (json_object, [1], "it must be a JSON object, got [1]"),
        (text, "", "it must be a text, got ''"),
        (text, "a\nb", r"'a\nb' is not one line of Unicode text"),
        (sentences, "it is", "it must be a list of sentences, got 'it is'"),
        (sentences, ["", None], "sentence 2 of it must be a text, got nothing"),
        (sentences, ["a\rb"], r"'a\rb' is not one line of Unicode text"),
        (whole_number, 1.0, "it must be a whole number, got 1.0"),
        (whole_number, True, "it must be a whole number, got True"),
        (finite_number, True, "it must be a finite number, got True"),
        (finite_number, float("nan"), "it must be a finite number, got nan"),
        (finite_number, 10**400, "it must be a finite number, got 1" + 59 * "0"),
        (finite_number, None, "it must be a finite number, got nothing"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(check, value, message):
    with pytest.raises(InputError) as error:
        check(value, "it")
    assert str(error.value) == message


def test_a_bound_is_part_of_what_is_said():
    assert whole_number(1, "it", least=1) == 1
    with pytest.raises(InputError, match=r"^it must be a whole number of at least 1, got 0$"):
        whole_number(0, "it", least=1)
