"""A table as it is laid out, before it becomes LaTeX or HTML.

Everything but the headings of columns is plain text, from wherever it came; the renderers escape
it. A cell is a tuple of texts: most have one, BLEU and ROUGE share a cell, and () is left blank.
"""

import unicodedata
from dataclasses import dataclass
from typing import Literal

# Letters of a word that are shown; no language has longer ones, but a corpus may.
LONGEST_WORD = 60
# Letters of a title that are shown: the row of a table does not wrap.
LONGEST_TITLE = 80
# What stands where a number is missing: an en dash, "--" in LaTeX.
MISSING = "–"

Cell = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column's heading in both markups, and whether it holds text, numbers or pairs of them.

    Prose is text that is wrapped; columns of it share the width of the page.
    """

    latex: str
    html: str
    kind: Literal["number", "text", "pair", "prose"] = "number"


@dataclass(frozen=True)
class Span:
    """A heading above `columns` columns; "" leaves the place over them blank."""

    title: str
    columns: int


@dataclass(frozen=True)
class Line:
    """One line of a table; a small one adds to the line above (a standard deviation).

    shaded: the places of the cells that stand on grey, which may be cells of prose.
    """

    cells: tuple[Cell, ...]
    small: bool = False
    shaded: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """Blocks are what rules separate: the lines of one corpus. Notes stand under the table.

    command: of `textvae`, which made the table, if it is not called as the table is.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    spans: tuple[Span, ...]
    blocks: tuple[tuple[Line, ...], ...]
    notes: tuple[str, ...]
    command: str = ""


def decimals(value: float | None, places: int) -> str:
    """A number with so many decimals, a true minus sign and no minus zero."""
    return MISSING if value is None else f"{value:z.{places}f}".replace("-", "−")


def visible(text: str) -> str:
    """`text` on one line, with what has no shape of its own spelt out.

    Control characters and the marks that turn the direction of writing become [U+202E] and the
    like, so that a name can neither break a page nor hide what it says. Of a word that is too long
    for any page the beginning is shown.
    """
    shown = "".join(
        spelt(character) if unicodedata.category(character).startswith("C") else character
        for character in " ".join(text.split())
    )
    return " ".join(cut(word, LONGEST_WORD) for word in shown.split(" "))


def cut(text: str, longest: int) -> str:
    """The beginning of a text that is longer, with dots for the rest."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def spelt(character: str) -> str:
    """The character by its Unicode number, in ASCII."""
    return f"[U+{ord(character):04X}]"
