"""The embedded corpus: sentences of a grammar with exactly known probabilities and entropy.

`pcfg` reads grammars and computes their entropy and lengths; `english` contains the rules and words
of the embedded one; `corpus` draws sentences; `parsing` computes the probability of any string.
`minimal_pairs` makes pairs for Table 4 with known answers, from unseen `combinations` of words.
"""

from textvae.corpora.grammar.corpus import sample
from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.parsing import InsideParser
from textvae.corpora.grammar.pcfg import (
    Grammar,
    entropy,
    expected_counts,
    expected_length,
    length_bounds,
)

__all__ = [
    "Grammar",
    "InsideParser",
    "english_like",
    "entropy",
    "expected_counts",
    "expected_length",
    "length_bounds",
    "sample",
]
