"""Independent sentences from a grammar, each with the log-probability of its derivation.

Nothing is rejected and nothing conditioned on, so the entropy of the grammar is that of the sample.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from random import Random
from typing import NamedTuple

from textvae.corpora.grammar.pcfg import Expansion, Grammar


def sample(grammar: Grammar, count: int, seed: int | str) -> list[tuple[list[str], float]]:
    """`count` sentences: the words of each, and the log-probability of its derivation in nats.

    The draws are those of the standard library's Mersenne twister seeded with `seed` (a string goes
    through SHA-512), one uniform number an expansion, leftmost first. Python promises the same
    numbers for the same seed in all its versions and on all machines; NumPy does not.
    """
    choices = {lhs: _Choice.among(expansions) for lhs, expansions in grammar.rules.items()}
    uniform = Random(seed).random
    return [_derive(grammar.start, choices, uniform) for _ in range(count)]


class _Choice(NamedTuple):
    """One nonterminal's expansions, ready to be drawn from."""

    cumulative: list[float]  # without the last, so that rounding never leads past the end
    symbols: list[tuple[str, ...]]  # last symbol first, to be laid on a stack
    log_probabilities: list[float]

    @classmethod
    def among(cls, expansions: tuple[Expansion, ...]) -> "_Choice":
        return cls(
            list(accumulate(p for _, p in expansions))[:-1],
            [symbols[::-1] for symbols, _ in expansions],
            [math.log(p) for _, p in expansions],
        )


def _derive(
    start: str, choices: Mapping[str, _Choice], uniform: Callable[[], float]
) -> tuple[list[str], float]:
    tokens: list[str] = []
    log_probability = 0.0
    stack = [start]
    while stack:
        symbol = stack.pop()
        if symbol in choices:
            cumulative, symbols, log_probabilities = choices[symbol]
            i = bisect_right(cumulative, uniform())
            stack.extend(symbols[i])
            log_probability += log_probabilities[i]
        else:
            tokens.append(symbol)
    return tokens, log_probability
