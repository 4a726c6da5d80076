"""Measurements of trained cells: one JSON file each as made, one tidy CSV as gathered.

A measurement file holds a cell (corpus, model, C, seed), the measurement's name, the split and the
number of sentences it was taken on, and `values`: a number, or null, for each metric. One of
generated text holds besides how it was decoded (`decoding`) and which of the synthetic corpora it
is (`copy`, from 1). Bootstrap replicates, where a file holds some, are gathered by `replicates`.
Other keys (settings, notes) are for people.
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
from textvae.paper.csv import csv_text
from textvae.paper.json_values import (
    cell_of,
    finite_number,
    json_object,
    line,
    read_object,
    text,
    whole_number,
)

COLUMNS = (
    *("corpus", "model", "C", "seed", "decoding", "copy"),
    *("measurement", "split", "sentences", "metric", "value"),
)


@dataclass(frozen=True)
class Measured:
    """One metric of one cell, or of a text generated from it: a row of the tidy table.

    `value` is None where it has no meaning. Of generated text, `decoding` and `copy` say which it
    is; otherwise they are "" and None. InputError if there is one of them without the other.
    """

    cell: Cell
    measurement: str
    split: str
    sentences: int
    metric: str
    value: float | None
    decoding: str = ""
    copy: int | None = None

    def __post_init__(self) -> None:
        check_generated(self.decoding, self.copy)

    @property
    def key(self) -> tuple[Cell, str, int | None, str]:
        """What there is but one value of."""
        return (self.cell, self.decoding, self.copy, self.metric)

    @property
    def origin(self) -> str:
        """What was measured, as its folder: cbt/lstm/C15/seed1, or .../seed1/greedy/copy1."""
        return origin(self.cell, self.decoding, self.copy)

    @property
    def place(self) -> tuple[object, ...]:
        """What rows sort by: their columns. Only measurements of no generated text have no copy."""
        generated = (decodings.place(self.decoding), self.copy or 0)
        return (self.cell, *generated, self.measurement, self.split, self.sentences, self.metric)


def check_generated(decoding: str, copy: int | None) -> None:
    """InputError where there is a decoding without a copy, or a copy without a decoding."""
    if bool(decoding) != (copy is not None):
        given = f"'decoding' {decoding!r}" if decoding else f"'copy' {copy}"
        raise InputError(f"{given} alone, expected both 'decoding' and 'copy' or neither")


def origin(cell: Cell, decoding: str, copy: int | None) -> str:
    """What was measured, as its folder: cbt/lstm/C15/seed1, or .../seed1/greedy/copy1."""
    return f"{cell}/{decoding}/copy{copy}" if decoding else f"{cell}"


def gather(paths: Iterable[Path]) -> list[Measured]:
    """The rows of many measurement files, sorted by their columns.

    InputError if a file is not a measurement, or tells a metric that another file told of the same.
    """
    rows: list[Measured] = []
    told_by: dict[tuple, Path] = {}
    for path in paths:
        for row in read_measurement(path):
            if row.key in told_by:
                told = f"{row.metric} of {row.origin}"
                raise InputError(f"{path}: {told} is in {told_by[row.key]} already")
            told_by[row.key] = path
            rows.append(row)
    return sorted(rows, key=lambda row: row.place)


def read_measurement(path: Path) -> list[Measured]:
    """The rows of one measurement file; InputError if it is not one."""
    return read_object(path, "a measurement", _rows)


def to_csv(rows: Iterable[Measured]) -> str:
    """The tidy table as CSV, with a header; C and values in full, 3 for 3.0."""
    return csv_text(
        COLUMNS,
        (
            (
                *(row.cell.corpus, row.cell.model, row.cell.C, row.cell.seed),
                *(row.decoding, row.copy),
                *(row.measurement, row.split, row.sentences, row.metric, row.value),
            )
            for row in rows
        ),
    )


def from_csv(path: Path) -> list[Measured]:
    """The rows of a tidy table as `to_csv` writes it; InputError where it is not one."""
    lines = csv.reader(io.StringIO(read_text(path)), strict=True)
    rows: dict[tuple, Measured] = {}
    try:
        if tuple(next(lines, ())) != COLUMNS:
            raise ValueError(f"the first must be {','.join(COLUMNS)}")
        for line in lines:
            row = _row(line)
            if rows.setdefault(row.key, row) is not row:
                raise ValueError(f"{row.metric!r} of {row.origin} is told twice")
    except (ValueError, csv.Error, InputError) as error:
        raise InputError(f"{path}: line {max(lines.line_num, 1)}: {error}") from None
    return list(rows.values())


def identity(content: dict[str, Any]) -> dict[str, Any]:
    """What was measured, and by what: cell, measurement and, of generated text, decoding, copy."""
    columns: dict[str, Any] = {
        "cell": cell_of(content.get("cell")),
        "measurement": text(content.get("measurement"), "'measurement'"),
    }
    if "decoding" in content:
        columns["decoding"] = text(content["decoding"], "'decoding'")
    if "copy" in content:
        columns["copy"] = whole_number(content["copy"], "'copy'", least=1)
    return columns


def _rows(content: dict[str, Any]) -> list[Measured]:
    """A row for each value of a measurement."""
    columns = identity(content) | {
        "split": text(content.get("split"), "'split'"),
        "sentences": whole_number(content.get("sentences"), "'sentences'"),
    }
    return [
        Measured(
            **columns,
            metric=line(metric),
            value=None if value is None else finite_number(value, f"value of {metric!r}"),
        )
        for metric, value in json_object(content.get("values"), "'values'").items()
    ]


def _row(record: list[str]) -> Measured:
    """A row from its CSV fields; ValueError or InputError if they are not such."""
    if len(record) != len(COLUMNS):
        raise ValueError(f"{len(record)} fields, expected {len(COLUMNS)}")
    corpus, model, C, seed, decoding, copy, measurement, split, sentences, metric, value = record
    return Measured(
        cell=Cell(corpus, model, float(C), int(seed)),
        measurement=measurement,
        split=split,
        sentences=int(sentences),
        metric=metric,
        value=finite_number(float(value), "value") if value else None,
        decoding=decoding,
        copy=int(copy) if copy else None,
    )


def merged(paths: Iterable[Path]) -> list[Measured]:
    """The rows of several tidy tables, sorted, each once.

    InputError where a file is none, or tells of the same metric of the same cell another value.
    """
    found: dict[tuple[object, ...], tuple[Measured, Path]] = {}
    for path in paths:
        for row in from_csv(path):
            first, told_by = found.setdefault(row.key, (row, path))
            if first.value != row.value:
                told = f"{row.metric} of {row.origin} is {_shown(row)}"
                raise InputError(
                    f"{path}: {told}, but {_shown(first)} in {told_by}; gather both anew, from "
                    "the same measurements"
                )
    return sorted((row for row, _ in found.values()), key=lambda row: row.place)


def _shown(row: Measured) -> str:
    return "nothing" if row.value is None else f"{row.value!r}"
