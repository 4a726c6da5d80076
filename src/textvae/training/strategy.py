"""The interface of a training strategy, which takes the steps. Does not import torch.

A strategy registers itself:

    @STRATEGIES.register("standard")
    class Standard(Strategy): ...

with the facts `selects_on_valid=True` if validation sentences decide what it does, and
`rate_free_at_first=True` if its first steps give the rate no weight.
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
    """Optimisers by name, and the step that uses them.

    The constructor creates the optimisers. `state` contains further named tensors (of a phase,
    say); all keep their names, shapes and types, and are saved in checkpoints.
    """

    Settings: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: Settings, trainer: "Trainer") -> None:
        self.settings = settings
        self.trainer = trainer
        self.optimisers: dict[str, torch.optim.Optimizer] = {}
        self.state: dict[str, Tensor] = {}

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Return why these settings cannot be used, as a message; None if they can."""
        return None

    def step(self, batch: "Batch") -> "dict[str, Tensor]":
        """Take one step; return the losses to log, scalars in nats per sentence.

        `trainer.losses` computes them for a batch, `trainer.minimise` takes an optimiser step.
        Inner loops use `trainer.further_batch(inner)`, inner = 1, 2, ....
        """
        raise NotImplementedError

    def end_epoch(self, validation: Mapping[str, Any]) -> None:
        """React to the logged validation values after an epoch; by default do nothing."""

    def record(self) -> dict[str, int]:
        """Return the values of the strategy that the training log records after a step, by name.

        `encoder_steps` and `decoder_steps` are the steps of these sides so far; without them, both
        are the steps of the training.
        """
        return {}

    def state_dict(self) -> "dict[str, Tensor]":
        """Return the named tensors to save in a checkpoint besides those of the optimisers."""
        return dict(self.state)

    def load_state_dict(self, state: "Mapping[str, Tensor]") -> None:
        """Restore the tensors of a checkpoint, which are on the training's device."""
        self.state = dict(state)
