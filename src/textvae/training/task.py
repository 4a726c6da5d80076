"""One cell to train: everything that decides the outcome, and nothing else."""

from dataclasses import asdict, dataclass
from typing import Any

import torch

from textvae import __version__
from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus
from textvae.models.architecture import Architecture
from textvae.training.recipe import Recipe


@dataclass(frozen=True)
class Task:
    """A cell with its corpus, the model's parts and how it is trained."""

    cell: Cell
    corpus: EncodedCorpus
    architecture: Architecture
    recipe: Recipe

    @property
    def identity(self) -> dict[str, Any]:
        """All of it as JSON, for the digest that checkpoints are kept under.

        On one kind of device, two tasks with one identity give the same weights.
        """
        return {
            "cell": self.cell.as_dict(),
            "architecture": asdict(self.architecture),
            "recipe": asdict(self.recipe),
            "corpus": self.corpus.fingerprint,
            "versions": {"textvae": __version__, "torch": torch.__version__},
        }
