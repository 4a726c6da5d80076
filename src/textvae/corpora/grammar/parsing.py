"""The probability of a string: the inside algorithm over a chart (CKY).

It sums over all derivations: the result is the probability of a sentence, 0 if the grammar does not
accept it. If it equals the probability of a sampled derivation, that derivation is the only one.
"""

import math
from collections import defaultdict
from collections.abc import Sequence

from textvae.corpora.grammar.pcfg import Grammar

# A symbol of the binary form: one of the grammar's, or the end of a longer expansion.
Symbol = str | tuple[str, ...]
# One cell of the chart: the symbols that can span certain words, with their inside probabilities.
Cell = dict[Symbol, float]


class InsideParser:
    """A parser for any number of strings, with the grammar in binary form."""

    def __init__(self, grammar: Grammar) -> None:
        self._start = grammar.start
        # _pairs[B][C] lists (A, p) for each rule A -> B C of the binary form.
        self._pairs: dict[Symbol, dict[Symbol, list[tuple[Symbol, float]]]] = {}
        # _chains[B] lists (A, p) for each A that leads to B by rules of one symbol; B itself
        # (with 1) is the first.
        self._chains: dict[Symbol, list[tuple[Symbol, float]]] = {}
        self._binarise(grammar)

    def log_probability(self, tokens: Sequence[str]) -> float:
        """Return log p(tokens) in nats over all derivations; -inf outside the language."""
        if not all(token in self._chains for token in tokens):
            return -math.inf
        # ending[k]: the non-empty cells that end before word k, as (first word, cell).
        ending: list[list[tuple[int, Cell]]] = [[]]
        for end, token in enumerate(tokens, start=1):
            ending.append([])
            # The growing cells that end here, by their first word. A cell is complete once all that
            # begin further right are, so they are processed from right to left.
            growing: dict[int, Cell] = {end - 1: {token: 1.0}}
            for middle in range(end - 1, -1, -1):
                if growing.get(middle):
                    right = self._closed(growing[middle])
                    ending[end].append((middle, right))
                    for first, left in ending[middle]:
                        self._join(left, right, growing.setdefault(first, {}))
        for first, cell in ending[-1]:
            if first == 0 and self._start in cell:
                return math.log(cell[self._start])
        return -math.inf

    def _closed(self, cell: Cell) -> Cell:
        """Return `cell` with all symbols that lead to its symbols by rules of one symbol."""
        closed: Cell = {}
        for symbol, inside in cell.items():
            for above, p in self._chains[symbol]:
                closed[above] = closed.get(above, 0.0) + p * inside
        return closed

    def _join(self, left: Cell, right: Cell, into: Cell) -> None:
        """Add to `into` the symbols that the binary rules derive from two adjacent cells."""
        for B, inside in left.items():
            row = self._pairs.get(B, {})
            for C in right if len(right) < len(row) else row:
                if C in row and C in right:
                    for A, p in row[C]:
                        into[A] = into.get(A, 0.0) + p * inside * right[C]

    def _binarise(self, grammar: Grammar) -> None:
        above: dict[Symbol, list[tuple[Symbol, float]]] = defaultdict(list)
        ends: set[Symbol] = set()

        def pair(A: Symbol, symbols: tuple[str, ...], p: float) -> None:
            # A -> B C D becomes A -> B (C, D) with p, and (C, D) -> C D with 1, once.
            rest: Symbol = symbols[1] if len(symbols) == 2 else symbols[1:]
            self._pairs.setdefault(symbols[0], {}).setdefault(rest, []).append((A, p))
            if len(symbols) > 2 and rest not in ends:
                ends.add(rest)
                pair(rest, symbols[1:], 1.0)

        words: dict[str, None] = {}
        for lhs, expansions in grammar.rules.items():
            for symbols, p in expansions:
                words.update((symbol, None) for symbol in symbols if symbol not in grammar.rules)
                if len(symbols) == 1:
                    above[symbols[0]].append((lhs, p))
                else:
                    pair(lhs, symbols, p)
        # Top down, so that the chains of a symbol's parents are known before those of the symbol.
        for symbol in (*ends, *reversed(grammar.bottom_up), *words):
            chains: Cell = {symbol: 1.0}
            for container, p in above[symbol]:
                for top, q in self._chains[container]:
                    chains[top] = chains.get(top, 0.0) + p * q
            self._chains[symbol] = list(chains.items())
