"""Plain text as LaTeX: nothing in it is a command, and a bare LaTeX has a shape for all of it."""

import unicodedata
from collections.abc import Iterable, Iterator

from textvae.paper.layout import spelt, visible

# Characters that mean something to LaTeX, or that its default fonts do not have, as it wants them.
# Brackets and stars are braced because one right after the end of a line is an option of that end.
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "`": r"\char96{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "–": "--",
    "—": "---",
    "‘": r"\char96{}",
    "’": "'",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "…": r"\dots{}",
    "·": r"$\cdot$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "−": r"$-$",
    "→": r"$\to$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "∅": r"$\emptyset$",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "β": r"$\beta$",
    "δ": r"$\delta$",
    "θ": r"$\theta$",
    "λ": r"$\lambda$",
    "μ": r"$\mu$",
    "σ": r"$\sigma$",
    "φ": r"$\phi$",
}
# Letters without a space before a line may be broken, and how LaTeX is told.
_LONGEST_RUN = 16
_BREAK = r"\hspace{0pt}"
_ACCENTS = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327",
        ["`", "'", "^", "~", "=", "u", ".", '"', "r", "H", "v", "c"],
        strict=True,
    )
)


def escape(text: str) -> str:
    """Plain text as LaTeX that prints it, whatever it holds; nothing in it is a command.

    A character that a bare LaTeX has no shape for is spelt out, [U+4E2D].
    """
    shown = visible(text)
    # Hyphens and quotes that follow one another would melt into dashes and double quotes.
    letters = [
        f"{character}{{}}" if shown[i : i + 2] in ("--", "''") else _escaped(character)
        for i, character in enumerate(shown)
    ]
    return "".join(_breakable(letters))


def _breakable(letters: Iterable[str]) -> Iterator[str]:
    """The letters, with places to break the line at in what goes on for long without a space."""
    width = 0
    for letter in letters:
        # What is spelt out is as wide as it is long.
        width = 0 if letter == " " else width + (len(letter) if "U+" in letter else 1)
        yield letter
        if width >= _LONGEST_RUN:
            yield _BREAK
            width = 0


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isascii():
        return character
    base, accents = (decomposed := unicodedata.normalize("NFD", character))[0], decomposed[1:]
    if base.isascii() and base.isalpha() and accents in _ACCENTS:
        return rf"\{_ACCENTS[accents]}{{{base}}}"
    return f"{{{spelt(character)}}}"
