"""Write the embedded corpus as a folder of files.

    {train,valid,test}.txt                    one sentence per line, words between single spaces
    {train,valid,test}.log-probabilities.npy  (N,) float64, nats, one per line
    words.txt                                 every word of the grammar, the most probable first
    grammar.json                              entropy, lengths, sizes, and mean -log p

The vocabulary is closed: preparation uses words.txt instead of counting. Even a large sample may
miss rare words of the test split, and a vocabulary counted from it would turn them into `<unk>`;
different sentences would become equal, and neither the log-probabilities nor H would apply to what
the model sees. For the same reason repeated sentences are kept.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from pathlib import Path
from random import Random
from statistics import fmean, stdev
from typing import Any, NamedTuple

import numpy as np

from textvae.corpora.encoded import save_array
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.pcfg import (
    Expansion,
    Grammar,
    entropy,
    expected_counts,
    expected_length,
    length_bounds,
)
from textvae.errors import InputError
from textvae.io import check_own_files, write_json, write_text

# Written first: files beside it are of the grammar.
_WORDS = "words.txt"
# Written last: its presence marks a complete folder.
_SUMMARY = "grammar.json"


def sample(grammar: Grammar, count: int, seed: int | str) -> list[tuple[list[str], float]]:
    """Draw `count` sentences: words, and log-probability of the derivation in nats.

    The random numbers are those of the standard library's Mersenne twister seeded with `seed` (a
    string goes through SHA-512), one uniform number per expansion, leftmost first. Python
    guarantees the same numbers for a seed in all versions and on all machines; NumPy does not.
    """
    choices = {lhs: _Choice.among(expansions) for lhs, expansions in grammar.rules.items()}
    uniform = Random(seed).random
    return [_derive(grammar.start, choices, uniform) for _ in range(count)]


class _Choice(NamedTuple):
    """One nonterminal's expansions, prepared for sampling."""

    cumulative: list[float]  # without the last, so that rounding cannot exceed the range
    symbols: list[tuple[str, ...]]  # last symbol first, to be pushed on a stack
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


def write_corpus(folder: Path, sizes: Mapping[str, int], seed: int) -> dict[str, Any]:
    """Write the folder, and return the contents of its grammar.json.

    sizes: sentences in each split, at least 1, else InputError. So are files of these names in a
    folder that is not of a grammar. Each split has its own random stream, so its sentences do not
    depend on the sizes of the others.
    """
    for split, count in sizes.items():
        if count < 1:
            raise InputError(f"{split}: {count} sentences requested, expected at least 1")
    check_own_files(folder, [f"{split}.txt" for split in sizes], _WORDS)
    grammar = english_like()
    words = list(expected_counts(grammar))
    shortest, longest = length_bounds(grammar)
    summary: dict[str, Any] = {
        "entropy_nats": entropy(grammar),
        "expected_length": expected_length(grammar),
        "shortest": shortest,
        "longest": longest,
        "word_types": len(words),
        "seed": seed,
        "splits": {},
    }
    (folder / _SUMMARY).unlink(missing_ok=True)
    write_text(folder / _WORDS, _lines(words))
    for split, count in sizes.items():
        sentences = sample(grammar, count, f"{seed}/{split}")
        write_text(folder / f"{split}.txt", _lines(" ".join(tokens) for tokens, _ in sentences))
        log_probabilities = np.array([log_p for _, log_p in sentences], dtype=np.float64)
        save_array(folder / f"{split}.log-probabilities.npy", log_probabilities)
        summary["splits"][split] = _witness(log_probabilities)
    write_json(folder / _SUMMARY, summary)
    return summary


def _witness(log_probabilities: np.ndarray) -> dict[str, float | int | None]:
    """Return the mean of -log p over a split, to compare with H, and its standard error."""
    surprisals = (-log_probabilities).tolist()
    count = len(surprisals)
    return {
        "sentences": count,
        "mean_surprisal": fmean(surprisals),
        "standard_error": stdev(surprisals) / math.sqrt(count) if count > 1 else None,
    }


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts)
