"""Measurements of trained cells: one JSON file each as made, one tidy CSV as gathered.

A measurement file holds a cell (corpus, model, C, seed), the measurement's name, the split and the
number of sentences it was taken on, and `values`: a number, or null, for each metric. Other keys
(settings, notes, versions) are for people and are not gathered.
"""

import csv
import io
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.files import read_json, read_text
from textvae.paper.tidy import csv_text

COLUMNS = (
    *("corpus", "model", "C", "seed"),
    *("measurement", "split", "sentences", "metric", "value"),
)
_LARGEST = sys.float_info.max


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
    content = _object(read_json(path), path, "a measurement")
    columns = {
        "cell": _cell(_object(content.get("cell"), path, "'cell'"), path),
        "measurement": _text(content, "measurement", path),
        "split": _text(content, "split", path),
        "sentences": _whole(content.get("sentences"), path, "'sentences'"),
    }
    return [
        Measured(
            **columns,
            metric=_line(metric, path),
            value=None if value is None else _number(value, path, f"value of {metric!r}"),
        )
        for metric, value in _object(content.get("values"), path, "'values'").items()
    ]


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
        value=_finite(float(value)) if value else None,
    )


def _finite(value: float) -> float:
    if not abs(value) <= _LARGEST:
        raise ValueError(f"{value} is not a finite number")
    return value


def _cell(parts: dict[str, Any], path: Path) -> Cell:
    corpus, model = _text(parts, "corpus", path), _text(parts, "model", path)
    C = _number(parts.get("C"), path, "C of the cell")
    seed = _whole(parts.get("seed"), path, "seed of the cell")
    try:
        return Cell(corpus, model, C, seed)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _object(value: Any, path: Path, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{path}: {what} must be a JSON object, got {_shown(value)}")
    return value


def _text(parent: dict[str, Any], key: str, path: Path) -> str:
    value = parent.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(f"{path}: {key!r} must be a text, got {_shown(value)}")
    return _line(value, path)


def _line(text: str, path: Path) -> str:
    """`text`, if it may stand in a CSV: JSON's escapes can spell line ends and half characters."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise InputError(f"{path}: {_shown(text)} is not one line of Unicode text")
    return text


def _whole(value: Any, path: Path, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError(f"{path}: {what} must be a whole number, got {_shown(value)}")
    return value


def _number(value: Any, path: Path, what: str) -> float:
    proper = isinstance(value, int | float) and not isinstance(value, bool)
    # A NaN is below nothing, and JSON's whole numbers may be too large for a float.
    if not proper or not abs(value) <= _LARGEST:
        raise InputError(f"{path}: {what} must be a finite number, got {_shown(value)}")
    return float(value)


def _shown(value: Any) -> str:
    """A wrong value on one line; a missing one is None in Python and nothing to its reader."""
    return "nothing" if value is None else f"{value!r:.60}"
