"""Running text to sentences and words, by a few rules of our own.

WebText is the one corpus that comes neither split nor tokenised, and the paper does not say how it
was done. The rules are meant to be read, and to need no model that must be downloaded:

1. Typographic quotes, dashes and dots become plain ones; invisible characters go.
2. A line break ends a sentence. So does a word that ends in `.`, `!` or `?` (quotes and brackets
   may close after it) where the next word begins with a capital or a digit (quotes and brackets may
   open before it), unless the period belongs to an abbreviation (`Mr.`, `U.S.`) or an initial.
3. Words are runs of letters, digits and `_`, with single `-` or `'` inside; numbers keep the marks
   inside them (`1,000.5`, `5:28`); abbreviations keep their periods; web addresses stay whole.
4. Any other mark is a word of its own, a run of the same mark one word (`...`, `--`).
5. `n't`, `'s`, `'m`, `'re`, `'ve`, `'ll`, `'d` are cut off the word they end, as the other corpora
   have it (`do n't`).
"""

import re
from collections.abc import Iterator

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
