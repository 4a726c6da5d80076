"""The interface of a training strategy: how a step is taken. No torch is imported here.

A strategy registers itself:

    @STRATEGIES.register("standard")
    class Standard(Strategy): ...
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textvae.settings import Settings

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from textvae.models.batches import Batch
    from textvae.training.trainer import Trainer


class Strategy:
    """Optimisers by name, and what is done with them in one step of a trainer.

    The constructor makes the optimisers. `state` has further named tensors (of a phase, say); all
    keep their names, shapes and types, and travel in checkpoints.
    """

    Settings: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: Settings, trainer: "Trainer") -> None:
        self.settings = settings
        self.trainer = trainer
        self.optimisers: dict[str, torch.optim.Optimizer] = {}
        self.state: dict[str, Tensor] = {}

    def step(self, batch: "Batch") -> "dict[str, Tensor]":
        """Take one step; return what the log records of it, scalars in nats a sentence.

        `trainer.losses` gives them for a batch, and `trainer.minimise` descends. Inner loops take
        `trainer.further_batch(inner)`, inner = 1, 2, ....
        """
        raise NotImplementedError

    def end_epoch(self, validation: Mapping[str, Any]) -> None:
        """See what the log has of the validation split after an epoch."""

    def state_dict(self) -> "dict[str, Tensor]":
        """Return the named tensors that a checkpoint keeps, optimisers aside."""
        return dict(self.state)

    def load_state_dict(self, state: "Mapping[str, Tensor]") -> None:
        """Take those of a checkpoint; they are on the training's device."""
        self.state = dict(state)
