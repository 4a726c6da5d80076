"""One cell to train: everything that decides the outcome, and nothing else."""

import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus
from textvae.models.architecture import Architecture
from textvae.provenance import source_files
from textvae.training.recipe import Recipe


@dataclass(frozen=True)
class Task:
    """A cell with its corpus, the model's parts and how it is trained."""

    cell: Cell
    corpus: EncodedCorpus
    architecture: Architecture
    recipe: Recipe
    device: torch.device

    @property
    def identity(self) -> dict[str, Any]:
        """All of it as JSON. On a CPU two tasks with one identity give the same weights."""
        return {
            "cell": self.cell.as_dict(),
            "architecture": asdict(self.architecture),
            "training": self.circumstances,
        }

    @property
    def circumstances(self) -> dict[str, Any]:
        """How the cell is trained: recipe, corpus, and what else decides the bits.

        The threads are part of it, because sums over several of them round in another order.
        """
        return {
            "recipe": asdict(self.recipe),
            "corpus": self.corpus.fingerprint,
            "code": _code(),
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
            "device": self.device.type,
        }


@cache
def _code() -> str:
    """SHA-256 of the sources that training stands on: another objective is another task."""
    source = Path(__file__).parents[2]
    contents = (path.read_bytes() for path in source_files(source, "textvae.training.loop"))
    return hashlib.sha256(b"\0".join(contents)).hexdigest()
