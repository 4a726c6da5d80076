"""Rows of measurements as the lines of a table: a block a corpus, means with deviations below."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType

from textvae.paper.layout import Cell, Line, decimals
from textvae.paper.rows import Row, corpus_title

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
