"""Decoding strategies by name: each has exactly one."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from textvae.errors import InputError
from textvae.schemes import NAME, DecodingStrategy


def test_name_gives_the_strategy():
    for name, numbers in {
        "greedy": {"top_k": 1},
        "top2": {"top_k": 2},
        "top15-t2": {"top_k": 15, "temperature": 2},
        "nucleus0.5": {"nucleus": 0.5},
        "nucleus0.999999-t0.7": {"nucleus": 0.999999, "temperature": 0.7},
        "sample": {},
        "sample-t9999.25": {"temperature": 9999.25},
    }.items():
        strategy = DecodingStrategy.parse(name)
        assert strategy == DecodingStrategy(name, **numbers)
        assert strategy.greedy == (name == "greedy")
        # It can name a folder.
        assert re.fullmatch(NAME, name)


def decimals(least: str, most: str) -> st.SearchStrategy[str]:
    """Return a strategy of numbers with up to six decimals, without trailing zeros."""
    return st.decimals(least, most, places=6).map(lambda number: f"{number.normalize():f}")


kinds = st.one_of(
    st.just("sample"),
    st.integers(2, 999_999_999).map("top{}".format),
    decimals("0.000001", "0.999999").map("nucleus{}".format),
)
temperatures = decimals("0.000001", "9999.999999").filter(lambda t: t != "1")
endings = st.just("") | temperatures.map("-t{}".format)
names = st.tuples(kinds, endings).map("".join)


@given(names, names)
@settings(deadline=None)
def test_two_names_are_two_strategies(one, other):
    assume(one != other)
    parsed = [DecodingStrategy.parse(name) for name in (one, other)]
    assert [strategy.name for strategy in parsed] == [one, other]
    first, second = ((s.top_k, s.nucleus, s.temperature) for s in parsed)
    assert first != second


@pytest.mark.parametrize(
    "name",
    [
        *("", "top", "nucleus", "beam5", "Greedy", " greedy", "greedy\n", "greedy-t0.7"),
        *("top-15", "top05", "top+5", "top5.0", "top1e1", "top１５", "top1000000000"),
        *("nucleus.9", "nucleus0.90", "nucleus00.9", "nucleus9e-1", "nucleus-0.9"),
        *("nucleus0.9-t0.70", "nucleus0.9-t", "nucleus0.9t0.7", "nucleus0.9-t0.7-t0.7"),
        # The same float as 0.9, infinity, and more digits than Python reads.
        *("nucleus0.90000000000000001", "sample-t1" + 400 * "0", "top1" + 5000 * "0"),
    ],
)
def test_unknown_name_is_refused_in_one_line(name):
    with pytest.raises(InputError) as error:
        DecodingStrategy.parse(name)
    message = str(error.value)
    assert message.startswith(f"{name!r:.80} ")
    assert "greedy, top15, nucleus0.9" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "other"),
    [
        *(("top1", "'greedy'"), ("top1-t0.7", "'greedy'"), ("sample-t0", "'greedy'")),
        *(("top15-t1", "'top15'"), ("nucleus1", "'sample'"), ("nucleus0", "'sample'")),
    ],
)
def test_second_name_is_refused_with_the_first(name, other):
    with pytest.raises(InputError, match=f"^'{name}'.*{other}"):
        DecodingStrategy.parse(name)
