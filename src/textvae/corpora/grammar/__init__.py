"""The embedded corpus: a grammar of our own, whose sentences have a probability known exactly.

`pcfg` holds grammars in general, with their entropy and lengths, and `notation` reads them from
rules with features; `english` and `lexicon` are the rules and the words of the embedded one;
`sampling` draws sentences, and `parsing` gives the probability of any string. `minimal_pairs` makes
the pairs of a Table 4 whose answers are known, from `pair_templates` and new `combinations`.
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
