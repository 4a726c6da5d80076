"""What cells are, from the config.json beside their weights."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from textvae.cells import Cell
from textvae.claims.evidence import Kind
from textvae.paper.model_config import read_cells


def read_kinds(paths: Iterable[Path]) -> dict[Cell, Kind]:
    """The kind of each cell; InputError if a file is no configuration, or two are of one cell."""
    return {
        cell: Kind(**asdict(trained.config), hidden=trained.hidden, latent=trained.latent)
        for cell, trained in read_cells(paths).items()
    }
