"""Normalisation steps, registered by name: functions from one sentence to another.

Words are separated by any amount of white space. A corpus lists its steps in the order in which
they apply.

Only WebText is distributed neither split into sentences nor tokenised, and the paper does not
describe how this was done. Our rules need no downloaded model:

1. Typographic quotes, dashes and dots become plain ones; invisible characters are removed.
2. A line break ends a sentence. So does a word that ends in `.`, `!` or `?` (quotes and brackets
   may close after it) if the next word begins with a capital or a digit (quotes and brackets may
   open before it), unless the period belongs to an abbreviation (`Mr.`, `U.S.`) or an initial.
3. Words are runs of letters, digits and `_`, with single `-` or `'` inside; numbers keep the marks
   inside them (`1,000.5`, `5:28`); abbreviations keep their periods; web addresses stay whole.
4. Any other mark is a word of its own, a run of the same mark one word (`...`, `--`).
5. `n't`, `'s`, `'m`, `'re`, `'ve`, `'ll`, `'d` are cut off the word they end, as in the other
   corpora (`do n't`).
"""

import re
from collections.abc import Iterator, Sequence

from textvae.registry import STEPS

_QUOTES = str.maketrans(dict.fromkeys("'\"`´‘’‚‛“”„‟«»", " "))
_DASHES = re.compile("-{2,}|[–—―]")
_BRACKETS = str.maketrans(dict.fromkeys("()[]{}", " "))


@STEPS.register("lowercase")
def lowercase(sentence: str) -> str:
    """Lowercase: `The King` becomes `the king`."""
    return sentence.lower()


@STEPS.register("drop-quotes")
def drop_quotes(sentence: str) -> str:
    """Replace quotation marks and apostrophes by spaces.

    `it 's` becomes `it s`, `do n't` becomes `do n t`, as CBT reads in the paper's Table 2.
    """
    return sentence.translate(_QUOTES)


@STEPS.register("single-dash")
def single_dash(sentence: str) -> str:
    """Replace dashes (`--` or longer, and typographic ones) by the word `-`, as in Table 2."""
    return _DASHES.sub(" - ", sentence)


@STEPS.register("drop-brackets")
def drop_brackets(sentence: str) -> str:
    """Remove round, square and curly brackets, but not what they enclose."""
    return sentence.translate(_BRACKETS)


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
# A word whose last period does not end a sentence, without that period.
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


@STEPS.register("plain-punctuation")
def plain_punctuation(text: str) -> str:
    """Replace typographic quotes, dashes and dots by plain ones (rule 1)."""
    return text.translate(_PLAIN)


def split_sentences(text: str) -> Iterator[str]:
    """Yield the sentences of `text` (rule 2), none of them empty, their words unchanged."""
    for line in text.splitlines():
        words = line.split()
        begin = 0
        for end in range(1, len(words)):
            if _may_end(words[end - 1]) and _may_begin(words[end]):
                yield " ".join(words[begin:end])
                begin = end
        if words:
            yield " ".join(words[begin:])


@STEPS.register("tokenise")
def tokenise(text: str) -> str:
    """Return the words of `text` separated by one space (rules 1, 3, 4 and 5)."""
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


def normalise(sentence: str, names: Sequence[str]) -> str:
    """Return `sentence` after the steps of `names`, in their order."""
    for name in names:
        sentence = STEPS[name](sentence)
    return sentence
