"""Rows of measurements as the lines of a table: a block a corpus, means with deviations below."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from types import MappingProxyType
from typing import Literal

from textvae.paper.rows import Row, corpus_title

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

    command: of `textvae`, which made the table; by default called as the table is.
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


# The metrics that share each cell, and their decimals.
Numbers = Mapping[tuple[str, ...], int]

_NO_MARKS: Mapping[str, str] = MappingProxyType({})


def blocks(rows: Sequence[Row], lines: Callable[[Row], list[Line]]) -> tuple[tuple[Line, ...], ...]:
    """The lines of neighbouring rows of a corpus (and model, if there are several) as a block.

    The first cell of a block is its title, whatever `lines` has there.
    """
    named = titles(rows)
    return tuple(
        titled(named[of], [line for row in block for line in lines(row)])
        for of, block in groupby(rows, key=lambda row: (row.corpus, row.model))
    )


def titles(rows: Sequence[Row]) -> dict[tuple[str, str], str]:
    """By corpus and model the title of its rows: CBT, or CBT (lstm) if there are several models."""
    several_models = len({row.model for row in rows}) > 1
    return {
        (row.corpus, row.model): corpus_title(row.corpus)
        + (f" ({row.model})" if several_models else "")
        for row in rows
    }


def titled(title: str, lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with a title in the first cell of the first."""
    return (replace(lines[0], cells=((title,), *lines[0].cells[1:])), *lines[1:])


def lines_of(
    row: Row,
    before: Sequence[Cell],
    numbers: Numbers,
    after: Sequence[Cell] = (),
    marks: Mapping[str, str] = _NO_MARKS,
) -> list[Line]:
    """The means of a row, and under them the standard deviations where there are any.

    before, after: the cells on either side of the numbers. marks: for a metric, what stands right
    after its mean.
    """
    means = [
        tuple(_mean(row, metric, places) + marks.get(metric, "") for metric in metrics)
        for metrics, places in numbers.items()
    ]
    spreads = [
        tuple(_spread(row, metric, places) for metric in metrics)
        for metrics, places in numbers.items()
    ]
    lines = [Line((*before, *means, *after))]
    if any(any(spread) for spread in spreads):
        cells = [spread if any(spread) else () for spread in spreads]
        lines.append(Line((*(() for _ in before), *cells, *(() for _ in after)), small=True))
    return lines


def seeds_note(rows: Sequence[Row]) -> list[str]:
    """How many seeds the means are over, if any is over more than one."""
    fewest, most = (extreme((len(row.seeds) for row in rows), default=0) for extreme in (min, max))
    if most < 2:
        return []
    count = f"{most}" if fewest == most else f"{fewest} to {most}"
    return [f"Means over {count} seeds, with the standard deviation over seeds below."]


def _mean(row: Row, metric: str, places: int) -> str:
    return decimals(row.mean(metric), _places(row, metric, places))


def _spread(row: Row, metric: str, places: int) -> str:
    """A standard deviation; nothing where there is none."""
    deviation = row.deviation(metric)
    return "" if deviation is None else f"±{decimals(deviation, _places(row, metric, places))}"


def _places(row: Row, metric: str, places: int) -> int:
    """A mean of whole numbers need not be whole."""
    return 1 if places == 0 and len(row.known(metric)) > 1 else places
