"""Decoding strategies by name: greedy, top15, nucleus0.9, sample (paper, section 3.3).

A name determines the strategy, and each strategy has exactly one name, which is used for folders:

    greedy        the most probable word
    top15         sampled from the 15 most probable words (Fan et al. 2018)
    nucleus0.9    sampled from the fewest most probable words whose mass reaches 0.9; the word that
                  crosses 0.9 is one of them (Holtzman et al. 2019)
    sample        sampled from all words
    top15-t0.7    any of the last three, at temperature 0.7
"""

import re
from dataclasses import dataclass

from textvae.errors import InputError

# The number of digits is limited, so that different texts are different finite numbers.
_NUMBER = r"(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{0,5}[1-9])?"
_FORM = re.compile(
    rf"greedy|(?:top(?P<k>[1-9][0-9]{{0,8}})|nucleus(?P<p>{_NUMBER})|sample)(?:-t(?P<t>{_NUMBER}))?"
)
# Pattern of a strategy's name in a path.
NAME = r"[a-z][a-z0-9.-]*"


@dataclass(frozen=True)
class DecodingStrategy:
    """A decoding strategy: the set of words from which the next one is sampled.

    top_k: number of most probable words; 1 is greedy. nucleus: sample from the fewest most probable
    words whose mass reaches it; 1 is all words. Logits are divided by the temperature first.
    """

    name: str
    top_k: int | None = None
    nucleus: float = 1.0
    temperature: float = 1.0

    @property
    def greedy(self) -> bool:
        """Return whether the most probable word is always taken."""
        return self.top_k == 1

    @classmethod
    def parse(cls, name: str) -> "DecodingStrategy":
        """Return the strategy called `name`; InputError if no strategy has this name."""
        match = _FORM.fullmatch(name)
        if match is None:
            raise InputError(
                f"{name!r:.80} is not a decoding scheme; expected greedy, top15, nucleus0.9 or"
                " sample, with a temperature as in top15-t0.7; numbers have no leading or trailing"
                " zeros"
            )
        if name == "greedy":
            return cls(name, top_k=1)
        k, p, t = match["k"], match["p"], match["t"]
        if k == "1":
            raise InputError(f"{name!r} is called 'greedy'")
        if p is not None and not 0 < float(p) < 1:
            raise InputError(
                f"{name!r}: a nucleus must be between 0 and 1 (for all words, use 'sample')"
            )
        if t is not None and (float(t) == 0 or float(t) == 1):
            meant = "greedy" if float(t) == 0 else name.removesuffix(f"-t{t}")
            raise InputError(f"{name!r} is called {meant!r}")
        return cls(
            name,
            top_k=None if k is None else int(k),
            nucleus=1.0 if p is None else float(p),
            temperature=1.0 if t is None else float(t),
        )
