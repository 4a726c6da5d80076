"""Checks of flags that commands share."""

from argparse import Namespace

import pytest

from textvae.commands.options import at_least, check_printable
from textvae.errors import InputError


@pytest.mark.parametrize("value", [1, -5, float("nan"), 2**32, 10**40])
def test_number_out_of_bounds_is_named_with_its_flag(value):
    with pytest.raises(InputError, match=f"^--line-count: {value} "):
        at_least(Namespace(line_count=value), line_count=2)
    for valid in (None, 2, 2**32 - 1, 2.5, float("inf")):
        at_least(Namespace(line_count=valid), line_count=2)


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "\u202e", "\udcff"])
def test_unprintable_name_is_quoted_with_its_flag(name):
    with pytest.raises(InputError) as error:
        check_printable(Namespace(name=name), "name")
    assert str(error.value).startswith(f"--name: {name!r} ")
    for valid in (None, "", "cbt/lstm/C15, greedy", "中文 é"):
        check_printable(Namespace(name=valid), "name")
