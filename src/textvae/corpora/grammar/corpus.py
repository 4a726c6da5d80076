"""The embedded corpus as a folder of files.

    {train,valid,test}.txt                    a sentence a line, words between single spaces
    {train,valid,test}.log-probabilities.npy  (N,) float64, nats, of the line of the same number
    words.txt                                 every word of the grammar, the most probable first
    grammar.json                              entropy, lengths, sizes, and a witness to the entropy

The vocabulary is closed: words.txt takes the place of counting in preparation. A sample, however
large, may miss rare words that the test split has, and a vocabulary counted from it would turn them
into `<unk>`; sentences that differ would become the same, and neither the log-probabilities nor H
would be those of what the model sees. For the same reason repeated sentences are kept.
"""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np

from textvae.corpora.encoded import save_array
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.pcfg import entropy, expected_counts, expected_length, length_bounds
from textvae.corpora.grammar.sampling import sample
from textvae.errors import InputError
from textvae.files import write_json, write_text


def write_corpus(folder: Path, sizes: Mapping[str, int], seed: int) -> dict[str, Any]:
    """Write the folder, and return what its grammar.json says.

    sizes: sentences in each split; InputError for a split of none. Each split is drawn from a
    stream of its own, so its sentences do not depend on the sizes of the others.
    """
    for split, count in sizes.items():
        if count < 1:
            raise InputError(f"{split}: {count} sentences asked for, expected at least 1")
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
    write_text(folder / "words.txt", _lines(words))
    for split, count in sizes.items():
        sentences = sample(grammar, count, f"{seed}/{split}")
        write_text(folder / f"{split}.txt", _lines(" ".join(tokens) for tokens, _ in sentences))
        log_probabilities = np.array([log_p for _, log_p in sentences], dtype=np.float64)
        save_array(folder / f"{split}.log-probabilities.npy", log_probabilities)
        summary["splits"][split] = _witness(log_probabilities)
    # Last, so that where it stands the rest does too.
    write_json(folder / "grammar.json", summary)
    return summary


def _witness(log_probabilities: np.ndarray) -> dict[str, float | int | None]:
    """How near the mean of -log p over a split comes to H; no error is known of one sentence."""
    surprisals = (-log_probabilities).tolist()
    count = len(surprisals)
    return {
        "sentences": count,
        "mean_surprisal": fmean(surprisals),
        "standard_error": stdev(surprisals) / math.sqrt(count) if count > 1 else None,
    }


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts)
