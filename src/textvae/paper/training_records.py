"""Training records: D, R and C over the epochs of a cell, as `training.jsonl` holds them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.files import read_text
from textvae.paper.json_values import finite_number, json_object
from textvae.paper.model_config import read_config


@dataclass(frozen=True)
class Point:
    """Means since the line before (training) or over a split (validation), in nats a sentence.

    `target` is C at that step, which rises from 0 at the start of a training.
    """

    epoch: float
    target: float
    D: float
    R: float


@dataclass(frozen=True)
class TrainingRecord:
    """How a cell trained; under the plain ELBO it aims at no rate."""

    cell: Cell
    has_target: bool
    training: tuple[Point, ...]
    validation: tuple[Point, ...]


def read_record(folder: Path) -> TrainingRecord:
    """The record in a model's folder; InputError names the file and the line that is wrong."""
    trained = read_config(folder / "config.json")
    path = folder / "training.jsonl"
    training: list[Point] = []
    validation: list[Point] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            entry = _entry(line)
            before = training[-1] if training else Point(0, 0, 0, 0)
            validated = "split" in entry
            point = Point(
                epoch=_number(entry, "epoch"),
                target=before.target if validated else _number(entry, "C"),
                D=_number(entry, "D"),
                R=_number(entry, "R"),
            )
            if point.epoch < before.epoch:
                raise InputError(f"epoch {point.epoch:g} after epoch {before.epoch:g}")
        except InputError as error:
            raise InputError(f"{path}: line {number}: {error}") from None
        (validation if validated else training).append(point)
    for what, points in (("validated", validation), ("trained", training)):
        reached = points[-1].epoch if points else 0
        if reached != trained.epochs:
            raise InputError(
                f"{path}: cut short: {what} up to epoch {reached:g} of {trained.epochs}"
            )
    return TrainingRecord(
        trained.cell, trained.config.has_target, tuple(training), tuple(validation)
    )


def read_records(folders: Sequence[Path]) -> list[TrainingRecord]:
    """The records in models' folders; InputError also if two are of one cell."""
    found: dict[Cell, Path] = {}
    records = []
    for folder in folders:
        records.append(record := read_record(folder))
        if found.setdefault(record.cell, folder) is not folder:
            raise InputError(f"{folder}: is of {record.cell}, as is {found[record.cell]}")
    return records


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError("not JSON, cut short perhaps") from None
    return json_object(entry, "an entry")


def _number(entry: dict[str, Any], name: str) -> float:
    return finite_number(entry.get(name), name)
