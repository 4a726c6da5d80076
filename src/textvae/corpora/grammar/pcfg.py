"""Probabilistic context-free grammars without recursion: notation, entropy, lengths and counts.

The nonterminals can be ordered so that each rule leads only downwards. So there are finitely many
derivations, of bounded length, and every expectation over them takes one exact pass over the rules.

A grammar is written as rules with features, which `read_grammar` expands into plain rules:

    VP[v,t] -> Verb[v,u~t] NP[n,u] 0.6   # likes the guard
             | Be[v] Adj[~t]       0.4   # is popular

A rule is a left-hand side, an arrow, and alternatives between bars, each ending with its
probability; it may span several lines, and `#` begins a comment. The brackets contain values
("sg") and variables (v, t):

- a variable on the left takes each of its values in turn, and keeps it throughout the rule, which
  expresses agreement;
- a variable that first occurs on the right is drawn from its prior (n above); each value makes a
  separate rule;
- `u~t` draws u from the values that suit the value of t; `~t` draws a value without a name.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

from textvae.errors import InputError

Distribution = Mapping[str, float]

_SYMBOL = re.compile(r"([^\[\]]+)(?:\[([^\[\]]+)\])?")


class Expansion(NamedTuple):
    """A right-hand side and its probability given the left-hand side."""

    symbols: tuple[str, ...]
    probability: float


@dataclass(frozen=True, eq=False)
class Grammar:
    """Rules by left-hand side, and the nonterminal that a sentence starts from.

    A symbol that begins with a capital letter is a nonterminal; every other symbol is a word.
    InputError unless each nonterminal is defined and reachable, the probabilities of its expansions
    are positive and sum to 1, no expansion is empty or repeated, and no nonterminal can contain
    itself.
    """

    start: str
    rules: Mapping[str, tuple[Expansion, ...]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", MappingProxyType(dict(self.rules)))
        if self.start not in self.rules:
            raise InputError(f"grammar: the start symbol {self.start} has no rule")
        for lhs, expansions in self.rules.items():
            self._check(lhs, expansions)
        unreached = self.rules.keys() - self._reached()
        if unreached:
            raise InputError(f"grammar: {min(unreached)} cannot be reached from {self.start}")
        _ = self.bottom_up

    @cached_property
    def bottom_up(self) -> tuple[str, ...]:
        """Return the nonterminals, each after all in its expansions; the start symbol is last."""
        # Lists, not sets, so that the order, and the rounding of sums, is the same in every
        # process.
        below = {
            lhs: [s for symbols, _ in expansions for s in symbols if is_nonterminal(s)]
            for lhs, expansions in self.rules.items()
        }
        try:
            return tuple(TopologicalSorter(below).static_order())
        except CycleError as error:
            # The sorter lists the cycle from the contained symbol to its container.
            cycle = " -> ".join(reversed(error.args[1]))
            raise InputError(f"grammar: recursion without bound, {cycle}") from None

    def _check(self, lhs: str, expansions: tuple[Expansion, ...]) -> None:
        if not is_nonterminal(lhs):
            raise InputError(f"grammar: the left-hand side {lhs!r} must begin with a capital")
        seen = set()
        for symbols, probability in expansions:
            rule = f"{lhs} -> {' '.join(symbols)}"
            if not symbols:
                raise InputError(f"grammar: {lhs} has an empty expansion, expected symbols")
            if not 0 < probability <= 1:
                raise InputError(f"grammar: {rule} has probability {probability}, expected (0, 1]")
            if symbols in seen:
                raise InputError(f"grammar: {rule} appears twice, expected once")
            seen.add(symbols)
            for symbol in symbols:
                if is_nonterminal(symbol) and symbol not in self.rules:
                    raise InputError(f"grammar: {symbol} in {rule} has no rule")
        total = math.fsum(expansion.probability for expansion in expansions)
        if abs(total - 1) > 1e-9:
            raise InputError(f"grammar: the expansions of {lhs} have total probability {total:.9g}")

    def _reached(self) -> set[str]:
        reached, waiting = {self.start}, [self.start]
        while waiting:
            for symbols, _ in self.rules[waiting.pop()]:
                new = {s for s in symbols if is_nonterminal(s)} - reached
                reached |= new
                waiting.extend(new)
        return reached


def is_nonterminal(symbol: str) -> bool:
    """Return whether `symbol` is a nonterminal: it begins with a capital letter."""
    return symbol[:1].isupper()


def entropy(grammar: Grammar) -> float:
    """Return the entropy of the derivations in nats; if unambiguous, that of the sentences.

    H(A) = sum over A -> B1 ... Bk of p (-log p + H(B1) + ... + H(Bk)), with H(word) = 0.
    """
    value: dict[str, float] = {}
    for lhs in grammar.bottom_up:
        value[lhs] = math.fsum(
            p * (-math.log(p) + math.fsum(value.get(symbol, 0.0) for symbol in symbols))
            for symbols, p in grammar.rules[lhs]
        )
    return value[grammar.start]


def expected_length(grammar: Grammar) -> float:
    """Return the mean number of words in a sentence."""
    value: dict[str, float] = {}
    for lhs in grammar.bottom_up:
        value[lhs] = math.fsum(
            p * math.fsum(value.get(symbol, 1.0) for symbol in symbols)
            for symbols, p in grammar.rules[lhs]
        )
    return value[grammar.start]


def length_bounds(grammar: Grammar) -> tuple[int, int]:
    """Return the number of words in the shortest and in the longest sentence."""
    bounds: list[int] = []
    for extreme in (min, max):
        value: dict[str, int] = {}
        for lhs in grammar.bottom_up:
            value[lhs] = extreme(
                sum(value.get(symbol, 1) for symbol in symbols) for symbols, _ in grammar.rules[lhs]
            )
        bounds.append(value[grammar.start])
    return bounds[0], bounds[1]


def expected_counts(grammar: Grammar) -> dict[str, float]:
    """Return each word's expected number of occurrences in a sentence, the largest first.

    One pass from the start symbol down: a nonterminal passes its expected number of uses on to the
    symbols of its expansions. The values sum to the expected length.
    """
    uses = dict.fromkeys(grammar.rules, 0.0) | {grammar.start: 1.0}
    counts: dict[str, float] = {}
    for lhs in reversed(grammar.bottom_up):
        for symbols, p in grammar.rules[lhs]:
            for symbol in symbols:
                table = uses if symbol in uses else counts
                table[symbol] = table.get(symbol, 0.0) + uses[lhs] * p
    # Words with counts equal up to rounding are in alphabetical order.
    return dict(sorted(counts.items(), key=lambda item: (-round(item[1], 12), item[0])))


@dataclass(frozen=True)
class Features:
    """The ranges of a grammar's variables.

    priors: for each variable, the distribution of its values.
    suits: for each value v that may follow a `~`, the distribution of the values that suit v.
    """

    priors: Mapping[str, Distribution] = field(default_factory=dict)
    suits: Mapping[str, Distribution] = field(default_factory=dict)


def read_grammar(
    text: str,
    features: Features | None = None,
    lexicon: Mapping[str, Distribution] | None = None,
) -> Grammar:
    """Return the grammar of a text; its first rule defines the start symbol.

    lexicon: the words of each nonterminal without a rule ("Noun[sg]"). InputError, with
    the rule or symbol, if the text cannot be read or is not a grammar.
    """
    features = features or Features()
    rules: dict[str, tuple[Expansion, ...]] = {}
    for lhs, alternatives in _alternatives(text):
        name, arguments = _split(lhs)
        variables = [argument for argument in arguments if argument in features.priors]
        for values in product(*(features.priors[variable] for variable in variables)):
            given = dict(zip(variables, values, strict=True))
            instance = _join(name, [given.get(argument, argument) for argument in arguments])
            if instance in rules:
                raise InputError(f"grammar: two rules define {instance}, expected one")
            rules[instance] = tuple(
                Expansion(symbols, probability * p)
                for body, probability in alternatives
                for symbols, p in _instances(body, given, features)
            )
    if not rules:
        raise InputError("grammar: the text contains no rule")
    start = next(iter(rules))
    for symbol, words in (lexicon or {}).items():
        if symbol in rules:
            raise InputError(f"grammar: {symbol} is defined by a rule and by the lexicon")
        rules[symbol] = tuple(Expansion((word,), p) for word, p in words.items())
    return Grammar(start, rules)


def words_of(text: str) -> set[str]:
    """Return the words in the rules of `text`."""
    return {
        symbol
        for _, alternatives in _alternatives(text)
        for body, _ in alternatives
        for symbol in body
        if not is_nonterminal(symbol)
    }


def _alternatives(text: str) -> Iterator[tuple[str, list[tuple[list[str], float]]]]:
    """Yield each left-hand side with its alternatives as written: symbols and probability."""
    text = "\n".join(line.partition("#")[0] for line in text.splitlines())
    # A rule begins on each line that has an arrow, and runs to the next such line.
    for rule in re.split(r"\n(?=.*->)", text):
        if not rule.strip():
            continue
        lhs, arrow, right = rule.partition("->")
        if not arrow:
            raise InputError(f"grammar: no arrow in {' '.join(rule.split())!r}")
        alternatives = []
        for alternative in right.split("|"):
            *body, last = alternative.split() or [""]
            try:
                alternatives.append((body, float(last)))
            except ValueError:
                raise InputError(
                    f"grammar: an alternative of {lhs.strip()} ends with {last!r}, "
                    "expected its probability"
                ) from None
        yield lhs.strip(), alternatives


def _instances(
    body: list[str], values: dict[str, str], features: Features
) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield `body` for each assignment of values to its variables, with the probability."""
    if not body:
        yield (), 1.0
        return
    name, arguments = _split(body[0])
    for chosen, extended, p in _bindings(arguments, values, features):
        for rest, q in _instances(body[1:], extended, features):
            yield (_join(name, chosen), *rest), p * q


def _bindings(
    arguments: list[str], values: dict[str, str], features: Features
) -> Iterator[tuple[list[str], dict[str, str], float]]:
    """Yield values for `arguments`, the resulting values of all variables, and the probability."""
    if not arguments:
        yield [], values, 1.0
        return
    first, *others = arguments
    variable, tilde, given = first.partition("~")
    if tilde and values.get(given) not in features.suits:
        raise InputError(f"grammar: {first} is used where {given} has no value")
    if tilde:
        draws = features.suits[values[given]]
    elif first in values:
        draws = {values[first]: 1.0}
    else:
        draws = features.priors.get(first, {first: 1.0})
    for value, p in draws.items():
        for chosen, extended, q in _bindings(others, {**values, variable: value}, features):
            yield [value, *chosen], extended, p * q


def _split(symbol: str) -> tuple[str, list[str]]:
    match = _SYMBOL.fullmatch(symbol)
    if not match:
        raise InputError(
            f"grammar: {symbol!r} is not a symbol, expected Name[feature,...] or a word"
        )
    return match[1], match[2].split(",") if match[2] else []


def _join(name: str, values: list[str]) -> str:
    return f"{name}[{','.join(values)}]" if values else name
