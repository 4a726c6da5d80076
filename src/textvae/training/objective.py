"""The interface of an objective: what a training minimises. No torch is imported here.

An objective registers itself, with what planning and tables know of it:

    @OBJECTIVES.register("rate-target", title="|R - C|", uses_C=True)
    class RateTarget(Objective): ...

title: what tables call it. uses_C: whether the rate aims at C; one that does not takes a cell's C
for a label.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textvae.settings import Settings

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from textvae.models.terms import BatchTerms
    from textvae.training.schedule import Schedule


class Objective:
    """A loss over batches; `settings` are its own, C is the cell's, in nats.

    state: named tensors that change in training (a multiplier, a moving mean). They are made in
    the constructor, keep their names, shapes and types, and travel in checkpoints.
    """

    Settings: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: Settings, C: float, schedule: "Schedule") -> None:
        self.settings = settings
        self.C = C
        self.schedule = schedule
        self.state: dict[str, Tensor] = {}

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Return why a training with these cannot be, in words; None if it can."""
        return None

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return what to minimise at a step, counted from 0: a scalar in nats a sentence.

        A strategy may ask several times in one step, so this leaves `state` as it is.
        """
        raise NotImplementedError

    def update(self, means: "Mapping[str, Tensor]", step: int) -> None:
        """Bring `state` up to date after a step.

        means: what the log records of the step, detached scalars: loss, D, R, further losses.
        """

    def record(self, step: int) -> dict[str, float]:
        """Return what the training log has of the objective at a step, by name."""
        return {"C": self.C}

    def to(self, device: "torch.device") -> None:
        """Move the state to a device."""
        self.state = {name: tensor.to(device) for name, tensor in self.state.items()}

    def state_dict(self) -> dict[str, "Tensor"]:
        """Return the named tensors that a checkpoint keeps."""
        return dict(self.state)

    def load_state_dict(self, state: "Mapping[str, Tensor]") -> None:
        """Take those of a checkpoint; they are on the training's device."""
        self.state = dict(state)
