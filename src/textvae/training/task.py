"""One cell to train: everything that decides the outcome, and nothing else."""

from dataclasses import dataclass
from typing import Any

import torch

from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus
from textvae.models.architecture import ModelConfig
from textvae.models.kernels.precision import select_precision
from textvae.stages import training_roots
from textvae.training.config import TrainingConfig
from textvae.training.fingerprint import circumstances


@dataclass(frozen=True)
class Task:
    """A cell with its corpus, the model and how it is trained."""

    cell: Cell
    corpus: EncodedCorpus
    model: ModelConfig
    training: TrainingConfig
    device: torch.device

    @property
    def precision(self) -> torch.dtype:
        """Of the large products, on this device."""
        return select_precision(self.training.shared.precision, self.device)

    @property
    def identity(self) -> dict[str, Any]:
        """All of it as JSON. On a CPU two tasks with one identity give the same weights."""
        return {
            "cell": self.cell.as_dict(),
            "architecture": self.model.model_dump(),
            "training": self.circumstances,
        }

    @property
    def circumstances(self) -> dict[str, Any]:
        """How the cell is trained: recipe, corpus, and what else decides the bits."""
        settings = self.model.model_dump() | self.training.model_dump()
        return {
            "recipe": self.training.model_dump(),
            "corpus": self.corpus.fingerprint,
            **circumstances(training_roots(settings), self.device, self.precision),
        }
