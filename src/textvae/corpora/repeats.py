"""Count sentences that occur more than once, within a split and in two splits.

A sentence is compared by a hash of 64 bits: two of 10 million different sentences have the same
one with a probability of 3 in a million. Characters without width are left out.
"""

import unicodedata
from array import array
from collections.abc import Mapping
from hashlib import blake2b

import numpy as np


def sentence_hash(sentence: str) -> int:
    """Return 64 bits of a hash of a sentence."""
    if not sentence.isascii():
        sentence = "".join(c for c in sentence if unicodedata.category(c) != "Cf")
    return int.from_bytes(blake2b(sentence.encode(), digest_size=8).digest())


def new_hashes() -> array:
    """Return an empty array for hashes of sentences."""
    return array("Q")


def repeats(hashes: Mapping[str, np.ndarray]) -> dict[str, dict[str, int]]:
    """Count repeated sentences: split -> `repeated`, `in_train` and `in_valid`.

    hashes: those of each split, (N,) uint64. repeated: sentences equal to an earlier one of the
    same split. in_train: sentences that the training split also has, in the others; in_valid:
    those that the validation split has, in the test split.
    """
    distinct = np.unique(hashes["train"])
    counts = {}
    for split, values in hashes.items():
        counts[split] = {"repeated": len(values) - len(np.unique(values))}
        if split != "train":
            counts[split]["in_train"] = int(np.isin(values, distinct).sum())
        if split == "test":
            counts[split]["in_valid"] = int(np.isin(values, hashes["valid"]).sum())
    return counts
