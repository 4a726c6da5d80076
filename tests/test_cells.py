"""Cells of the grid and decoding strategies: their names, folders and JSON."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from textvae.cells import MAX_C, MAX_NAME_LENGTH, MAX_SEED, Cell, format_C
from textvae.errors import InputError
from textvae.schemes import NAME, DecodingStrategy


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
