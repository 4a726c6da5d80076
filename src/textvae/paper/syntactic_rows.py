"""Tables with a line per syntactic phenomenon under the paper's headings (section 3.4, Table 4)."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from textvae.cells import format_C
from textvae.natural_order import natural
from textvae.paper.render.table import Cell, Column, Line, Span, decimals, lines_of, titles
from textvae.paper.rows import Row

# Heading -> row -> title, as in the paper's Table 4 and in its order.
HEADINGS = {
    "Subject-verb agreement": {
        "agreement.simple": "Simple",
        "agreement.sentential-complement": "In a sentential complement",
        "agreement.short-vp-coordination": "Short VP coordination",
        "agreement.long-vp-coordination": "Long VP coordination",
        "agreement.prepositional-phrase": "Across a prepositional phrase",
        "agreement.subject-relative": "Across a subject relative clause",
        "agreement.across-object-relative": "Across an object relative clause",
        "agreement.across-object-relative-no-that": "Across an object relative (no that)",
        "agreement.in-object-relative": "In an object relative clause",
        "agreement.in-object-relative-no-that": "In an object relative (no that)",
    },
    "Reflexive anaphora": {
        "reflexive.simple": "Simple",
        "reflexive.sentential-complement": "In a sentential complement",
        "reflexive.relative-clause": "Across a relative clause",
    },
    "Negative polarity items": {
        "npi.simple": "Simple",
        "npi.relative-clause": "Across a relative clause",
    },
}

ROWS = tuple(name for titles in HEADINGS.values() for name in titles)


def with_metrics(rows: Iterable[Row], metrics: Container[str]) -> list[Row]:
    """Return the rows in which some syntactic row has one of the metrics (p1)."""
    return [row for row in rows if names_in([row], metrics)]


def names_in(rows: Iterable[Row], metrics: Container[str]) -> list[str]:
    """Return the syntactic rows with one of the metrics: the paper's in order, others by name."""
    names = {
        name
        for row in rows
        for name, dot, metric in (full.rpartition(".") for full in row.values)
        if dot and metric in metrics
    }
    return [name for name in ROWS if name in names] + sorted(names.difference(ROWS), key=natural)


def by_heading(names: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Return (heading in capitals, name -> title), without headings that have no names.

    Rows that are not in the paper are last, under the heading "", with their names as titles.
    """
    groups = [
        (heading.upper(), {name: title for name, title in titles.items() if name in names})
        for heading, titles in HEADINGS.items()
    ]
    groups.append(("", {name: name for name in names if name not in ROWS}))
    return [(heading, titles) for heading, titles in groups if titles]


# Decimals of shares of pairs, as in the paper.
DECIMALS = 2


@dataclass(frozen=True)
class Accuracy:
    """A column repeated for every C: a share, with its standard error if `error` is a metric."""

    metric: str
    heading: Column
    error: str = ""


@dataclass(frozen=True)
class Constant:
    """A column after those of each C, for a value common to all C (the mean over seeds)."""

    metric: str
    heading: Column
    places: int = DECIMALS
    percent: bool = False


@dataclass(frozen=True)
class PhenomenonTable:
    """The columns of a table of syntactic rows, after the column of titles."""

    accuracies: tuple[Accuracy, ...]
    constants: tuple[Constant, ...]

    @property
    def metrics(self) -> set[str]:
        """Return the metrics that have a column."""
        return {one.metric for one in (*self.accuracies, *self.constants)}

    def columns(self, rows: Sequence[Row]) -> tuple[Column, ...]:
        """Return the columns, with the accuracies repeated for each C of the rows."""
        accuracies = [one.heading for one in self.accuracies]
        constants = [one.heading for one in self.constants]
        return (Column("", "", "text"), *accuracies * len(_every_C(rows)), *constants)

    def spans(self, rows: Sequence[Row]) -> tuple[Span, ...]:
        """Return the spanning headings above the columns, up to the constants."""
        width = len(self.accuracies)
        return (Span("", 1), *(Span(f"C = {format_C(C)}", width) for C in _every_C(rows)))

    def blocks(self, rows: Sequence[Row]) -> tuple[tuple[Line, ...], ...]:
        """Return a block for each of the paper's headings, and one for all other syntactic rows.

        rows: sorted by `rows_of`. Several corpora or models follow one another, each with a title
        in its first block. Standard deviations are below the means over seeds.
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
        """Return a line that has only a heading."""
        blank = len(every_C) * len(self.accuracies) + len(self.constants)
        return Line(((heading,), *[()] * blank))

    def _lines(
        self, group: Sequence[Row], every_C: Sequence[float], name: str, title: str
    ) -> list[Line]:
        """Return the line of one syntactic row, and one of standard deviations if there are any."""
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
        """Return the cells of a syntactic row for one C."""
        errors = {
            f"{name}.{one.metric}": f" ± {decimals(error, DECIMALS)}"
            for one in self.accuracies
            if one.error and (error := row.mean(f"{name}.{one.error}")) is not None
        }
        numbers = {(f"{name}.{one.metric}",): DECIMALS for one in self.accuracies}
        return lines_of(row, (), numbers, marks=errors)


def by_model(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Return (title, rows) of each corpus, or of each model of it if there are several."""
    named = titles(rows)
    groups = groupby(rows, key=lambda row: (row.corpus, row.model))
    return [(named[key], list(group)) for key, group in groups]


def coverage_note(rows: Sequence[Row], metric: str) -> list[str]:
    """Return a note on the smallest share of pairs without unknown words; none if all are known.

    metric: that share of a syntactic row.
    """
    shares = {
        (title, name): share
        for title, group in by_model(rows)
        for name in names_in(group, {metric})
        if (share := value_once(group, f"{name}.{metric}")) is not None and share < 1
    }
    if not shares:
        return []
    (title, name), share = min(shares.items(), key=lambda item: item[1])
    return [
        "Some pairs have words that the model does not know, which are all <unk> to it: in "
        f"{title}, {name}, {decimals(100 * (1 - share), 1)}% of the pairs have one."
    ]


def value_once(group: Sequence[Row], metric: str) -> float | None:
    """Return a metric that is the same for every C, from the first row that has it."""
    return next((row.mean(metric) for row in group if row.known(metric)), None)


def _every_C(rows: Sequence[Row]) -> list[float]:
    return sorted({row.C for row in rows})


def _constant(group: Sequence[Row], name: str, constant: Constant) -> Cell:
    value = value_once(group, f"{name}.{constant.metric}")
    if value is not None and constant.percent:
        value *= 100
    return (decimals(value, constant.places),)
