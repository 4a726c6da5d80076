"""Normalisation steps, registered by name: functions from one sentence to another.

Words are separated by any amount of white space. A corpus lists its steps in the order in which
they apply.

Only WebText is distributed neither split into sentences nor tokenised, and the paper does not
describe how this was done. Our rules need no downloaded model:

1. Typographic quotes, hyphens, dashes and dots become plain ones. Invisible characters are
   removed, except joiners inside words (Persian, Indic scripts) and emoji; a zero-width space
   separates words (Khmer, Thai).
2. A line break ends a sentence. So does a word that ends in `.`, `!` or `?`, or a full stop or
   question mark of another script (quotes and brackets may close after it), if the next word begins
   with a capital, a digit or a letter of a script without capitals (quotes and brackets may open
   before it), unless the period belongs to an abbreviation (`Mr.`, `U.S.`) or an initial. After a
   Greek word `;` is a question mark. Chinese and Japanese have no spaces between sentences.
3. Words are runs of letters, combining marks, digits and `_`, with single `-` or `'` inside, and
   with the marks between Tibetan syllables; numbers keep the marks inside them (`1,000.5`, `5:28`,
   `１，０００`); abbreviations keep their periods, in Hebrew also `"` inside them and `'` after up
   to 4 letters; web addresses stay whole.
4. Any other mark is a word of its own, a run of the same mark one word (`...`, `--`).
5. `n't`, `'s`, `'m`, `'re`, `'ve`, `'ll`, `'d` are cut off the word they end, as in the other
   corpora (`do n't`). Where they stand alone they stay, and so do brackets written `-LRB-`: text
   that is tokenised already is unchanged.
6. Before all other rules, HTML entities (`&amp;`, `&#39;`) are decoded, and so are line breaks that
   are written as the two characters `\n`.
"""

import html
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from textvae.corpora import punctuation
from textvae.registry import STEPS

_DASHES = re.compile("-{2,}")
# In text in full-width forms, its comma and colon are those of numbers; beside other digits they
# separate clauses.
_WIDE_NUMBER = "[０-９]+(?:[．，：／][０-９]+)+"


@STEPS.register("lowercase")
def lowercase(sentence: str) -> str:
    """Replace capital letters by small ones: "The King" becomes "the king"."""
    return sentence.lower()


@STEPS.register("drop-quotes")
def drop_quotes(sentence: str) -> str:
    """Replace quotation marks and apostrophes of any script by spaces.

    `it 's` becomes `it s`, `do n't` becomes `do n t`, as CBT reads in the paper's Table 2. Among
    them are «», „“, 「」, ＂ and the letter U+02BC, an apostrophe in Ukrainian.
    """
    return sentence.translate(_spaces(punctuation.quotes()))


@STEPS.register("single-dash")
def single_dash(sentence: str) -> str:
    """Replace dashes (`--` or longer, and typographic ones) by the word `-`, as in Table 2.

    A run of typographic dashes is one dash (`——` in Chinese). Hyphens stay, except full-width ones.
    """
    return (_DASHES if sentence.isascii() else _any_dashes()).sub(" - ", sentence)


@STEPS.register("drop-brackets")
def drop_brackets(sentence: str) -> str:
    """Replace brackets of any script, except `<` and `>`, by spaces."""
    return sentence.translate(_spaces(punctuation.brackets()))


@cache
def _spaces(characters: str) -> dict[int, str]:
    """Return a table for `str.translate` that replaces characters by spaces."""
    return str.maketrans(dict.fromkeys(characters, " "))


