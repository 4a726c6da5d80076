"""What Table 4 and the table of probes share: a line a syntactic row, side by side for each C."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from textvae.cells import format_C
from textvae.paper.blocks import lines_of, titles
from textvae.paper.layout import Cell, Column, Line, Span, decimals
from textvae.paper.rows import Row
from textvae.paper.syntactic_rows import by_heading, names_in

# As the paper prints shares of pairs.
_PLACES = 2


@dataclass(frozen=True)
class Accuracy:
    """A column below every C: a share, with its standard error beside it if `error` is a metric."""

    metric: str
    heading: Column
    error: str = ""


@dataclass(frozen=True)
class Constant:
    """A column after those: what is the same for all C (several seeds: their mean)."""

    metric: str
    heading: Column
    places: int = _PLACES
    percent: bool = False


@dataclass(frozen=True)
class Layout:
    """The columns of a table of syntactic rows, after the one of their titles."""

    accuracies: tuple[Accuracy, ...]
    constants: tuple[Constant, ...]

    @property
    def metrics(self) -> set[str]:
        """Those that have a column."""
        return {one.metric for one in (*self.accuracies, *self.constants)}

    def columns(self, rows: Sequence[Row]) -> tuple[Column, ...]:
        """Accuracies once for each C that any of the rows has."""
        accuracies = [one.heading for one in self.accuracies]
        constants = [one.heading for one in self.constants]
        return (Column("", "", "text"), *accuracies * len(_every_C(rows)), *constants)

    def spans(self, rows: Sequence[Row]) -> tuple[Span, ...]:
        """What stands above the columns, up to the constants."""
        width = len(self.accuracies)
        return (Span("", 1), *(Span(f"C = {format_C(C)}", width) for C in _every_C(rows)))

    def blocks(self, rows: Sequence[Row]) -> tuple[tuple[Line, ...], ...]:
        """A block for each of the paper's headings, and one for syntactic rows that it has not.

        rows: as `rows_of` sorts them. The blocks of several corpora or models come one after the
        other, the first of each with a title. Under means over seeds are standard deviations.
        """
        every_C = _every_C(rows)
        blocks = []
        groups = by_model(rows)
        for title, group in groups:
            above = [title] if len(groups) > 1 else []
            for heading, names in by_heading(names_in(group, self.metrics)):
                above += [heading] if heading else []
                lines = [self._heading(one, every_C) for one in above]
                for name, shown in names.items():
                    lines += self._lines(group, every_C, name, shown)
                blocks.append(tuple(lines))
                above = []
        return tuple(blocks)

    def _heading(self, heading: str, every_C: Sequence[float]) -> Line:
        """A line with nothing but a heading."""
        blank = len(every_C) * len(self.accuracies) + len(self.constants)
        return Line(((heading,), *[()] * blank))

    def _lines(
        self, group: Sequence[Row], every_C: Sequence[float], name: str, title: str
    ) -> list[Line]:
        """The line of one syntactic row, and the standard deviations below it, if any has such."""
        measured = {row.C: row for row in group}
        unmeasured = replace(group[0], values={}, sentences={})
        means: list[Cell] = []
        spreads: list[Cell] = []
        for C in every_C:
            line, *below = self._part(measured.get(C, unmeasured), name)
            means += line.cells
            spreads += below[0].cells if below else [()] * len(line.cells)
        constants = [_constant(group, name, one) for one in self.constants]
        lines = [Line(((title,), *means, *constants))]
        if any(spreads):
            lines.append(Line(((), *spreads, *[()] * len(constants)), small=True))
        return lines

    def _part(self, row: Row, name: str) -> list[Line]:
        """What a syntactic row has below one C."""
        errors = {
            f"{name}.{one.metric}": f" ± {decimals(error, _PLACES)}"
            for one in self.accuracies
            if one.error and (error := row.mean(f"{name}.{one.error}")) is not None
        }
        numbers = {(f"{name}.{one.metric}",): _PLACES for one in self.accuracies}
        return lines_of(row, (), numbers, marks=errors)


def by_model(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows of each corpus (and model, if there are several), with its title."""
    named = titles(rows)
    groups = groupby(rows, key=lambda row: (row.corpus, row.model))
    return [(named[of], list(group)) for of, group in groups]


def value_once(group: Sequence[Row], metric: str) -> float | None:
    """A metric that is the same for every C, from the first that has it."""
    return next((row.mean(metric) for row in group if row.known(metric)), None)


def _every_C(rows: Sequence[Row]) -> list[float]:
    return sorted({row.C for row in rows})


def _constant(group: Sequence[Row], name: str, constant: Constant) -> Cell:
    value = value_once(group, f"{name}.{constant.metric}")
    if value is not None and constant.percent:
        value *= 100
    return (decimals(value, constant.places),)
