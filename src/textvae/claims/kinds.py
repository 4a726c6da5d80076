"""What cells are, from the config.json beside their weights."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from textvae.cells import Cell
from textvae.claims.evidence import Kind
from textvae.errors import InputError
from textvae.paper.model_config import read_config


def read_kinds(paths: Iterable[Path]) -> dict[Cell, Kind]:
    """The kind of each cell; InputError if a file is no configuration, or two are of one cell."""
    kinds: dict[Cell, Kind] = {}
    for path in paths:
        trained = read_config(path)
        if trained.cell in kinds:
            raise InputError(
                f"{path}: tells of {trained.cell}, which another of the files tells of"
            )
        sizes = {"hidden": trained.hidden, "latent": trained.latent}
        kinds[trained.cell] = Kind(**asdict(trained.config), **sizes)
    return kinds