@cache
def _any_dashes() -> re.Pattern[str]:
    return re.compile(rf"-{{2,}}|[{punctuation.dashes()}]+")


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛´＇", "'"),
        **dict.fromkeys("“”„‟＂", '"'),
        **dict.fromkeys("\u2010\u2011", "-"),
        **dict.fromkeys("\u2012–—―", "--"),
        "…": "...",
        # A zero-width space marks the end of a word in scripts without visible spaces.
        "\u200b": " ",
        # Soft hyphen, marks of the direction of writing, word joiners, the byte order mark.
        **dict.fromkeys("\u00ad\u061c\u200e\u200f\ufeff"),
        **dict.fromkeys(map(chr, (*range(0x202A, 0x202F), *range(0x2060, 0x206A)))),
    }
)
_JOINERS = re.compile("[\u200c\u200d]+")
_VIRAMA = 9  # canonical combining class
# Some dumps are escaped twice: `&amp;amp;` is one `&`.
_ENTITY = re.compile(
    "&(?:amp;|#38;)*(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});"
)
# Neither in a path (`C:\new`) nor in a command of LaTeX.
_WRITTEN_BREAK = re.compile(
    r"(?<!\\)(?<!\b[A-Za-z]:)(?:\\r)?\\n(?!(?:abla|eq|ewline|ewcommand|oindent|ot)\b)"
)
# The Greek question mark is U+037E where the text is not composed (NFC).
_ENDS = tuple(".!?؟۔।॥՜։።፧။។།༎\u037e。！？｡")
_ABBREVIATIONS = (
    "mr|mrs|ms|dr|prof|rev|hon|st|sr|jr|gen|col|capt|lt|sgt|sen|rep|gov|pres|"
    "inc|ltd|co|corp|vs|etc|vol|dept|jan|feb|aug|sept|oct|nov|dec"
)
# A word whose last period does not end a sentence, without that period.
_NO_END = re.compile(rf"{_ABBREVIATIONS}|[^\W\d_](?:\.[^\W\d_])*", re.IGNORECASE)
_ENDINGS = "'(?:s|m|re|ve|ll|d)"
# Not off a mark: an address may end in one.
_CLITIC = re.compile(r"(.*(?:[^\W_]|[^\x00-\x7f־·]))(n't|" + _ENDINGS + ")", re.IGNORECASE)
# Words of text that is tokenised already: `'s`, and the brackets of the Penn Treebank.
_CUT_OFF = rf"(?<!\S)(?:{_ENDINGS}|-[LR][RSC]B-)(?!\S)"


@STEPS.register("plain-punctuation")
def plain_punctuation(text: str) -> str:
    """Replace typographic quotes, dashes and dots by plain ones (rule 1)."""
    return text if text.isascii() else _JOINERS.sub(_joiners, text.translate(_PLAIN))


