"""The numbers of the frontier: a line for each method and setting."""

from collections.abc import Sequence
from itertools import groupby

from textvae.paper import information
from textvae.paper.csv import csv_text
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.frontier import Point, hull, read_points
from textvae.paper.render.table import Column, Line, Table, decimals, lines_of, seeds_note, titled
from textvae.paper.rows import corpus_title
from textvae.registry import EXHIBITS

_NUMBERS = {
    ("rate_nats",): 1,
    ("distortion_nats",): 1,
    **information.NUMBERS,
    ("iw_perplexity",): 1,
    ("active_units",): 0,
    ("soft_active_units",): 1,
}

_COLUMNS = (
    *(Column("", "", "text"), Column("Method", "Method", "text")),
    *(Column("Objective", "Objective", "text"), Column("Setting", "Setting", "text")),
    *(Column("$R$", "<i>R</i>"), Column("$D$", "<i>D</i>")),
    *(*information.COLUMNS, Column("PPL", "PPL")),
    *(Column("AU", "AU"), Column("soft", "soft")),
    *(Column("$D + R$", "<i>D</i> + <i>R</i>"), Column("", "", "text")),
)

_LEGEND = (
    "D and R in nats per sentence; D + R is the negative ELBO. PPL: perplexity of a token, end "
    "marks included, by IW-NLL. AU: active units, whose posterior means have a variance v of at "
    "least 0.01; soft: the sum of v / (v + 0.01). Methods are compared at equal R, never at their "
    "settings: those that only weigh R against D have one frontier (Alemi et al. 2018)."
)
_HULL = "hull: on the lower-left convex hull of the corpus, the best D + βR for some β."
_COLLAPSED = (
    "collapsed: R = 0 to one decimal, or I, estimated from above, is less than a tenth of R."
)

_CSV_COLUMNS = ("corpus", "model", "C", "objective", "metric", "seed", "value")


@EXHIBITS.register(
    "frontier-table",
    forms=TABLE,
    category="Tables",
    shown_with="frontier",
    needs=("rate-distortion", "information"),
    reads=("measurements", "configs"),
)
def render(inputs: Inputs) -> Rendered:
    """Rate, distortion and information of methods against posterior collapse."""
    points = read_points(inputs.rows(), inputs.configs)
    table = frontier_table(points, inputs.caption, inputs.name)
    return Rendered((table,), data=frontier_table_csv(points))


def frontier_table(points: Sequence[Point], caption: str, name: str) -> Table:
    """Return the table: a block per corpus, means over seeds, remarks in the last column."""
    blocks = []
    for corpus, block in groupby(points, key=lambda point: point.row.corpus):
        of_corpus = list(block)
        corners = set(hull([(point.rate, point.distortion) for point in of_corpus]))
        lines = [line for point in of_corpus for line in _lines(point, corners)]
        blocks.append(titled(corpus_title(corpus), lines))
    rows = [point.row for point in points]
    notes = (
        *(_LEGEND, _HULL, _COLLAPSED),
        *information.legend(rows),
        *seeds_note(rows),
        *information.unmeasured_note(rows),
    )
    return Table(name, caption, _COLUMNS, (), tuple(blocks), notes)


def _lines(point: Point, corners: set[tuple[float, float]]) -> list[Line]:
    remarks = [
        *(["hull"] if (point.rate, point.distortion) in corners else []),
        *(["collapsed"] if point.collapsed else []),
    ]
    before = ((), (point.row.model,), (point.family,), (point.setting,) if point.setting else ())
    after = ((decimals(point.negative_elbo, 1),), (", ".join(remarks),) if remarks else ())
    return lines_of(point.row, before, _NUMBERS, after)


def frontier_table_csv(points: Sequence[Point]) -> str:
    """Return a CSV line for each value of each seed, unrounded."""
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
