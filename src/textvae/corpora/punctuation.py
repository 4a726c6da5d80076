"""Classes of punctuation marks of all scripts, from their categories in Unicode.

They are computed on first use: text in ASCII needs none of them.
"""

import unicodedata
from functools import cache

# Python does not expose Unicode's property Quotation_Mark. These have it without being of category
# Pi or Pf; then accents written as quotation marks, and the letter that is an apostrophe.
_OTHER_QUOTES = "'\"＇＂‚„⹂「」『』｢｣〝〞〟﹁﹂﹃﹄" + "`´｀" + "ʼ"
# Dashes by their use, which hyphens are not; Chinese and Japanese have no hyphens.
_WIDE_HYPHENS = "﹣－"
# Hebrew's hyphen, whose name in Unicode does not say so.
_MAQAF = "\u05be"


@cache
def _of_category(*categories: str) -> str:
    """Return the characters of categories below U+10000, above which there is one, a hyphen."""
    return "".join(
        char for char in map(chr, range(0x10000)) if unicodedata.category(char) in categories
    )


@cache
def quotes() -> str:
    """Return quotation marks and apostrophes."""
    return _of_category("Pi", "Pf") + _OTHER_QUOTES


@cache
def brackets() -> str:
    """Return opening and closing brackets, except those that are quotation marks."""
    return "".join(char for char in _of_category("Ps", "Pe") if char not in _OTHER_QUOTES)


@cache
def dashes() -> str:
    """Return dashes, except hyphens, which belong to words."""
    marks = _of_category("Pd").replace(_MAQAF, "")
    dashes = (char for char in marks if "HYPHEN" not in unicodedata.name(char))
    return "".join(dashes) + _WIDE_HYPHENS


@cache
def opening() -> str:
    """Return marks that may stand before the first word of a sentence.

    Quotation marks are among both these and the closing ones: „German“, »German«, ”Swedish”.
    """
    return _of_category("Ps", "Pi", "Pf") + "'\"`<¿¡＂＇"


@cache
def closing() -> str:
    """Return marks that may stand after the end of a sentence."""
    return _of_category("Pe", "Pi", "Pf") + "'\">＂＇"


@cache
def closing_only() -> str:
    """Return closing marks that open nothing where the text has no spaces: in Chinese, “ opens."""
    return _of_category("Pe", "Pf") + "'\">＂＇"


@cache
def wide() -> str:
    """Return brackets and quotation marks of Chinese and Japanese, and full-width ones."""
    marks = _of_category("Ps", "Pe") + _OTHER_QUOTES
    return "".join(char for char in marks if unicodedata.east_asian_width(char) in "WFH")
