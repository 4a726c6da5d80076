"""Probabilistic context-free grammars without recursion: entropy, lengths and counts.

A grammar whose nonterminals can be put in an order in which each rule leads only downwards has
finitely many derivations, of bounded length, and every expectation over them is one exact pass over
the rules: nothing is estimated.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import NamedTuple

from textvae.errors import InputError


class Expansion(NamedTuple):
    """One right-hand side, and its probability given the left-hand side."""

    symbols: tuple[str, ...]
    probability: float


@dataclass(frozen=True, eq=False)
class Grammar:
    """Rules by left-hand side, and the nonterminal that a sentence starts from.

    A symbol that begins with a capital letter is a nonterminal; every other symbol is a word.
    Making one checks that each nonterminal is defined and reachable, that the probabilities of its
    expansions are positive and sum to 1, that no expansion is empty or stands twice, and that no
    nonterminal can contain itself; InputError otherwise.
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
        """The nonterminals, each after all that its expansions hold; the start symbol is last."""
        # Lists, not sets: the order, and with it every rounding, is the same in every process.
        below = {
            lhs: [s for symbols, _ in expansions for s in symbols if is_nonterminal(s)]
            for lhs, expansions in self.rules.items()
        }
        try:
            return tuple(TopologicalSorter(below).static_order())
        except CycleError as error:
            # The sorter names the cycle from the contained to the container.
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
                raise InputError(f"grammar: {rule} stands twice, expected once")
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
    """Whether `symbol` is a nonterminal: it begins with a capital letter."""
    return symbol[:1].isupper()


def entropy(grammar: Grammar) -> float:
    """Entropy of the derivations, in nats: of the sentences, where the grammar is unambiguous.

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
    """Mean number of words in a sentence."""
    value: dict[str, float] = {}
    for lhs in grammar.bottom_up:
        value[lhs] = math.fsum(
            p * math.fsum(value.get(symbol, 1.0) for symbol in symbols)
            for symbols, p in grammar.rules[lhs]
        )
    return value[grammar.start]


def length_bounds(grammar: Grammar) -> tuple[int, int]:
    """Words in the shortest and in the longest sentence."""
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
    """How often each word occurs in a sentence on average, the most probable word first.

    One pass from the start symbol down: a nonterminal hands its own expected number of uses on to
    the symbols of its expansions. The values sum to the expected length.
    """
    uses = dict.fromkeys(grammar.rules, 0.0) | {grammar.start: 1.0}
    counts: dict[str, float] = {}
    for lhs in reversed(grammar.bottom_up):
        for symbols, p in grammar.rules[lhs]:
            for symbol in symbols:
                table = uses if symbol in uses else counts
                table[symbol] = table.get(symbol, 0.0) + uses[lhs] * p
    # Equal but for rounding is equal: those are in alphabetical order.
    return dict(sorted(counts.items(), key=lambda item: (-round(item[1], 12), item[0])))
