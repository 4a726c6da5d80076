"""Expectations over a grammar, against hand calculation and against listing every derivation."""

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.grammar.parsing import InsideParser
from textvae.corpora.grammar.pcfg import (
    Expansion,
    Grammar,
    entropy,
    expected_counts,
    expected_length,
    is_nonterminal,
    length_bounds,
)
from textvae.errors import InputError


def grammar(**rules: list[tuple[str, float]]) -> Grammar:
    """A grammar from {lhs: [("right hand side", probability)]}, starting from S."""
    return Grammar(
        "S",
        {
            lhs: tuple(Expansion(tuple(rhs.split()), p) for rhs, p in expansions)
            for lhs, expansions in rules.items()
        },
    )


# "anna sleeps", "the cat sees anna", ...
TINY = {
    "S": [("NP sleeps", 0.5), ("NP sees NP", 0.5)],
    "NP": [("anna", 0.75), ("the cat", 0.25)],
}


def test_entropy_by_hand():
    # One fair choice of the sentence, and then one noun phrase half of the time, two the other.
    of_np = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert entropy(grammar(**TINY)) == pytest.approx(math.log(2) + 1.5 * of_np, abs=1e-15)


def test_lengths_by_hand():
    # A noun phrase has 1.25 words: (1.25 + 1) / 2 + (1.25 + 1 + 1.25) / 2.
    assert expected_length(grammar(**TINY)) == 2.875
    assert length_bounds(grammar(**TINY)) == (2, 5)


def test_expected_counts_by_hand():
    # 1.5 noun phrases a sentence; equal counts in alphabetical order.
    counts = expected_counts(grammar(**TINY))
    assert list(counts.items()) == [
        ("anna", 1.125),
        ("sees", 0.5),
        ("sleeps", 0.5),
        ("cat", 0.375),
        ("the", 0.375),
    ]


def test_a_certain_sentence_has_no_entropy():
    certain = grammar(S=[("A A", 1.0)], A=[("tick", 1.0)])
    assert entropy(certain) == 0.0
    assert length_bounds(certain) == (2, 2)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"A": [("a", 1.0)]}, "start symbol S has no rule"),
        ({"S": [("a", 0.5), ("b", 0.4)]}, "S have total probability 0.9"),
        ({"S": [("a", 1.0), ("b", 0.0)]}, r"S -> b has probability 0.0, expected \(0, 1\]"),
        ({"S": [("a", 1.5), ("b", -0.5)]}, "S -> a has probability 1.5"),
        ({"S": [("a", math.nan)]}, "S -> a has probability nan"),
        ({"S": [("", 1.0)]}, "S has an empty expansion"),
        ({"S": []}, "S have total probability 0"),
        ({"S": [("a", 0.5), ("a", 0.5)]}, "S -> a appears twice"),
        ({"S": [("the NP", 1.0)]}, "NP in S -> the NP has no rule"),
        ({"S": [("a", 1.0)], "NP": [("b", 1.0)]}, "NP cannot be reached from S"),
        ({"S": [("a", 1.0)], "np": [("b", 1.0)]}, "'np' must begin with a capital"),
        ({"S": [("a", 0.9), ("S S", 0.1)]}, "recursion without bound, S -> S"),
        (
            {"S": [("NP", 1.0)], "NP": [("a", 0.5), ("a PP", 0.5)], "PP": [("of NP", 1.0)]},
            "recursion without bound, (NP -> PP -> NP|PP -> NP -> PP)",
        ),
    ],
)
def test_what_is_no_grammar_is_refused_in_one_line(rules, message):
    with pytest.raises(InputError, match=message) as refusal:
        grammar(**rules)
    assert "\n" not in str(refusal.value)


# --- Random grammars of three levels, small enough to list all of their derivations. ---

_weights = st.integers(min_value=1, max_value=9)


@st.composite
def grammars(draw) -> Grammar:
    rules: dict[str, tuple[Expansion, ...]] = {}
    below = ["a", "b"]
    for lhs, most in (("A", 1), ("B", 3), ("S", 3)):
        bodies = draw(
            st.lists(
                st.lists(st.sampled_from(below), min_size=1, max_size=most).map(tuple),
                min_size=1,
                max_size=2,
                unique=True,
            )
        )
        weights = [draw(_weights) for _ in bodies]
        rules[lhs] = tuple(
            Expansion(body, weight / sum(weights))
            for body, weight in zip(bodies, weights, strict=True)
        )
        below = [*below, lhs]
    used = {"S"}
    for lhs in ("S", "B"):
        if lhs in used:
            used.update(s for symbols, _ in rules[lhs] for s in symbols if is_nonterminal(s))
    return Grammar("S", {lhs: rules[lhs] for lhs in rules if lhs in used})


def derivations(grammar: Grammar, symbol: str) -> list[tuple[tuple[str, ...], float]]:
    """Every derivation from `symbol`: its words and its probability."""
    if not is_nonterminal(symbol):
        return [((symbol,), 1.0)]
    return [
        (sum((words for words, _ in parts), ()), p * math.prod(q for _, q in parts))
        for symbols, p in grammar.rules[symbol]
        for parts in product(*(derivations(grammar, s) for s in symbols))
    ]


@settings(deadline=None, max_examples=100)
@given(grammars())
def test_expectations_equal_those_over_all_derivations(grammar):
    listed = derivations(grammar, "S")
    lengths = [len(words) for words, _ in listed]
    assert math.fsum(p for _, p in listed) == pytest.approx(1)
    assert entropy(grammar) == pytest.approx(
        math.fsum(-p * math.log(p) for _, p in listed), abs=1e-12
    )
    assert expected_length(grammar) == pytest.approx(
        math.fsum(p * len(words) for words, p in listed)
    )
    assert length_bounds(grammar) == (min(lengths), max(lengths))
    for word, count in expected_counts(grammar).items():
        assert count == pytest.approx(math.fsum(p * words.count(word) for words, p in listed))


@settings(deadline=None, max_examples=100)
@given(grammars())
def test_the_chart_sums_over_all_derivations_of_a_string(grammar):
    # These grammars are ambiguous more often than not: the chart must add, not choose.
    by_string: dict[tuple[str, ...], float] = {}
    for words, p in derivations(grammar, "S"):
        by_string[words] = by_string.get(words, 0.0) + p
    parser = InsideParser(grammar)
    for words, p in list(by_string.items())[:50]:
        assert parser.log_probability(words) == pytest.approx(math.log(p), abs=1e-9)
    for words in product("ab", repeat=3):
        assert (parser.log_probability(words) > -math.inf) == (words in by_string)
