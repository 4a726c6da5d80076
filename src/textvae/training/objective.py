"""The interface of an objective, which a training minimises. Does not import torch.

An objective registers itself, with the facts that planning and tables need:

    @OBJECTIVES.register("rate-target", title="|R - C|", uses_C=True)
    class RateTarget(Objective): ...

title: its name in tables. uses_C: whether C is a target of the rate; otherwise the C of a cell is
only a label. C_setting, if any: the setting that, if given, replaces C, which is then a label, too.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textvae.settings import Settings

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from textvae.models.terms import BatchTerms
    from textvae.training.automatic.controller import Outcome
    from textvae.training.schedule import Schedule


class Objective:
    """A loss over batches, from the objective's settings and the cell's C in nats.

    state: named tensors that change in training (a multiplier, a moving mean). They are created in
    the constructor, keep their names, shapes and types, and are saved in checkpoints.
    """

    Settings: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: Settings, C: float, schedule: "Schedule") -> None:
        self.settings = settings
        self.C = C
        self.schedule = schedule
        self.state: dict[str, Tensor] = {}

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Return why these settings cannot be used with C, as a message; None if they can."""
        return None

    @classmethod
    def check_job(
        cls, settings: Settings, trained: Mapping[str, Any], steps: int | None, valid: int | None
    ) -> str | None:
        """Return why these settings cannot be used in a training, as a message; None if they can.

        trained: all settings of its model and training. steps: at most; valid: validation
        sentences, at most. None if unknown.
        """
        return None

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return the loss at a step, counted from 0: a scalar in nats per sentence.

        A strategy may call this several times in one step, so it must not change `state`.
        """
        raise NotImplementedError

    def update(self, means: "Mapping[str, Tensor]", step: int) -> None:
        """Update `state` after a step.

        means: the logged values of the step, detached scalars: loss, D, R, further losses.
        """

    def looks_after(self, step: int) -> bool:
        """Return whether `look` is to be called after a step, which takes a while."""
        return False

    def look(self, measured: Mapping[str, float], step: int) -> None:
        """Update `state` after `update`, by values of validation sentences.

        measured: D, its standard error D_error, R, I and I_upper (if they can be estimated), in
        nats; sentences, their number for I; soft active_units, and units, the dimensions.
        """

    def outcome(self) -> "Outcome | None":
        """Return how a search for C ended; None for an objective that does not choose C."""
        return None

    def record(self, step: int) -> dict[str, float]:
        """Return the values of the objective that the training log records at a step, by name."""
        return {"C": self.C}

    def to(self, device: "torch.device") -> None:
        """Move the state to a device."""
        self.state = {name: tensor.to(device) for name, tensor in self.state.items()}

    def state_dict(self) -> dict[str, "Tensor"]:
        """Return the named tensors to save in a checkpoint."""
        return dict(self.state)

    def load_state_dict(self, state: "Mapping[str, Tensor]") -> None:
        """Restore the tensors of a checkpoint, which are on the training's device."""
        self.state = dict(state)
