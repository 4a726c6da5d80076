"""The numbers of the frontier: a line for each method and setting."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from textvae.cells import Cell
from textvae.paper import decodings, information
from textvae.paper.csv import csv_text
from textvae.paper.descriptions import read_cells
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.frontier import RATE, Point, hull, read_points
from textvae.paper.measurements import Measured
from textvae.paper.render.table import (
    Column,
    Line,
    Numbers,
    Table,
    decimals,
    lines_of,
    seeds_note,
    titled,
)
from textvae.paper.rows import corpus_title
from textvae.paper.training_costs import TrainingCost, read_training_costs, relative_costs
from textvae.paper.unit_notes import notes_on_units
from textvae.paper.unlike import unlike
from textvae.registry import EXHIBITS

_FCE = "fce_nats"
_CPU_SECONDS = "training_cpu_seconds"
# Relative to plain training: seconds of the processor, and steps of encoder and decoder.
_SECONDS, _STEPS = "relative_cpu_seconds", ("relative_encoder_steps", "relative_decoder_steps")

_NUMBERS = {
    ("distortion_nats",): 1,
    **information.NUMBERS,
    ("iw_perplexity",): 1,
    ("active_units",): 0,
    ("soft_active_units",): 1,
}
_COSTS = {(_SECONDS,): 2, _STEPS: 1}

_COLUMNS = (
    *(Column("", "", "text"), Column("Method", "Method", "text")),
    *(Column("Objective, parts", "Objective, parts", "text"), Column("Setting", "Setting", "text")),
    *(Column("seeds", "seeds"), Column("$D + R$", "<i>D</i> + <i>R</i>")),
    *(Column("$R$ (s.e.)", "<i>R</i> (s.e.)"), Column("$D$", "<i>D</i>")),
    *(*information.COLUMNS, Column("PPL", "PPL")),
    *(Column("AU", "AU"), Column("soft", "soft")),
)
_COST_COLUMNS = (Column("CPU", "CPU"), Column("steps", "steps", "pair"))

_LEGEND = (
    "D and R in nats per sentence, R with its standard error: over seeds, or over the sentences of "
    "one seed. D + R is the negative ELBO. PPL: perplexity of a token, end "
    "marks included, by IW-NLL. AU: active units, whose posterior means have a variance v of at "
    "least 0.01; soft: the sum of v / (v + 0.01). Methods are compared at equal R, never at their "
    "settings: those that only weigh R against D have one frontier (Alemi et al. 2018)."
)
_HULL = "hull: on the lower-left convex hull of the corpus, the best D + βR for some β."
_COLLAPSED = (
    "collapsed: R is below 0.1 nats, or I, estimated from above, is less than a tenth of R."
)

_COSTS_NOTE = (
    "CPU and steps: seconds of the processor (start and validation included), and steps of encoder "
    "and decoder, each divided by the mean of plain trainings, |R − C| or the ELBO, of these sizes."
)
_FCE_NOTE = (
    "FCE: forward cross-entropy, nats per sentence; its dictionary is common to the C of a method, "
    "not to methods."
)

_CSV_COLUMNS = ("corpus", "model", "C", "objective", "metric", "seed", "value")


@EXHIBITS.register(
    "frontier-table",
    forms=TABLE,
    category="Tables",
    shown_with="frontier",
    needs=("rate-distortion", "information"),
    reads=("measurements", "configs", "records", "training_costs"),
)
def render(inputs: Inputs) -> Rendered:
    """Rate, distortion, information and cost of methods against posterior collapse."""
    costs = read_training_costs(inputs.records, inputs.training_costs)
    trained = read_cells(inputs.configs)
    relative = relative_costs(trained, costs)
    points = [
        with_costs(point, costs, relative) for point in read_points(inputs.rows(), inputs.configs)
    ]
    points = with_fce(points, inputs.measured())
    table = frontier_table(points, inputs.caption, inputs.name)
    shown = [trained[cell] for point in points for cell in point.row.cells]
    table = replace(table, notes=(*table.notes, *unlike(shown)))
    return Rendered((table,), data=frontier_table_csv(points))


def with_costs(
    point: Point, costs: Mapping[Cell, TrainingCost], relative: Mapping[Cell, TrainingCost]
) -> Point:
    """Return the point with the cost of its trainings as further metrics."""
    own = [costs.get(cell) for cell in point.row.cells]
    ratios = [relative.get(cell) for cell in point.row.cells]
    values: dict[str, tuple[float | None, ...]] = {
        _CPU_SECONDS: tuple(one and one.cpu_seconds for one in own),
        _SECONDS: tuple(one and one.cpu_seconds for one in ratios),
        _STEPS[0]: tuple(one and one.encoder_steps for one in ratios),
        _STEPS[1]: tuple(one and one.decoder_steps for one in ratios),
    }
    known = {metric: each for metric, each in values.items() if any(each)}
    return replace(point, row=replace(point.row, values={**point.row.values, **known}))


def with_fce(points: Sequence[Point], measured: Iterable[Measured]) -> list[Point]:
    """Return the points with the FCE of each decoding as a further metric: the mean of copies."""
    copies: dict[tuple[str, Cell], list[float]] = {}
    for one in measured:
        if one.metric == _FCE and one.value is not None:
            copies.setdefault((one.decoding, one.cell), []).append(one.value)
    names = sorted({decoding for decoding, _ in copies}, key=decodings.sort_key)

    def of_cell(name: str, cell: Cell) -> float | None:
        known = copies.get((name, cell))
        return statistics.fmean(known) if known else None

    return [
        replace(
            point,
            row=replace(
                point.row,
                values={
                    **point.row.values,
                    **{
                        f"{name}.{_FCE}": tuple(of_cell(name, cell) for cell in point.row.cells)
                        for name in names
                    },
                },
            ),
        )
        for point in points
    ]


def frontier_table(points: Sequence[Point], caption: str, name: str) -> Table:
    """Return the table: a block per corpus, means over seeds, remarks in the last column."""
    metrics = dict.fromkeys(metric for point in points for metric in point.row.values)
    fce = [metric for metric in metrics if metric.endswith(f".{_FCE}")]
    costs = _COSTS if _STEPS[0] in metrics or _SECONDS in metrics else {}
    numbers = {**_NUMBERS, **{(metric,): 1 for metric in fce}, **costs}
    titles = [f"FCE {decodings.title(metric.removesuffix(f'.{_FCE}'))}" for metric in fce]
    columns = (
        *(*_COLUMNS, *(Column(title, title) for title in titles)),
        *(_COST_COLUMNS if costs else ()),
        Column("", "", "text"),
    )
    blocks = []
    for corpus, block in groupby(points, key=lambda point: point.row.corpus):
        of_corpus = list(block)
        corners = set(hull([(point.rate, point.distortion) for point in of_corpus]))
        lines = [line for point in of_corpus for line in _lines(point, corners, numbers)]
        blocks.append(titled(corpus_title(corpus), lines))
    rows = [point.row for point in points]
    notes = (
        *(_LEGEND, _HULL, _COLLAPSED),
        *notes_on_units(point.config for point in points),
        *((_COSTS_NOTE,) if costs else ()),
        *((_FCE_NOTE,) if fce else ()),
        *information.legend(rows),
        *seeds_note(rows),
        *information.unmeasured_note(rows),
    )
    return Table(name, caption, columns, (), tuple(blocks), notes)


def _lines(point: Point, corners: set[tuple[float, float]], numbers: Numbers) -> list[Line]:
    remarks = [
        *(["hull"] if (point.rate, point.distortion) in corners else []),
        *filter(None, [point.remark]),
    ]
    error = point.standard_error(RATE)
    rate = decimals(point.rate, 1) + (f" ({decimals(error, 2)})" if error is not None else "")
    before = (
        *((), (point.row.model,), (point.method,), (point.setting,) if point.setting else ()),
        *((str(len(point.row.seeds)),), (decimals(point.negative_elbo, 1),), (rate,)),
    )
    return lines_of(point.row, before, numbers, ((", ".join(remarks),) if remarks else (),))


def frontier_table_csv(points: Sequence[Point]) -> str:
    """Return a CSV line for each value of each seed, unrounded; I is limited to 0 <= I <= R."""
    return csv_text(
        _CSV_COLUMNS,
        [
            (row.corpus, row.model, row.C, point.config.objective, metric, seed, value)
            for point in points
            for row in (point.row,)
            for metric, values in row.values.items()
            for seed, value in zip(row.seeds, values, strict=True)
        ],
    )