def decode_escapes(text: str) -> str:
    """Decode HTML entities, and line breaks written as two characters (rule 6)."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(f"&{entity[1]};"), text)
    return _WRITTEN_BREAK.sub("\n", text) if "\\n" in text else text


def split_sentences(text: str) -> Iterator[str]:
    """Yield the sentences of `text` (rule 2), none of them empty, their words unchanged."""
    for line in text.splitlines():
        words = (line if line.isascii() else _wide_end().sub(r"\1 ", line)).split()
        begin = 0
        for end in range(1, len(words)):
            if _may_end(words[end - 1]) and _may_begin(words[end], words[end - 1]):
                yield " ".join(words[begin:end])
                begin = end
        if words:
            yield " ".join(words[begin:])


@STEPS.register("tokenise")
def tokenise(text: str) -> str:
    """Return the words of `text` separated by one space (rules 1, 3, 4, 5 and 6)."""
    words = []
    text = plain_punctuation(decode_escapes(text))
    for match in _word_pattern(text.isascii()).finditer(text):
        words.extend(_without_clitics(match.group()))
    return " ".join(words)


def _without_clitics(word: str) -> list[str]:
    """Return a word and the clitics cut off its end: should, n't, 've (rule 5)."""
    cut: list[str] = []
    while "'" in word and (clitic := _CLITIC.fullmatch(word)):
        word = clitic[1]
        cut.append(clitic[2])
    return [word, *reversed(cut)]


@cache
def _word_pattern(ascii_only: bool) -> re.Pattern[str]:
    """Return the pattern of a word (rules 3 and 4); that of any text takes thrice the time."""
    marks = "" if ascii_only else _combining_marks()
    # With joiners, Mongolian's vowel separator, marks of abbreviation inside Hebrew words, and
    # those between Tibetan syllables.
    letters = rf"\w{marks}\u180e\u200c\u200d\u05f3\u05f4\u0f0b\u0f0c"
    hebrew = "[\u0591-\u05bd\u05bf-\u05c7\u05d0-\u05ea]"
    # Typed for the mark of a Hebrew acronym, unless it closes behind the word, as a quote does.
    acronym = rf'(?<={hebrew})"(?={hebrew}+(?!{hebrew}|"))'
    one_letter = rf"[^\W\d_][{marks}]*" if marks else r"[^\W\d_]"
    # Text without spaces may go on after an address.
    no_address = "" if ascii_only else f"，。！？；：、{re.escape(punctuation.wide())}"
    # A skin tone or a tag belongs to the emoji before it, a joiner to those around it.
    extended = rf"[{marks}\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    return re.compile(
        rf"""
          <unk>
        | {_CUT_OFF}
        | (?:https?://|www\.)[^\s{no_address}]*[{letters}/]  # up to a letter or slash
        | (?<![{letters}])(?:{_ABBREVIATIONS})\.
        | (?:{one_letter}\.){{2,}}              # u.s.
        | \d+(?:[.,:/٫٬]\d+)+                   # 1,000.5
        | {_WIDE_NUMBER}
        | (?<![{letters}'־-]){hebrew}{{1,4}}'(?![{letters}'])      # gb'
        | [{letters}]+(?:(?:['־-]|(?<=l)·(?=l)|{acronym})[{letters}]+)*
        | [\U0001f1e6-\U0001f1ff]{{2}}          # a flag
        | (?P<mark>\S{extended}(?:\u200d\S{extended})*)(?P=mark)*
        """,
        re.VERBOSE | re.IGNORECASE,
    )


@cache
def _wide_end() -> re.Pattern[str]:
    """Return the pattern of the end of a sentence that no space follows."""
    return re.compile(rf"([。！？｡])(?=[^\s。！？｡{re.escape(punctuation.closing_only())}])")


def _combining_marks() -> str:
    """Return the ranges of a character class of all combining marks."""
    marks = [
        chr(code)
        for code in range(0x300, sys.maxunicode)
        if unicodedata.category(chr(code)).startswith("M")
    ]
    known = set(marks)
    first = [mark for mark in marks if chr(ord(mark) - 1) not in known]
    last = [mark for mark in marks if chr(ord(mark) + 1) not in known]
    return "".join(f"{a}-{b}" for a, b in zip(first, last, strict=True))


def _joiners(match: re.Match[str]) -> str:
    """Return joiners that have an effect: in a word, after a virama, or in an emoji; else ""."""
    text, (begin, end) = match.string, match.span()
    before, after = text[begin - 1 : begin] if begin else "", text[end : end + 1]
    kinds = [unicodedata.category(char) if char else "Z" for char in (before, after)]
    in_word = all(kind[0] in "LMN" for kind in kinds)
    after_virama = bool(before) and unicodedata.combining(before) == _VIRAMA
    in_emoji = kinds[0] in ("So", "Sk", "Mn") and kinds[1] == "So"
    return match[0] if in_word or after_virama or in_emoji else ""


def _may_end(word: str) -> bool:
    """Return whether a sentence may end with `word`."""
    word = word.rstrip(punctuation.closing())
    if not word.endswith(_ENDS):
        return _is_greek_question(word)
    return word[-1] != "." or _NO_END.fullmatch(word[:-1].lstrip(punctuation.opening())) is None


def _is_greek_question(word: str) -> bool:
    """Return whether a word ends in `;` after a Greek letter; elsewhere it ends no sentence."""
    return word.endswith(";") and unicodedata.name(word[-2:-1] or " ", "").startswith("GREEK")


def _may_begin(word: str, before: str) -> bool:
    """Return whether a sentence may begin with `word`, given the word before."""
    first = word.lstrip(punctuation.opening())[:1]
    if unicodedata.category(first or " ") == "Lo":
        # A foreign word within a text with capitals (`Heb. `) begins no sentence.
        last = before.rstrip(punctuation.closing())
        letter = last.rstrip(".!?;")[-1:] if last.endswith((".", "!", "?", ";")) else ""
        return letter.lower() == letter.upper()
    return first.isupper() or first.istitle() or first.isdigit()


def normaliser(names: Sequence[str]) -> Callable[[str], str]:
    """Return a function that takes the steps of `names`, in their order, on a sentence.

    Its result is composed (NFC), which a step may undo: `lowercase` of a letter with an accent.
    """
    steps = [STEPS[name] for name in names]

    def normalise(sentence: str) -> str:
        for step in steps:
            sentence = step(sentence)
        return unicodedata.normalize("NFC", sentence)

    return normalise
