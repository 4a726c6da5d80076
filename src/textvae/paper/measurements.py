"""Measurements of trained cells in tidy tables, a line for each value, and their replicates.

Tables are pandas DataFrames. They are read with Python's csv, not pandas.read_csv, which pads short
lines, accepts text after a closing quote, and does not report the line of a wrong value.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.io import read_text
from textvae.natural_order import natural
from textvae.paper import decodings
from textvae.paper.csv import number
from textvae.paper.json_values import (
    finite_number,
)
from textvae.paper.trainings import (
    check_texts,
    corpora_of,
)

if TYPE_CHECKING:
    from pandas import DataFrame

_IDENTITY = ("corpus", "model", "C", "seed", "decoding", "copy")
# Columns that tables of earlier versions do not have.
_RECENT = frozenset({"weights", "corpus_sha256"})
COLUMNS = (
    *(*_IDENTITY, "measurement", "split", "sentences", "weights", "corpus_sha256"),
    *("metric", "value"),
)
REPLICATES_COLUMNS = (*_IDENTITY, "measurement", "weights", "metric", "replicates")

# The metric with the number of sentences requested of a measurement, if there are fewer.
REQUESTED = "_sentences_requested"

# The identity of a row, as in `Measured.key`.
KEY = [*_IDENTITY, "metric"]


class _Identified:
    """The fields that identify a row, shared by both tables."""

    cell: Cell
    metric: str
    decoding: str
    copy: int | None

    def __post_init__(self) -> None:
        if bool(self.decoding) != (self.copy is not None):
            given = f"'decoding' {self.decoding!r}" if self.decoding else f"'copy' {self.copy}"
            raise InputError(f"{given} alone, expected both 'decoding' and 'copy' or neither")

    @property
    def key(self) -> tuple[Cell, str, int | None, str]:
        """Return the identity of a row, unique within a table."""
        return (self.cell, self.decoding, self.copy, self.metric)

    @property
    def origin(self) -> str:
        """Return the folder of what was measured."""
        return _folder(self.cell, self.decoding, self.copy)


@dataclass(frozen=True)
class Measured(_Identified):
    """One metric of one cell, or of a text generated from it: a row of the tidy table.

    `value` is None if it is undefined. `decoding` and `copy` identify generated text;
    otherwise they are "" and None. InputError if one of them is given without the other. `weights`
    and `corpus_sha256` identify the training and its text; "" if they are not recorded.
    """

    cell: Cell
    measurement: str
    split: str
    sentences: int
    metric: str
    value: float | None
    decoding: str = ""
    copy: int | None = None
    weights: str = ""
    corpus_sha256: str = ""


@dataclass(frozen=True)
class Replicates(_Identified):
    """One metric of one cell, or of a text generated from it, on R >= 1 resamples.

    `decoding`, `copy` and `weights` as in `Measured`. InputError if there are no values.
    """

    cell: Cell
    measurement: str
    metric: str
    values: tuple[float, ...]
    decoding: str = ""
    copy: int | None = None
    weights: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.values:
            raise InputError(f"replicates of {self.metric!r}: empty, expected numbers")


AnyRow = TypeVar("AnyRow", Measured, Replicates)


def table(rows: "Iterable[Measured] | DataFrame") -> "DataFrame":
    """Return rows as a table of `COLUMNS`; a table is returned unchanged.

    copy is 0 if nothing was generated; a value of None becomes NaN.
    """
    # Imported here: it takes half a second, which commands that only need corpus titles avoid.
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        return rows
    records = [
        (
            *(*_identity_columns(row), row.measurement, row.split, row.sentences),
            *(row.weights, row.corpus_sha256, row.metric, row.value),
        )
        for row in rows
    ]
    return pd.DataFrame(records, columns=COLUMNS).astype({"C": float, "value": float})


def replicates_table(rows: Iterable[Replicates]) -> "DataFrame":
    """Return rows as a table of `REPLICATES_COLUMNS`; the replicates of a row are a tuple."""
    import pandas as pd

    records = [
        (*_identity_columns(row), row.measurement, row.weights, row.metric, row.values)
        for row in rows
    ]
    return pd.DataFrame(records, columns=REPLICATES_COLUMNS).astype({"C": float})


def merged(paths: Iterable[Path]) -> "DataFrame":
    """Return the union of several tidy tables, sorted.

    InputError if a file is not a tidy table, or two disagree on the same metric of the same cell.
    """
    read = [(row, path) for path in paths for row in from_csv(path)]
    check_texts(corpora_of(read))
    rows = table(row for row, _ in read).assign(file=[str(path) for _, path in read])
    repeated = repeated_rows(rows)
    # Unlike NaN, two missing values agree.
    agrees = repeated.value.eq(repeated.value_first) | (
        repeated.value.isna() & repeated.value_first.isna()
    )
    for row in repeated[~agrees].itertuples():
        # Unlike NaN, a value equals itself.
        value, first = (repr(x) if x == x else "nothing" for x in (row.value, row.value_first))
        raise InputError(
            f"{row.file}: {row.metric} of {origin_of(row)} is {value}, but {first} in "
            f"{row.file_first}; gather both again, from the same measurements"
        )
    return sorted_rows(rows.drop_duplicates(KEY).drop(columns="file"))


def to_csv(rows: "Iterable[Measured] | DataFrame") -> str:
    """Return the tidy table as CSV with a header; C and values in full precision, 3 for 3.0."""
    return _csv_text(table(rows), "value", number)


def replicates_to_csv(rows: "DataFrame") -> str:
    """Return a table of replicates as CSV; those of a row form one field, separated by spaces."""
    return _csv_text(rows, "replicates", lambda values: " ".join(map(number, values)))


def from_csv(path: Path) -> list[Measured]:
    """Read the rows of a tidy table written by `to_csv`; InputError names the wrong line."""
    return _read(path, COLUMNS, _measured_from)


def replicates_from_csv(path: Path) -> list[Replicates]:
    """Read the rows of a table written by `replicates_to_csv`; InputError names the wrong line."""
    return _read(path, REPLICATES_COLUMNS, _replicates_from)


def repeated_rows(rows: "DataFrame") -> "DataFrame":
    """Return rows that repeat the key of an earlier row, with its columns as `..._first`."""
    later, first = rows[rows.duplicated(KEY)], rows.drop_duplicates(KEY)
    return later.merge(first, on=KEY, suffixes=("", "_first"))


def sorted_rows(rows: "DataFrame") -> "DataFrame":
    """Sort by all columns but the last, names and decodings in the order for readers."""
    keys = {"corpus": natural, "model": natural, "decoding": decodings.sort_key}
    ranks = {
        name: {value: rank for rank, value in enumerate(sorted(set(rows[name]), key=key))}
        for name, key in keys.items()
    }
    return rows.sort_values(
        list(rows.columns[:-1]),
        key=lambda column: column.map(ranks[column.name]) if column.name in ranks else column,
        ignore_index=True,
    )


def _csv_text(rows: "DataFrame", last: str, format_value: Callable[[Any], str]) -> str:
    """Return a table as CSV; the values of its last column that are not missing are formatted."""
    formatted = rows.assign(
        C=rows.C.map(number),
        copy=rows["copy"].astype(str).where(rows.decoding != "", ""),
        **{last: rows[last].map(format_value, na_action="ignore")},
    )
    return formatted.to_csv(index=False, lineterminator="\n")


def _read(
    path: Path, columns: tuple[str, ...], parse: Callable[[list[str]], AnyRow]
) -> list[AnyRow]:
    """Parse the lines of a CSV file with these columns; InputError if two have the same key."""
    lines = csv.reader(io.StringIO(read_text(path)), strict=True)
    rows: dict[tuple[object, ...], AnyRow] = {}
    try:
        given = tuple(next(lines, ()))
        absent = [columns.index(name) for name in sorted(_RECENT & {*columns} - {*given})]
        if given != tuple(name for i, name in enumerate(columns) if i not in absent):
            raise ValueError(f"the first must be {','.join(columns)}")
        for record in lines:
            if len(record) != len(given):
                raise ValueError(f"{len(record)} fields, expected {len(given)}")
            for index in sorted(absent):
                record.insert(index, "")
            row = parse(record)
            if rows.setdefault(row.key, row) is not row:
                raise ValueError(f"{row.metric!r} of {row.origin} appears twice")
    except (ValueError, csv.Error, InputError) as error:
        raise InputError(f"{path}: line {max(lines.line_num, 1)}: {error}") from None
    return list(rows.values())


def _measured_from(record: list[str]) -> Measured:
    """Parse the fields of a line; ValueError or InputError if they are not valid."""
    *identity, measurement, split, sentences, weights, corpus, metric, value = record
    return Measured(
        **_identity_from(identity),
        measurement=measurement,
        split=split,
        sentences=int(sentences),
        metric=metric,
        value=finite_number(float(value), "value") if value else None,
        weights=weights,
        corpus_sha256=corpus,
    )


def _replicates_from(record: list[str]) -> Replicates:
    """Parse the fields of a line; ValueError or InputError if they are not valid."""
    *identity, measurement, weights, metric, values = record
    return Replicates(
        **_identity_from(identity),
        measurement=measurement,
        metric=metric,
        values=tuple(finite_number(float(value), "a replicate") for value in values.split()),
        weights=weights,
    )


def _identity_from(fields: list[str]) -> dict[str, Any]:
    """Parse the fields that identify a cell, or a text generated from it."""
    corpus, model, C, seed, decoding, copy = fields
    cell = Cell(corpus, model, float(C), int(seed))
    return {"cell": cell, "decoding": decoding, "copy": int(copy) if copy else None}


def _identity_columns(row: Measured | Replicates) -> tuple[object, ...]:
    """Return the columns that identify a cell, or a text generated from it; copy 0 for a cell."""
    return (*astuple(row.cell), row.decoding, row.copy or 0)


def _folder(cell: Cell, decoding: str, copy: int | None) -> str:
    """Return a folder: cbt/lstm/C15/seed1, or .../seed1/greedy/copy1."""
    return f"{cell}/{decoding}/copy{copy}" if decoding else f"{cell}"


def origin_of(row: Any) -> str:
    """Return the folder of a row of a table."""
    return _folder(Cell(row.corpus, row.model, row.C, row.seed), row.decoding, row.copy)
