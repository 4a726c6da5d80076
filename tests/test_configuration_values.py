"""Values from YAML: which ones a configuration may have, and how messages show them."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from textvae.config.messages import MAX_DEPTH, check_values, shown
from textvae.errors import InputError


def test_shown_values_have_at_most_60_characters():
    assert shown("w" * 58) == repr("w" * 58)
    assert shown("w" * 59) == "'" + "w" * 56 + "..."


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
def test_plain_yaml_values_are_accepted(value):
    check_values(value)


@pytest.mark.parametrize(
    ("text", "start", "part"),
    [
        ("{a: {1: b}}", "a: ", "key 1 "),
        ("{a: {on: b}}", "a: ", "key True "),
        ("[{~: b}]", "[0]: ", "key None "),
        ('{a: {"b\\0": 1}}', "a: ", r"'b\x00'"),
        ("a: [1, .nan]", "a[1]: ", "nan"),
        ("a: -.inf", "a: ", "-inf"),
        ("a: 1.1e+30", "a: ", "1e+30"),
        ("a: 4294967296", "a: ", "4294967295"),
        (f"a: -0x{5000 * 'f'}", "a: ", f"-0x{37 * 'f'}, "),
        ("a: 2020-01-01", "a: ", "2020"),
        ("a: !!binary aGk=", "a: ", "b'hi'"),
        ("a: !!set {b}", "a: ", "{'b'}"),
        ('a: "\\x1b[2J"', "a: ", r"'\x1b[2J'"),
        ('a: "\\u202e"', "a: ", r"'\u202e'"),
        ('a: "\\ud800"', "a: ", r"'\ud800'"),
        ("2020-01-01", "top level: ", "2020"),
        ((MAX_DEPTH + 2) * "[" + (MAX_DEPTH + 2) * "]", f"{21 * '[0]'}: ", "20"),
        ("&a [*a]", f"{21 * '[0]'}: ", "20"),
    ],
)
def test_unsupported_yaml_values_are_refused_with_their_location(text, start, part):
    with pytest.raises(InputError) as error:
        check_values(yaml.safe_load(text))
    assert str(error.value).startswith(start)
    assert part in str(error.value)
    assert str(error.value).isprintable()


def test_yaml_values_at_the_bounds_are_accepted():
    nested = (MAX_DEPTH + 1) * "[" + (MAX_DEPTH + 1) * "]"
    for text in ("4294967295", "1.0e+30", nested):
        check_values(yaml.safe_load(text))
