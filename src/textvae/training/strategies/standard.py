"""The paper's training strategy: Adam on all weights together."""

from typing import TYPE_CHECKING

from textvae.registry import STRATEGIES
from textvae.settings import Settings
from textvae.training.strategy import Strategy

if TYPE_CHECKING:
    from torch import Tensor

    from textvae.models.batches import Batch
    from textvae.training.trainer import Trainer


@STRATEGIES.register("standard")
class Standard(Strategy):
    """One optimiser, one batch a step."""

    def __init__(self, settings: Settings, trainer: "Trainer") -> None:
        super().__init__(settings, trainer)
        from torch.optim import Adam

        self.optimisers = {"all": Adam(trainer.model.parameters(), fused=True)}

    def step(self, batch: "Batch") -> "dict[str, Tensor]":
        """Take one step of Adam; return the losses of the batch."""
        losses = self.trainer.losses(batch)
        self.trainer.minimise(losses["loss"], "all")
        return losses
