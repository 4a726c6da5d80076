"""Decoding schemes: what a name says, and that no scheme has two names."""

import re
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from textvae.errors import InputError
from textvae.schemes import NAME, DecodingStrategy

NAMES = {
    "greedy": DecodingStrategy("greedy", top_k=1),
    "top5": DecodingStrategy("top5", top_k=5),
    "top15": DecodingStrategy("top15", top_k=15),
    "nucleus0.5": DecodingStrategy("nucleus0.5", nucleus=0.5),
    "nucleus0.9": DecodingStrategy("nucleus0.9", nucleus=0.9),
    "sample": DecodingStrategy("sample"),
    "nucleus0.9-t0.7": DecodingStrategy("nucleus0.9-t0.7", nucleus=0.9, temperature=0.7),
    "top15-t2": DecodingStrategy("top15-t2", top_k=15, temperature=2),
    "sample-t1.25": DecodingStrategy("sample-t1.25", temperature=1.25),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_says_everything(name):
    assert DecodingStrategy.parse(name) == NAMES[name]
    assert DecodingStrategy.parse(name).greedy == (name == "greedy")
    # It can name a folder.
    assert re.fullmatch(NAME, name)


def spelt(number: Decimal) -> str:
    """Without the zeros at its end: 0.9, 2."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


ks = st.integers(2, 999_999_999)
ps = st.decimals("0.000001", "0.999999", places=6)
ts = st.decimals("0.000001", "9999.999999", places=6).filter(lambda t: t != 1)
schemes = st.tuples(st.one_of(st.none(), st.tuples(st.just("top"), ks), ps), st.none() | ts)


def name_of(scheme) -> str:
    truncation, temperature = scheme
    match truncation:
        case None:
            name = "sample"
        case ("top", k):
            name = f"top{k}"
        case p:
            name = f"nucleus{spelt(p)}"
    return name if temperature is None else f"{name}-t{spelt(temperature)}"


def numbers_of(scheme: DecodingStrategy):
    return scheme.top_k, scheme.nucleus, scheme.temperature


@given(schemes, schemes)
@settings(deadline=None)
def test_two_names_are_two_schemes(one, other):
    one, other = name_of(one), name_of(other)
    assume(one != other)
    assert DecodingStrategy.parse(one).name == one
    assert numbers_of(DecodingStrategy.parse(one)) != numbers_of(DecodingStrategy.parse(other))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "top",
        "nucleus",
        "beam5",
        "Greedy",
        " greedy",
        "greedy\n",
        "greedy-t0.7",
        "top-15",
        "top05",
        "top+5",
        "top5.0",
        "top1e1",
        "top１５",
        "nucleus.9",
        "nucleus0.90",
        "nucleus00.9",
        "nucleus9e-1",
        "nucleus-0.9",
        "nucleus0.9-t0.70",
        "nucleus0.9-t",
        "nucleus0.9t0.7",
        "nucleus0.9-t0.7-t0.7",
        # The same float as 0.9, infinity, and more digits than Python reads.
        "nucleus0.90000000000000001",
        "sample-t1" + 400 * "0",
        "top1" + 5000 * "0",
    ],
)
def test_what_is_no_name_is_refused_with_names_that_are(name):
    with pytest.raises(InputError) as error:
        DecodingStrategy.parse(name)
    assert str(error.value) == (
        f"{name!r:.80} is not a decoding scheme; expected greedy, top15, nucleus0.9 or sample, "
        "with a temperature as in top15-t0.7 (numbers without needless zeros)"
    )
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("top1", "'top1' is called 'greedy'"),
        ("top1-t0.7", "'top1-t0.7' is called 'greedy'"),
        ("sample-t0", "'sample-t0' is called 'greedy'"),
        ("top15-t1", "'top15-t1' is called 'top15'"),
        ("nucleus1", "'nucleus1': a nucleus must be between 0 and 1 (for all words, use 'sample')"),
        ("nucleus0", "'nucleus0': a nucleus must be between 0 and 1 (for all words, use 'sample')"),
        (
            "nucleus90",
            "'nucleus90': a nucleus must be between 0 and 1 (for all words, use 'sample')",
        ),
    ],
)
def test_what_goes_by_another_name_is_told_which(name, message):
    with pytest.raises(InputError) as error:
        DecodingStrategy.parse(name)
    assert str(error.value) == message


def test_names_are_read_without_torch():
    """A wrong name at a terminal, or in a configuration, is not waited for."""
    code = "import sys, textvae.schemes; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
