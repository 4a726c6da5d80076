"""C chosen automatically: what each way finds, beside a grid of trainings.

The paper ends with the plan of such algorithms.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from textvae.cells import format_C
from textvae.paper.choices import MEASURED, Choice, on_grid, read_choices
from textvae.paper.csv import csv_text
from textvae.paper.descriptions import config_of, read_cells
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.render.figure import GREY, add_legend, add_titles, look, styles
from textvae.paper.render.table import Column, Line, Table, decimals, titled
from textvae.paper.rows import Row, corpus_title
from textvae.registry import EXHIBITS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# (corpus, model, C) -> decoding -> FCE.
FceByCell = Mapping[tuple[str, str, float], Mapping[str, float]]
# A choice, and the C that the grid gives for the same; None if it has none.
Found = tuple[Choice, float | None]

_COLUMNS = (
    *(Column("", "", "text"), Column("Way", "Way", "text")),
    *(Column("$C$", "<i>C</i>"), Column("grid", "grid"), Column("cost", "cost")),
    *(Column("$D$", "<i>D</i>"), Column("$R$", "<i>R</i>"), Column("$I$", "<i>I</i>")),
    *(Column("AU", "AU"), Column("FCE", "FCE"), Column("", "", "text")),
)
_DECIMALS = {"D": 1, "R": 1, "I": 1, "soft_active_units": 1, "fce_nats": 1}
_USUAL = "nucleus0.9"
_LEGEND = (
    "C: found by the way, nats; grid: the C that the trainings of the grid give for the same, by "
    "lines between them, on test sentences; cost: of the search, in trainings. D, R, I (from "
    "below), soft active units (AU) and FCE are of a training from the start at the C found, in "
    "nats on validation sentences; that of fce is the end of the search itself. Lines without a "
    "way are the grid's, measured on test sentences; I is at most the logarithm of the number of "
    "sentences, which may differ between the two."
)
_FCE_NOTE = (
    "FCE of the ways is over the words of real text, that of the grid over the words common to its "
    "C, and the small language models of the way fce have a recipe of their own: compare each with "
    "its like."
)
_CONFIRMED = (
    "confirmed: the training from the start is within a nat of the D that was asked for, or that "
    "the search measured, within 0.25 nats of I or a unit, but at most half of what was asked for, "
    "or within a nat of R for fce, and its I is above 0.1 nats."
)
_CSV_COLUMNS = (
    *("corpus", "model", "way", "by", "seed", "status", "confirmed", "C", "grid_C"),
    *("cost_in_trainings", *MEASURED, "reason"),
)


@EXHIBITS.register(
    "automatic-C",
    forms=(*TABLE, "pdf"),
    category="Tables",
    accepts_variants=True,
    needs=("rate-distortion", "information", "posterior"),
    reads=("measurements", "choices", "configs"),
)
def render(inputs: Inputs) -> Rendered:
    """C chosen automatically in several ways, beside a grid."""
    rows = inputs.rows()
    # Known for each cell, because C must have been chosen for the same model (check_inputs).
    configs = {cell: trained.config for cell, trained in read_cells(inputs.configs).items()}
    for row in rows:
        config_of(row, configs)
    fce = fce_of(inputs.rows(generated=True)) if _generated(inputs) else {}
    choices = read_choices(inputs.choices, {(row.corpus, row.model) for row in rows})
    table = choices_table(rows, fce, choices, inputs.caption, inputs.name)
    return Rendered((table,), choices_figure(rows, choices), choices_csv(rows, fce, choices))


def _generated(inputs: Inputs) -> bool:
    return any(one.decoding for one in inputs.measured())


def fce_of(rows: Sequence[Row]) -> FceByCell:
    """Return (corpus, model, C) -> decoding -> FCE."""
    found: dict[tuple[str, str, float], dict[str, float]] = {}
    for row in rows:
        value = row.mean("fce_nats")
        if value is not None:
            found.setdefault((row.corpus, row.model, row.C), {})[row.decoding] = value
    return found


def _with_fce(rows: Sequence[Row], fce: FceByCell, decoding: str | None) -> list[Row]:
    """Return the rows with their FCE in one decoding; without it for None."""

    def value(row: Row) -> float | None:
        return fce.get((row.corpus, row.model, row.C), {}).get(decoding or "")

    return [replace(row, values={**row.values, "fce_nats": (value(row),)}) for row in rows]


def _decoding_of_grid(grid: Sequence[Row], fce: FceByCell, choices: Sequence[Choice]) -> str | None:
    """Return the decoding in which the FCE of a grid is shown: that of its ways, if it is one.

    Without such a way it is the first that was measured; None if there are several.
    """
    known = [scheme for row in grid for scheme in fce.get((row.corpus, row.model, row.C), {})]
    schemes = {one.decoding for one in choices} - {""} or set(known[:1])
    return schemes.pop() if len(schemes) == 1 else None


def _C_of_grid(one: Choice, grid: Sequence[Row], fce: FceByCell) -> float | None:
    return on_grid(one, _with_fce(grid, fce, one.decoding))


def choices_table(
    rows: Sequence[Row],
    fce: FceByCell,
    choices: Sequence[Choice],
    caption: str,
    name: str,
) -> Table:
    """Return the table: a block per corpus and model, the ways before the grid."""
    blocks, errors, decodings = [], [], []
    for (corpus, model), block in groupby(rows, key=lambda row: (row.corpus, row.model)):
        grid = list(block)
        own = [one for one in choices if (one.corpus, one.model) == (corpus, model)]
        ways = [
            [(one, _C_of_grid(one, grid, fce)) for one in own if one.way == way]
            for way in dict.fromkeys(one.way for one in own)
        ]
        lines = [_line(found) for found in ways]
        decoding = _decoding_of_grid(grid, fce, own)
        lines += map(_grid_line, _with_fce(grid, fce, decoding))
        decodings += _decoding_note(corpus, model, own, decoding) if fce else []
        errors += [_error(found, len(grid)) for found in ways]
        blocks.append(titled(f"{corpus_title(corpus)} ({model})", lines))
    reasons = [f"{one.way}, seed {one.seed}: {one.status}: {one.reason}." for one in choices]
    notes = (_LEGEND, _CONFIRMED, *((_FCE_NOTE, *decodings) if fce else ()), *errors, *reasons)
    return Table(name, caption, _COLUMNS, (), tuple(blocks), notes)


def _decoding_note(
    corpus: str, model: str, choices: Sequence[Choice], decoding: str | None
) -> list[str]:
    """Return a note on the decodings of FCE, in a list; none if all are nucleus0.9."""
    by_way = {one.way: one.decoding for one in choices if one.decoding}
    if {decoding, *by_way.values()} <= {_USUAL}:
        return []
    ways = ", ".join(f"{way} {scheme}" for way, scheme in by_way.items())
    grid = decoding or "left out, because the ways differ"
    return [f"Decodings of FCE on {corpus} ({model}): {f'{ways}; ' if ways else ''}grid {grid}."]


def _error(ways: Sequence[Found], size: int) -> str:
    """Return a note on how far a way is from a grid of this size, and what both cost."""
    errors = [abs(one.found - C) for one, C in ways if C is not None and one.found is not None]
    cost = decimals(statistics.fmean(one.cost for one, _ in ways), 1)
    first = ways[0][0]
    way, of = first.way, f"{first.corpus} ({first.model})"
    if not errors:
        found = any(one.found is not None for one, _ in ways)
        what = "the grid has no such C" if found else "infeasible"
        return f"{way} on {of}: {what}; cost {cost}, the grid {size}."
    return (
        f"{way} on {of}: {decimals(statistics.fmean(errors), 1)} nats from the grid's C on average;"
        f" cost {cost}, the grid {size}."
    )


def _line(ways: Sequence[Found]) -> Line:
    """Return the line of a way: means over its seeds, with the deviation of C.

    A search that found no C is not in the mean.
    """
    choices = [one for one, _ in ways]
    found = [one.found for one in choices if one.found is not None]
    spread = f" ±{decimals(statistics.stdev(found), 1)}" if len(found) > 1 else ""
    expected = [C for _, C in ways if C is not None]
    measured = {
        name: [one.measured[name] for one in choices if name in one.measured] for name in _DECIMALS
    }
    means = [
        (decimals(statistics.fmean(values) if values else None, _DECIMALS[name]),)
        for name, values in measured.items()
    ]
    reached = sum(one.status == "reached" for one in choices)
    confirmed = sum(bool(one.confirmed) for one in choices)
    remark = f"{reached} of {len(choices)} reached, {confirmed} confirmed"
    return Line(
        (
            *((), (choices[0].way,)),
            (decimals(statistics.fmean(found) if found else None, 1) + spread,),
            (decimals(statistics.fmean(expected) if expected else None, 1),),
            (decimals(statistics.fmean(one.cost for one in choices), 1),),
            *means,
            (remark,),
        )
    )


def _grid_line(row: Row) -> Line:
    means = [(decimals(row.mean(metric), _DECIMALS[name]),) for metric, name in MEASURED.items()]
    return Line(((), (), (format_C(row.C),), (), (), *means, ()))


def choices_csv(rows: Sequence[Row], fce: FceByCell, choices: Sequence[Choice]) -> str:
    """Return a CSV line for each choice, and for each C of the grid (without a way)."""
    lines = []
    for one in choices:
        own = [row for row in rows if (row.corpus, row.model) == (one.corpus, one.model)]
        confirmed = None if one.confirmed is None else str(one.confirmed).lower()
        values = [one.measured.get(name) for name in MEASURED.values()]
        lines.append(
            (
                *(one.corpus, one.model, one.way, one.by, one.seed, one.status, confirmed),
                *(one.found, _C_of_grid(one, own, fce), one.cost, *values, one.reason),
            )
        )
    for (corpus, model), block in groupby(rows, key=lambda row: (row.corpus, row.model)):
        grid = list(block)
        own = [one for one in choices if (one.corpus, one.model) == (corpus, model)]
        for row in _with_fce(grid, fce, _decoding_of_grid(grid, fce, own)):
            means = [row.mean(metric) for metric in MEASURED]
            lines.append((corpus, model, *[None] * 5, row.C, None, None, *means, None))
    return csv_text(_CSV_COLUMNS, lines)


def choices_figure(rows: Sequence[Row], choices: Sequence[Choice]) -> "Figure":
    """Draw D and I of the grid against C, and of the trainings at each C that a way found."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    groups = [
        (*key, list(block)) for key, block in groupby(rows, key=lambda row: (row.corpus, row.model))
    ]
    style_of = styles(list(dict.fromkeys(one.way for one in choices)))
    with look():
        figure = Figure(figsize=(5.6, 2.4 * len(groups) + 0.5), layout="constrained")
        grid = figure.subplots(len(groups), 2, squeeze=False)
        for panels, (corpus, model, block) in zip(grid, groups, strict=True):
            own = [one for one in choices if (one.corpus, one.model) == (corpus, model)]
            pairs = (("distortion_nats", "D"), ("mutual_information_nats", "I"))
            for panel, (metric, name) in zip(panels, pairs, strict=True):
                known = [(row.C, row.mean(metric)) for row in block if row.known(metric)]
                panel.plot(*zip(*known, strict=True), color=GREY, marker=".")
                for one in own:
                    if name in one.measured:
                        style = style_of[one.way]
                        panel.plot(
                            *(one.found, one.measured[name]),
                            color=style.colour,
                            marker=style.marker,
                            markerfacecolor=style.colour if one.confirmed else "white",
                            linestyle="none",
                        )
                panel.set_xlabel("$C$ (nats)")
                panel.set_ylabel(f"${name}$ (nats)")
        titles = [
            dict.fromkeys(panels, f"{corpus_title(corpus)} ({model})")
            for panels, (corpus, model, _) in zip(grid, groups, strict=True)
        ]
        add_titles(figure, titles)
        handles = [Line2D([], [], color=GREY, marker=".", label="grid")] + [
            Line2D([], [], color=one.colour, marker=one.marker, linestyle="none", label=way)
            for way, one in style_of.items()
        ]
        hollow = {"color": GREY, "linestyle": "none", "marker": "o", "markerfacecolor": "white"}
        handles.append(Line2D([], [], **hollow, label="hollow: not confirmed"))
        add_legend(figure, handles)
    return figure
