"""Minimal pairs with words that a model does not know: their share, and a note on them.

To the model every unknown word is `<unk>`. If all words in which two sentences differ are unknown,
the two are the same to it; if the others are unknown, it cannot see which words must agree.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.vocabulary import UNK_ID, Vocabulary

# A smaller share of covered pairs indicates a mismatch of letter case or tokenisation.
MIN_COVERED_SHARE = 0.5
# The name of the note.
NOTE = "coverage"


def coverage_notes(
    pairs: Sequence[Pair], covered: np.ndarray, vocabulary: Vocabulary
) -> tuple[dict[str, str], dict[str, str]]:
    """Return a note on uncovered pairs, {} if there are none, as (notes, remarks) of a `Result`.

    It is a remark if few pairs are covered. covered: (N,) whether all words of a pair are known.
    """
    if covered.all():
        return {}, {}
    words = Counter(
        word for pair in pairs for word in (*pair.grammatical.split(), *pair.ungrammatical.split())
    )
    unknown = {word: n for word, n in words.items() if vocabulary.encode([word]) == [UNK_ID]}
    most_common = Counter(unknown).most_common(5)
    share = 100 * sum(unknown.values()) / words.total()
    note = {
        NOTE: f"only {covered.sum():,} of {len(pairs):,} pairs consist of words that the model"
        f" knows; {share:.1f}% of the words of all pairs are unknown, among them"
        f" {', '.join(repr(word[:40]) for word, _ in most_common)} (words must be as in its corpus)"
    }
    return ({}, note) if covered.mean() < MIN_COVERED_SHARE else (note, {})
