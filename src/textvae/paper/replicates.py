"""Bootstrap replicates of measurements: from their files into one CSV, and back.

A measurement file may hold `bootstrap`: for some of its metrics what they are on resamples of the
test sentences, a list of numbers (see `textvae.bootstrap`). Resamples are the same in all cells, so
the r-th replicates of two cells of a corpus differ as the cells do on one and the same resample.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.io import read_text
from textvae.paper import decodings
from textvae.paper.csv import csv_text, number
from textvae.paper.json_values import finite_number, json_object, line, read_object
from textvae.paper.measurements import check_generated, identity, origin

COLUMNS = (
    *("corpus", "model", "C", "seed", "decoding", "copy"),
    *("measurement", "metric", "replicates"),
)


@dataclass(frozen=True)
class Replicates:
    """One metric of one cell, or of a text generated from it, on each of R >= 1 resamples.

    Of generated text, `decoding` and `copy` say which it is; otherwise they are "" and None.
    InputError if there is one of them without the other, or no value.
    """

    cell: Cell
    measurement: str
    metric: str
    values: tuple[float, ...]
    decoding: str = ""
    copy: int | None = None

    def __post_init__(self) -> None:
        check_generated(self.decoding, self.copy)
        if not self.values:
            raise InputError(f"replicates of {self.metric!r}: there are none, expected numbers")

    @property
    def key(self) -> tuple[Cell, str, int | None, str]:
        """As that of the value itself, `Measured.key`."""
        return (self.cell, self.decoding, self.copy, self.metric)

    @property
    def place(self) -> tuple[object, ...]:
        """What rows sort by: their columns."""
        generated = (decodings.place(self.decoding), self.copy or 0)
        return (self.cell, *generated, self.measurement, self.metric)


def gather(paths: Iterable[Path]) -> list[Replicates]:
    """The replicates in many measurement files, sorted by their columns; most files hold none.

    InputError if a file is not a measurement, or tells what another file told of the same.
    """
    rows: list[Replicates] = []
    told_by: dict[tuple, Path] = {}
    for path in paths:
        for row in read_object(path, "a measurement", _rows):
            if told_by.setdefault(row.key, path) != path:
                told = f"replicates of {row.metric} of {origin(row.cell, row.decoding, row.copy)}"
                raise InputError(f"{path}: {told} are in {told_by[row.key]} already")
            rows.append(row)
    return sorted(rows, key=lambda row: row.place)


def to_csv(rows: Iterable[Replicates]) -> str:
    """A line for each metric, with a header; the replicates stand in one field, between spaces."""
    return csv_text(
        COLUMNS,
        (
            (
                *(row.cell.corpus, row.cell.model, row.cell.C, row.cell.seed),
                *(row.decoding, row.copy, row.measurement, row.metric),
                " ".join(map(number, row.values)),
            )
            for row in rows
        ),
    )


def from_csv(path: Path) -> list[Replicates]:
    """The rows of a table as `to_csv` writes it; InputError where it is not one."""
    lines = csv.reader(io.StringIO(read_text(path)), strict=True)
    rows: dict[tuple, Replicates] = {}
    try:
        if tuple(next(lines, ())) != COLUMNS:
            raise ValueError(f"the first must be {','.join(COLUMNS)}")
        for record in lines:
            row = _row(record)
            if rows.setdefault(row.key, row) is not row:
                told = f"{row.metric!r} of {origin(row.cell, row.decoding, row.copy)}"
                raise ValueError(f"{told} is told twice")
    except (ValueError, csv.Error, InputError) as error:
        raise InputError(f"{path}: line {max(lines.line_num, 1)}: {error}") from None
    return list(rows.values())


def _rows(content: dict[str, Any]) -> list[Replicates]:
    """The replicates of a measurement, those of each metric."""
    columns = identity(content)
    measured = json_object(content.get("values"), "'values'")
    rows = []
    for metric, found in json_object(content.get("bootstrap", {}), "'bootstrap'").items():
        name = f"replicates of {line(metric)!r}"
        if not isinstance(found, list):
            raise InputError(f"{name} must be a list of numbers, got {found!r:.60}")
        if measured.get(metric) is None:
            raise InputError(f"{name}: 'values' has no number that they replicate")
        values = tuple(finite_number(value, f"each of the {name}") for value in found)
        rows.append(Replicates(**columns, metric=metric, values=values))
    return rows


def _row(record: list[str]) -> Replicates:
    """A row from its CSV fields; ValueError or InputError if they are not such."""
    if len(record) != len(COLUMNS):
        raise ValueError(f"{len(record)} fields, expected {len(COLUMNS)}")
    corpus, model, C, seed, decoding, copy, measurement, metric, values = record
    return Replicates(
        cell=Cell(corpus, model, float(C), int(seed)),
        measurement=measurement,
        metric=metric,
        values=tuple(finite_number(float(value), "a replicate") for value in values.split()),
        decoding=decoding,
        copy=int(copy) if copy else None,
    )
