"""Table 4: which sentence of a minimal pair a decoder prefers, given a code (section 3.4)."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from textvae.cells import format_C
from textvae.paper.exhibits import probe
from textvae.paper.exhibits.comparison import comparison_csv
from textvae.paper.render.table import (
    MISSING,
    Cell,
    Column,
    Line,
    Span,
    Table,
    decimals,
    lines_of,
    seeds_note,
    titles,
)
from textvae.paper.rows import Row

# The paper's headings, and under each its rows and what it calls them, in its order.
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
    """Those rows of measurements where some syntactic row has one of the metrics (p1)."""
    return [row for row in rows if names_in([row], metrics)]


def names_in(rows: Iterable[Row], metrics: Container[str]) -> list[str]:
    """The syntactic rows that have one of the metrics: the paper's in its order, others by name."""
    found = {
        name
        for row in rows
        for name, dot, metric in (full.rpartition(".") for full in row.values)
        if dot and metric in metrics
    }
    return [name for name in ROWS if name in found] + sorted(found.difference(ROWS))


def by_heading(names: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Names with their titles, under the paper's headings in capitals; headings without any left
    out.

    Those that the paper has not come last, under the heading "", each by its own name.
    """
    groups = [
        (heading.upper(), {name: title for name, title in titles.items() if name in names})
        for heading, titles in HEADINGS.items()
    ]
    groups.append(("", {name: name for name in names if name not in ROWS}))
    return [(heading, titles) for heading, titles in groups if titles]


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


_PAPER = ("p1", "p2", "p1_bar", "p2_bar")
_LAYOUT = Layout(
    (
        Accuracy("p1", Column("$p_1$", "<i>p</i><sub>1</sub>")),
        Accuracy("p2", Column("$p_2$", "<i>p</i><sub>2</sub>")),
        Accuracy("p1_bar", Column(r"$\bar{p}_1$", "<i>p̄</i><sub>1</sub>")),
        Accuracy("p2_bar", Column(r"$\bar{p}_2$", "<i>p̄</i><sub>2</sub>")),
    ),
    (
        Constant("language_model", Column("LM", "LM")),
        Constant("coverage", Column(r"cov.\%", "cov.%"), places=1, percent=True),
    ),
)
# The metrics of a syntactic row, in the order of the CSV.
METRICS = (
    *(*_PAPER, "language_model", "coverage", "pairs"),
    *(f"{metric}_covered" for metric in (*_PAPER, "language_model")),
)

_LEGEND = (
    "p1: share of pairs of a grammatical x+ and an ungrammatical x− with p(x−|z+) < p(x+|z+), z+ "
    "being the posterior mean of x+; p2: the same given z−, that of x−; with a bar: the same given "
    "the mean z+ and the mean z− of each subcategory of pairs, as a mean over subcategories. A tie "
    "counts as wrong, and where both of the words that differ are unknown there is a tie."
)
_CONSTANTS = (
    "LM: the same share for an LSTM language model without a code. cov.%: pairs whose differing "
    "words are all in the vocabulary."
)


def table4(rows: Sequence[Row], caption: str, name: str = "table4") -> Table:
    """The paper's lines under its headings; for each C four accuracies, then LM and coverage.

    rows: of cells that were tested on pairs, as `rows_of` sorts them.
    """
    return Table(
        name=name,
        caption=caption,
        columns=_LAYOUT.columns(rows),
        spans=(*_LAYOUT.spans(rows), Span("", 2)),
        blocks=_LAYOUT.blocks(rows),
        notes=(_LEGEND, _CONSTANTS, *_models(rows), *_rounding(rows), *seeds_note(rows)),
        command="table4",
    )


def table4_csv(rows: Sequence[Row]) -> str:
    """Every metric of every row beside the paper's value, but for those of the probe."""
    measured = {metric for row in rows for metric in row.values}
    of_pairs = [
        full
        for name in names_in(rows, METRICS)
        for metric in METRICS
        if (full := f"{name}.{metric}") in measured or metric in _PAPER
    ]
    return comparison_csv(
        [_without_probe(row) for row in rows],
        "table4",
        ["distortion_nats", "rate_nats", *of_pairs],
    )


def _without_probe(row: Row) -> Row:
    values = {
        metric: values
        for metric, values in row.values.items()
        if metric.rpartition(".")[2] not in probe.METRICS
    }
    return replace(row, values=values)


def _models(rows: Sequence[Row]) -> list[str]:
    """Of each corpus and model the number of pairs, and, as in the paper's caption, D and R."""
    return [
        f"{title}: {_pairs(group)} pairs"
        + "".join(f"; C = {format_C(row.C)}: {told}" for row in group if (told := _D_and_R(row)))
        + "."
        for title, group in by_model(rows)
    ]


def _pairs(group: Sequence[Row]) -> str:
    """How many in all rows: 163,124."""
    counts = [value_once(group, f"{name}.pairs") for name in names_in(group, METRICS)]
    known = [count for count in counts if count is not None]
    return f"{sum(known):,.0f}" if known else MISSING


def _D_and_R(row: Row) -> str:
    """D 103.0, R 3.0 nats; "" where neither was measured."""
    found = [
        f"{letter} {decimals(value, 1)}"
        for letter, metric in (("D", "distortion_nats"), ("R", "rate_nats"))
        if (value := row.mean(metric)) is not None
    ]
    return f"{', '.join(found)} nats" if found else ""


def _rounding(rows: Sequence[Row]) -> list[str]:
    """How often products in bfloat16 change who wins, where that was measured; at the most."""
    shares = [share for row in rows for share in row.known("differs_from_float32")]
    if not shares:
        return []
    most = f"at most {decimals(100 * max(shares), 3)}%" if max(shares) else "none"
    return [
        f"Where products were in bfloat16, {most} of the decisions on a sample would be others in "
        "float32."
    ]
