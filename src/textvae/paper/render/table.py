"""Tables without markup: columns, lines and blocks; rows of measurements as lines."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from types import MappingProxyType
from typing import Literal

from textvae.paper.rows import Row, corpus_title

# In letters. Longer words, which a corpus may contain, are cut.
MAX_WORD_LENGTH = 60
# In letters. Longer titles are cut: rows of a table do not wrap.
MAX_TITLE_LENGTH = 80
# Larger numbers are shown in powers of ten.
_MAX_SHOWN = 10_000_000
# Shown instead of a missing number: an en dash, "--" in LaTeX.
MISSING = "–"

Cell = tuple[str, ...]
# The colour of a cell: of what holds, of what does not, and of what is open. Its text must say the
# same, for readers who do not see the colour.
Tone = Literal["good", "bad", "open"]


@dataclass(frozen=True)
class Column:
    """A column: its heading in LaTeX and HTML, and its kind: text, number, pair or prose.

    Prose is wrapped text; its columns share the width of the page.
    """

    latex: str
    html: str
    kind: Literal["number", "text", "pair", "prose"] = "number"


@dataclass(frozen=True)
class Span:
    """A heading above `columns` columns; "" leaves it blank."""

    title: str
    columns: int


@dataclass(frozen=True)
class Line:
    """One line of a table; a small one has the standard deviations of the line above.

    shaded: indices of cells with a grey background; only in tables with prose. tones: index of a
    cell and its colour.
    """

    cells: tuple[Cell, ...]
    small: bool = False
    shaded: tuple[int, ...] = ()
    tones: tuple[tuple[int, Tone], ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: blocks of lines (one per corpus) separated by rules, with notes below.

    command: the `textvae` command that made the table; by default the table's name.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    spans: tuple[Span, ...]
    blocks: tuple[tuple[Line, ...], ...]
    notes: tuple[str, ...]
    command: str = ""


def decimals(value: float | None, places: int) -> str:
    """Format a number with `places` decimals, a proper minus sign and no negative zero.

    One of ten million or more, such as the perplexity of an autoencoder, has two digits: 8.2e12.
    """
    if value is None:
        return MISSING
    if abs(value) >= _MAX_SHOWN:
        return f"{value:.1e}".replace("e+", "e").replace("-", "−")
    return f"{value:z.{places}f}".replace("-", "−")


def visible(text: str) -> str:
    """Return `text` on one line, with long words cut and invisible characters shown by number.

    Control characters and marks that change the direction of writing become [U+202E] and the like,
    so that a name can neither break a page nor imitate another name.
    """
    shown = "".join(
        code_point(character) if unicodedata.category(character).startswith("C") else character
        for character in " ".join(text.split())
    )
    return " ".join(cut(word, MAX_WORD_LENGTH) for word in shown.split(" "))


def cut(text: str, max_length: int) -> str:
    """Return a text of at most `max_length` characters, with dots at its end if it was longer."""
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def code_point(character: str) -> str:
    """Return the number of a character in Unicode: [U+4E2D]."""
    return f"[U+{ord(character):04X}]"


# Metrics that share a cell -> their decimals.
Numbers = Mapping[tuple[str, ...], int]

_NO_MARKS: Mapping[str, str] = MappingProxyType({})


def blocks(rows: Sequence[Row], lines: Callable[[Row], list[Line]]) -> tuple[tuple[Line, ...], ...]:
    """Return the lines of rows in blocks: one per corpus, or per model if there are several.

    The first cell of a block becomes its title.
    """
    title_of = titles(rows)
    return tuple(
        titled(title_of[names], [line for row in block for line in lines(row)])
        for names, block in groupby(rows, key=lambda row: (row.corpus, row.model))
    )


def titles(rows: Sequence[Row]) -> dict[tuple[str, str], str]:
    """Return (corpus, model) -> title: CBT, or CBT (lstm) if the rows have several models."""
    several_models = len({row.model for row in rows}) > 1
    return {
        (row.corpus, row.model): corpus_title(row.corpus)
        + (f" ({row.model})" if several_models else "")
        for row in rows
    }


def titled(title: str, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines with a title in the first cell of the first line."""
    return (replace(lines[0], cells=((title,), *lines[0].cells[1:])), *lines[1:])


def lines_of(
    row: Row,
    before: Sequence[Cell],
    numbers: Numbers,
    after: Sequence[Cell] = (),
    marks: Mapping[str, str] = _NO_MARKS,
) -> list[Line]:
    """Return a line with the means of a row, and one with standard deviations if there are any.

    before, after: the cells on either side of the numbers. marks: metric -> suffix of its mean.
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
    """Return a note on the number of seeds, if any row has more than one."""
    low, high = (extreme((len(row.seeds) for row in rows), default=0) for extreme in (min, max))
    if high < 2:
        return []
    count = f"{high}" if low == high else f"{low} to {high}"
    partly = any(
        0 < len(row.known(metric)) < len(values)
        for row in rows
        for metric, values in row.values.items()
    )
    fewer = ", or over fewer where a value is missing" if partly else ""
    return [f"Means over {count} seeds{fewer}, with the standard deviation over seeds below."]


def _mean(row: Row, metric: str, places: int) -> str:
    return decimals(row.mean(metric), _decimals_of(row, metric, places))


def _spread(row: Row, metric: str, places: int) -> str:
    """Format a standard deviation; "" if it is unknown."""
    deviation = row.deviation(metric)
    return "" if deviation is None else f"±{decimals(deviation, _decimals_of(row, metric, places))}"


def _decimals_of(row: Row, metric: str, places: int) -> int:
    """Return the decimals of a mean: one for the mean of several whole numbers."""
    return 1 if places == 0 and len(row.known(metric)) > 1 else places
