"""Refuse files that do not belong together: of two trainings of a cell, or of other cells.

A training is identified by the SHA-256 of the weights that it saved. Measurements, tidy tables,
homotopies and config.json record it; files of earlier versions do not, and are not compared.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.json_values import read_object

if TYPE_CHECKING:
    from textvae.paper.descriptions import TrainedCell
    from textvae.paper.exhibit import Inputs


class Origin(NamedTuple):
    """The cell of a file, or of one of its lines, and its training; weights "" if not recorded."""

    cell: Cell
    weights: str
    path: Path


def check_trainings(origins: Iterable[Origin]) -> None:
    """Raise InputError if two files are of different trainings of the same cell."""
    first: dict[Cell, Origin] = {}
    for origin in origins:
        if not origin.weights:
            continue
        known = first.setdefault(origin.cell, origin)
        if known.weights != origin.weights:
            raise InputError(
                f"{origin.path}: of another training of {origin.cell} than {known.path}: the "
                "weights differ; expected results of one model"
            )


def check_inputs(inputs: "Inputs") -> None:
    """Raise InputError if the files of an exhibit are of different trainings, cells or texts."""
    from textvae.paper.descriptions import read_config
    from textvae.paper.homotopy import read_homotopy
    from textvae.paper.measurements import from_csv, replicates_from_csv

    measured = [(row, path) for path in inputs.measurements for row in from_csv(path)]
    resampled = [(row, path) for path in inputs.bootstrap for row in replicates_from_csv(path)]
    homotopies = [(read_homotopy(path), path) for path in inputs.homotopies]
    configs = [(read_config(path), path) for path in inputs.configs]
    read = (*measured, *resampled, *homotopies, *configs)
    check_trainings(Origin(one.cell, one.weights, path) for one, path in read)
    keys = {row.key for row, _ in measured}
    for row, path in resampled:
        if row.key not in keys:
            raise InputError(
                f"{path}: has {row.metric} of {row.origin}, which no table of --measurements has; "
                "expected both tables of one `textvae gather`"
            )
    cells = {row.cell for row, _ in measured}
    for one, path in homotopies:
        if cells and one.cell not in cells:
            raise InputError(f"{path}: of {one.cell}, which no table of --measurements has")
    _check_corpora(configs, inputs.sizes)


def _check_corpora(configs: "Sequence[tuple[TrainedCell, Path]]", sizes: Sequence[Path]) -> None:
    """Raise InputError if statistics.json of a corpus is not that of the text of its cells."""
    from textvae.corpora.encoded import fingerprint_of

    for path in sizes:
        statistics = read_object(path, "statistics of a corpus", dict)
        for one, config in configs:
            if not (one.corpus and one.vocabulary) or one.cell.corpus != statistics.get("name"):
                continue
            if fingerprint_of(one.vocabulary, statistics, path) != one.corpus:
                raise InputError(
                    f"{path}: of another text or preparation of {one.cell.corpus} than {config}, "
                    "which was trained on it; expected the statistics.json of that corpus"
                )
