"""Measurements of trained cells: one JSON file each as made, one tidy CSV as gathered.

A measurement file holds a cell (corpus, model, C, seed), the measurement's name, the split and the
number of sentences it was taken on, and `values`: a number, or null, for each metric. Other keys
(settings, notes, versions) are for people and are not gathered.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.files import read_json, read_text
from textvae.paper.json_values import (
    cell_of,
    finite_number,
    json_object,
    one_line,
    text,
    whole_number,
)
from textvae.paper.tidy import csv_text

COLUMNS = (
    *("corpus", "model", "C", "seed"),
    *("measurement", "split", "sentences", "metric", "value"),
)


@dataclass(frozen=True, order=True)
class Measured:
    """One metric of one cell: a row of the tidy table. `value` is None where it has no meaning."""

    cell: Cell
    measurement: str
    split: str
    sentences: int
    metric: str
    value: float | None


def gather(paths: Iterable[Path]) -> list[Measured]:
    """The rows of many measurement files, sorted by their columns.

    InputError if a file is not a measurement, or tells of a cell a metric that another file told.
    """
    rows: list[Measured] = []
    told_by: dict[tuple[Cell, str], Path] = {}
    for path in paths:
        for row in read_measurement(path):
            key = (row.cell, row.metric)
            if key in told_by:
                raise InputError(f"{path}: {row.metric} of {row.cell} is in {told_by[key]} already")
            told_by[key] = path
            rows.append(row)
    # No two rows agree in all columns before the value, so values, which may be None, never meet.
    return sorted(rows)


def read_measurement(path: Path) -> list[Measured]:
    """The rows of one measurement file; InputError if it is not one."""
    content = read_json(path)
    try:
        return _rows(json_object(content, "a measurement"))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def to_csv(rows: Iterable[Measured]) -> str:
    """The tidy table as CSV, with a header; C and values in full, 3 for 3.0."""
    return csv_text(COLUMNS, ((*cell, *rest) for cell, *rest in map(astuple, rows)))


def from_csv(path: Path) -> list[Measured]:
    """The rows of a tidy table as `to_csv` writes it; InputError where it is not one."""
    lines = csv.reader(io.StringIO(read_text(path)), strict=True)
    rows: dict[tuple[Cell, str], Measured] = {}
    try:
        if tuple(next(lines, ())) != COLUMNS:
            raise ValueError(f"the first must be {','.join(COLUMNS)}")
        for line in lines:
            row = _row(line)
            if rows.setdefault((row.cell, row.metric), row) is not row:
                raise ValueError(f"{row.metric!r} of {row.cell} is told twice")
    except (ValueError, csv.Error, InputError) as error:
        raise InputError(f"{path}: line {max(lines.line_num, 1)}: {error}") from None
    return list(rows.values())


def _rows(content: dict[str, Any]) -> list[Measured]:
    """A row for each value of a measurement."""
    columns = {
        "cell": cell_of(content.get("cell")),
        "measurement": text(content.get("measurement"), "'measurement'"),
        "split": text(content.get("split"), "'split'"),
        "sentences": whole_number(content.get("sentences"), "'sentences'"),
    }
    return [
        Measured(
            **columns,
            metric=one_line(metric),
            value=None if value is None else finite_number(value, f"value of {metric!r}"),
        )
        for metric, value in json_object(content.get("values"), "'values'").items()
    ]


def _row(record: list[str]) -> Measured:
    """A row from its CSV fields; ValueError or InputError if they are not such."""
    if len(record) != len(COLUMNS):
        raise ValueError(f"{len(record)} fields, expected {len(COLUMNS)}")
    corpus, model, C, seed, measurement, split, sentences, metric, value = record
    return Measured(
        cell=Cell(corpus, model, float(C), int(seed)),
        measurement=measurement,
        split=split,
        sentences=int(sentences),
        metric=metric,
        value=finite_number(float(value), "value") if value else None,
    )
