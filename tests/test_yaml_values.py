"""What YAML can say and a configuration cannot is told by its place."""

import datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from textvae.config.messages import MAX_DEPTH, check_values
from textvae.errors import InputError

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31)
    | st.floats(-1e30, 1e30)
    | st.text("abc äβ中\n\t'\"<>$\\"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(PLAIN)
def test_plain_values_are_taken(value):
    check_values(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{a: {1: b}}", "a: the key 1 is not a text (in quotes it is)"),
        ("{a: {on: b}}", "a: the key True is not a text (in quotes it is)"),
        ("[{~: b}]", "[0]: the key None is not a text (in quotes it is)"),
        ('{a: {"b\\0": 1}}', r"a: the key 'b\x00' has characters that do not show"),
        ("a: [1, .nan]", "a[1]: got nan, expected a finite number"),
        ("a: -.inf", "a: got -inf, expected a finite number"),
        ("a: 1.0e+31", "a: got 1e+31, expected at most 1e+30"),
        ("a: 4294967296", "a: got 0x100000000, expected at most 4294967295"),
        (f"a: -0x{5000 * 'f'}", f"a: got -0x{37 * 'f'}, expected at most 4294967295"),
        ("a: 2020-01-01", "a: got datetime.date(2020, 1, 1), expected a text, a number, a list"),
        ("a: !!binary aGk=", "a: got b'hi', expected a text, a number, a list or a mapping"),
        ("a: !!set {b}", "a: got {'b'}, expected a text, a number, a list or a mapping"),
        ('a: "\\x1b[2J"', r"a: got '\x1b[2J', which has characters that do not show"),
        ('a: "\\u202e"', r"a: got '\u202e', which has characters that do not show"),
        ('a: "\\ud800"', r"a: got '\ud800', which has characters that do not show"),
        ("2020-01-01", "top level: got datetime.date(2020, 1, 1), expected"),
        (21 * "[" + 21 * "]", None),
        (
            22 * "[" + 22 * "]",
            f"{21 * '[0]'}: nested too deep, expected at most {MAX_DEPTH} levels",
        ),
        ("&a [*a]", f"{21 * '[0]'}: nested too deep, expected at most {MAX_DEPTH} levels"),
    ],
)
def test_other_values_are_told(text, message):
    value = yaml.safe_load(text)
    if message is None:
        check_values(value)
        return
    with pytest.raises(InputError) as error:
        check_values(value)
    assert str(error.value).startswith(message)
    assert str(error.value).isprintable()


def test_a_date_is_no_text():
    with pytest.raises(InputError, match=r"^C\[0\]: got datetime\.date"):
        check_values({"C": [datetime.date(2020, 1, 1)]})
