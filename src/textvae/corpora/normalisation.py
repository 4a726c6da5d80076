"""Named steps that bring sentences into the form a corpus is modelled in.

A step is a pure function from one sentence to another. Words stay apart by white space; how much of
it, and where, does not matter. Steps are applied in the order they are named.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from textvae.errors import InputError

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛´", "'"),
        **dict.fromkeys("“”„‟", '"'),
        **dict.fromkeys("–—―", "--"),
        "…": "...",
        # Soft hyphen, zero-width characters, the byte order mark.
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),
    }
)
_OPENING = "\"'`([{<«"
_CLOSING = "\"')]}>»"
_ABBREVIATIONS = (
    "mr|mrs|ms|dr|prof|rev|hon|st|sr|jr|gen|col|capt|lt|sgt|sen|rep|gov|pres|"
    "inc|ltd|co|corp|vs|etc|vol|dept|jan|feb|aug|sept|oct|nov|dec"
)
# What a word must look like, without its last period, for that period to end no sentence.
_NO_END = re.compile(rf"{_ABBREVIATIONS}|[^\W\d_](?:\.[^\W\d_])*", re.IGNORECASE)
_WORD = re.compile(
    rf"""
      <unk>
    | (?:https?://|www\.)\S*[\w/]           # a web address, up to its last letter or slash
    | (?<!\w)(?:{_ABBREVIATIONS})\.
    | (?:[^\W\d_]\.){{2,}}                  # u.s.
    | \d+(?:[.,:/]\d+)+                     # 1,000.5
    | \w+(?:['-]\w+)*
    | (?P<mark>\S)(?P=mark)*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLITIC = re.compile(r"(.+)(n't|'(?:s|m|re|ve|ll|d))", re.IGNORECASE)


def plain_punctuation(text: str) -> str:
    """Rule 1."""
    return text.translate(_PLAIN)


def split_sentences(text: str) -> Iterator[str]:
    """Rule 2: the sentences of `text`, none of them empty, words as they were."""
    for line in text.splitlines():
        words = line.split()
        begin = 0
        for end in range(1, len(words)):
            if _may_end(words[end - 1]) and _may_begin(words[end]):
                yield " ".join(words[begin:end])
                begin = end
        if words:
            yield " ".join(words[begin:])


def tokenise(text: str) -> str:
    """Rules 1, 3, 4 and 5: the words of `text` with one space between."""
    words = []
    for match in _WORD.finditer(plain_punctuation(text)):
        word = match.group()
        clitic = _CLITIC.fullmatch(word) if "'" in word else None
        words.extend(clitic.groups() if clitic else (word,))
    return " ".join(words)


def _may_end(word: str) -> bool:
    word = word.rstrip(_CLOSING)
    if not word.endswith(("!", "?", ".")):
        return False
    return word[-1] != "." or _NO_END.fullmatch(word[:-1].lstrip(_OPENING)) is None


def _may_begin(word: str) -> bool:
    first = word.lstrip(_OPENING)[:1]
    return first.isupper() or first.isdigit()


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
