"""Numbers and names that are given as flags."""

import argparse

import pytest

from textvae.commands.options import at_least, check_printable
from textvae.errors import InputError


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1, "--line-count: 1 is not a number of at least 2"),
        (-5, "--line-count: -5 is not a number of at least 2"),
        (float("nan"), "--line-count: nan is not a number of at least 2"),
        (2**32, "--line-count: 4294967296 is not a number of at most 4294967295"),
        (10**40, "--line-count: 1" + 40 * "0" + " is not a number of at most 4294967295"),
    ],
)
def test_a_number_out_of_bounds_is_told(value, message):
    with pytest.raises(InputError) as error:
        at_least(argparse.Namespace(line_count=value), line_count=2)
    assert str(error.value) == message


@pytest.mark.parametrize("value", [None, 2, 2**32 - 1, 2.5, float("inf")])
def test_other_numbers_are_taken(value):
    at_least(argparse.Namespace(line_count=value), line_count=2)


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "\u202e", "\udcff"])
def test_a_name_that_does_not_show_is_told(name):
    with pytest.raises(InputError) as error:
        check_printable(argparse.Namespace(name=name), "name")
    assert str(error.value) == f"--name: {name!r} has unprintable characters"


@pytest.mark.parametrize("name", [None, "", "cbt/lstm/C15, greedy", "中文 é"])
def test_other_names_are_taken(name):
    check_printable(argparse.Namespace(name=name), "name")
