"""Gather the JSON files of measurements in tidy tables.

A measurement file holds a cell (corpus, model, C, seed), the measurement's name, the split and the
number of sentences it was taken on, and `values`: a number, or null, for each metric. A measurement
of generated text also holds its `decoding` and the number of the synthetic corpus (`copy`, from 1).
`weights` is the SHA-256 of the model's weights, the same in all files of a cell, `corpus_sha256`
that of the text it was trained on, the same in all of a corpus; tables have their first digits.
`bootstrap`, if present, holds the values of some metrics on resamples of the test sentences (see
`textvae.bootstrap`). All cells of a corpus use the same resamples, so their r-th replicates can be
compared pairwise. A note `sentences` records that more were requested than measured: the table
then has their number as a further metric. Other keys (settings, notes) are for human readers.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textvae.errors import InputError
from textvae.paper.json_values import (
    cell_of,
    digits_of,
    finite_number,
    json_object,
    line,
    read_object,
    text,
    whole_number,
)
from textvae.paper.measurements import (
    REQUESTED,
    AnyRow,
    Measured,
    Replicates,
    origin_of,
    repeated_rows,
    replicates_table,
    sorted_rows,
    table,
)
from textvae.paper.trainings import Origin, check_texts, check_trainings, texts_of

if TYPE_CHECKING:
    from pandas import DataFrame


def gather(paths: Iterable[Path]) -> "DataFrame":
    """Return the table of many measurement files, sorted by its columns.

    InputError if a file is not a measurement or repeats a metric of the same cell, or if files of
    one cell are of two trainings.
    """
    return _gather(paths, _measured_of, table, "{} is")


def gather_replicates(paths: Iterable[Path]) -> "DataFrame":
    """Return the table of the replicates in measurement files, sorted; most files have none.

    InputError as for `gather`.
    """
    return _gather(paths, _replicates_of, replicates_table, "replicates of {} are")


def unlike_settings(paths: Iterable[Path]) -> list[str]:
    """Return a line for each setting of a measurement that has two values in its files.

    The number of sentences of a generated text counts as one.
    """
    first: dict[tuple[str, ...], tuple[Any, Path]] = {}
    lines: dict[tuple[str, ...], str] = {}
    for path in paths:
        content = read_object(path, "a measurement", lambda one: one)
        settings = content.get("settings")
        settings = dict(settings) if isinstance(settings, dict) else {}
        if "decoding" in content:
            settings["sentences"] = content.get("sentences")
        for name, value in settings.items():
            # Texts of two corpora have their own lengths and sizes.
            cell = content.get("cell") if name in ("longest", "sentences") else None
            corpus = str(cell.get("corpus")) if isinstance(cell, dict) else ""
            key = str(content.get("measurement")), name, corpus
            known, other = first.setdefault(key, (value, path))
            if known != value:
                lines[key] = (
                    f"{path}: {key[0]} with {name} {value!r:.40}, unlike {known!r:.40} in {other};"
                    " expected equal settings where numbers are compared"
                )
    return list(lines.values())


def read_measurement(path: Path) -> list[Measured]:
    """Read the rows of one measurement file; InputError if it is not one."""
    return read_object(path, "a measurement", _measured_of)


def read_replicates(path: Path) -> list[Replicates]:
    """Read the replicates in one measurement file; InputError if it is not one."""
    return read_object(path, "a measurement", _replicates_of)


def _gather(
    paths: Iterable[Path],
    parse: Callable[[dict[str, Any]], list[AnyRow]],
    tabulate: "Callable[[Iterable[AnyRow]], DataFrame]",
    repeats: str,
) -> "DataFrame":
    """Read files, tabulate their rows and sort them.

    repeats: subject and verb of the message for a repeated metric. InputError if two rows have the
    same key, rows of one cell are of two trainings, or those of one corpus of two texts.
    """
    whole = [
        (read_object(path, "a measurement", lambda one: (parse(one), texts_of(one))), path)
        for path in paths
    ]
    check_texts((*text, path) for (_, texts), path in whole for text in texts)
    read = [(row, path) for (rows, _), path in whole for row in rows]
    check_trainings(Origin(row.cell, row.weights, path) for row, path in read)
    rows = tabulate([row for row, _ in read]).assign(file=[str(path) for _, path in read])
    for row in repeated_rows(rows).itertuples():
        repeated = repeats.format(f"{row.metric} of {origin_of(row)}")
        raise InputError(f"{row.file}: {repeated} in {row.file_first} already")
    return sorted_rows(rows.drop(columns="file"))


def _measured_of(content: dict[str, Any]) -> list[Measured]:
    """Return a row for each value of a measurement."""
    columns = _identity(content) | {
        "split": text(content.get("split"), "'split'"),
        "sentences": whole_number(content.get("sentences"), "'sentences'"),
        "corpus_sha256": digits_of(content, "corpus_sha256"),
    }
    values = json_object(content.get("values"), "'values'") | _requested(content)
    return [
        Measured(
            **columns,
            metric=line(metric),
            value=None if value is None else finite_number(value, f"value of {metric!r}"),
        )
        for metric, value in values.items()
    ]


def _requested(content: dict[str, Any]) -> dict[str, Any]:
    """Return the number of sentences requested as a metric; {} unless there are fewer."""
    if "sentences" not in json_object(content.get("notes", {}), "'notes'"):
        return {}
    settings = json_object(content.get("settings"), "'settings'")
    requested = whole_number(settings.get("sentences"), "'sentences' of 'settings'")
    return {f"{content['measurement']}{REQUESTED}": requested}


def _replicates_of(content: dict[str, Any]) -> list[Replicates]:
    """Return the replicates of a measurement, a row for each metric that has any."""
    columns = _identity(content)
    measured = json_object(content.get("values"), "'values'")
    rows = []
    for metric, replicates in json_object(content.get("bootstrap", {}), "'bootstrap'").items():
        name = f"replicates of {line(metric)!r}"
        if not isinstance(replicates, list):
            raise InputError(f"{name} must be a list of numbers, got {replicates!r:.60}")
        if measured.get(metric) is None:
            raise InputError(f"{name}: 'values' has no number for this metric")
        values = tuple(finite_number(value, f"each of the {name}") for value in replicates)
        rows.append(Replicates(**columns, metric=metric, values=values))
    return rows


def _identity(content: dict[str, Any]) -> dict[str, Any]:
    """Return cell, measurement, weights and, for generated text, decoding and copy."""
    columns: dict[str, Any] = {
        "cell": cell_of(content.get("cell")),
        "measurement": text(content.get("measurement"), "'measurement'"),
        "weights": digits_of(content, "weights"),
    }
    if "decoding" in content:
        columns["decoding"] = text(content["decoding"], "'decoding'")
    if "copy" in content:
        columns["copy"] = whole_number(content["copy"], "'copy'", minimum=1)
    return columns
