"""Count sentences that occur more than once, within a split and in two splits.

A sentence is compared by a hash of 64 bits: two of 10 million different sentences have the same
one with a probability of 3 in a million.
"""

from array import array
from collections.abc import Mapping
from hashlib import blake2b

import numpy as np


def sentence_hash(sentence: str) -> int:
    """Return 64 bits of a hash of a sentence."""
    return int.from_bytes(blake2b(sentence.encode(), digest_size=8).digest())


def new_hashes() -> array:
    """Return an empty array for hashes of sentences."""
    return array("Q")


def repeats(hashes: Mapping[str, np.ndarray]) -> dict[str, dict[str, int]]:
    """Count repeated sentences: split -> `repeated` and, unless it is train, `in_train`.

    hashes: those of each split, (N,) uint64. repeated: sentences equal to an earlier one of the
    same split. in_train: sentences that the training split also has.
    """
    distinct = np.unique(hashes["train"])
    counts = {}
    for split, values in hashes.items():
        counts[split] = {"repeated": len(values) - len(np.unique(values))}
        if split != "train":
            counts[split]["in_train"] = int(np.isin(values, distinct).sum())
    return counts
