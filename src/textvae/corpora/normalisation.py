"""Named steps that bring sentences into the form a corpus is modelled in.

A step is a pure function from one sentence to another. Words stay apart by white space; how much of
it, and where, does not matter. Steps are applied in the order they are named.
"""

import re
from collections.abc import Callable, Sequence

from textvae.corpora.tokenisation import plain_punctuation, tokenise
from textvae.errors import InputError

_QUOTES = str.maketrans(dict.fromkeys("'\"`´‘’‚‛“”„‟«»", " "))
_DASHES = re.compile("-{2,}|[–—―]")
_BRACKETS = str.maketrans(dict.fromkeys("()[]{}", " "))


def lowercase(sentence: str) -> str:
    """`The King` becomes `the king`."""
    return sentence.lower()


def drop_quotes(sentence: str) -> str:
    """Quotation marks and apostrophes go, and what they held apart stays apart.

    `it 's` becomes `it s`, `do n't` becomes `do n t`, as CBT reads in the paper's Table 2.
    """
    return sentence.translate(_QUOTES)


def single_dash(sentence: str) -> str:
    """Dashes (`--` or longer, and the typographic ones) become the word `-`, as in Table 2."""
    return _DASHES.sub(" - ", sentence)


def drop_brackets(sentence: str) -> str:
    """Round, square and curly brackets go; what they hold stays."""
    return sentence.translate(_BRACKETS)


STEPS: dict[str, Callable[[str], str]] = {
    "lowercase": lowercase,
    "drop-quotes": drop_quotes,
    "single-dash": single_dash,
    "drop-brackets": drop_brackets,
    "plain-punctuation": plain_punctuation,
    "tokenise": tokenise,
}


def check_steps(names: Sequence[str]) -> None:
    """InputError if a name is not of a step."""
    for name in names:
        if name not in STEPS:
            raise InputError(f"normalise: {name!r}, expected some of {', '.join(STEPS)}")


def normalise(sentence: str, names: Sequence[str]) -> str:
    """`sentence` after the steps of `names`, in their order."""
    for name in names:
        sentence = STEPS[name](sentence)
    return sentence
