"""Share of neighbouring codes on a line that decode to different sentences (section 3.3.1).

The lines are those of a homotopy, between two samples of the prior, and lines along the gradient
of log p(x|z), up and down (footnote 7). Decoding is greedy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textvae.cells import Cell
from textvae.paper.csv import csv_text
from textvae.paper.exhibit import Inputs, Rendered
from textvae.paper.homotopy import cell_sort_key
from textvae.paper.measurements import Measured
from textvae.registry import EXHIBITS

DIRECTIONS = ("interpolation", "gradient_up", "gradient_down")

_CSV_COLUMNS = (
    *("corpus", "model", "C", "seed", "direction"),
    *("lines", "codes", "distinct_share", "standard_error", "cut_percent"),
)


@EXHIBITS.register(
    "sensitivity", forms=("csv",), category="Tables", shown_with="table2", needs=("sensitivity",)
)
def render(inputs: Inputs) -> Rendered:
    """The share of neighbouring codes that decode to different sentences (footnote 7)."""
    return Rendered(data=sensitivity_csv(read_sensitivities(inputs)))


@dataclass(frozen=True)
class Sensitivity:
    """The share (0 to 1) of neighbouring codes that decode to different sentences.

    It is that of a cell and a direction, over `lines` lines of `codes` codes each; its standard
    error is over lines. cut_percent: of the sentences of all directions, those that were cut at the
    maximum length. None: not measured.
    """

    cell: Cell
    direction: str
    lines: float | None
    codes: float | None
    distinct_share: float | None
    standard_error: float | None
    cut_percent: float | None = None


def read_sensitivities(inputs: Inputs) -> list[Sensitivity]:
    """Return the sensitivities in the gathered measurements; InputError if there are none."""
    measured = sensitivities(inputs.measured())
    if not measured:
        raise inputs.lacks("sensitivity of any cell")
    return measured


def sensitivities(measured: Iterable[Measured]) -> list[Sensitivity]:
    """Return the sensitivity of each cell and direction that was measured, sorted."""
    cells: dict[Cell, dict[str, float | None]] = {}
    for one in measured:
        if not one.decoding:
            cells.setdefault(one.cell, {})[one.metric] = one.value
    return [
        Sensitivity(
            cell,
            direction,
            lines=values.get("lines"),
            codes=values.get("codes"),
            distinct_share=values[f"distinct_{direction}"],
            standard_error=values.get(f"distinct_{direction}_standard_error"),
            cut_percent=values.get("cut_percent"),
        )
        for cell, values in sorted(cells.items(), key=lambda pair: cell_sort_key(pair[0]))
        for direction in DIRECTIONS
        if f"distinct_{direction}" in values
    ]


def sensitivity_csv(shares: Sequence[Sensitivity]) -> str:
    """Return a CSV line for each cell and direction."""
    return csv_text(
        _CSV_COLUMNS,
        [
            (
                *(one.cell.corpus, one.cell.model, one.cell.C, one.cell.seed, one.direction),
                *(one.lines, one.codes, one.distinct_share, one.standard_error),
                one.cut_percent,
            )
            for one in shares
        ],
    )
