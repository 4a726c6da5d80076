"""A training between two steps: weights, optimiser, position, running sums; and how to step."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from textvae.models.batches import Batch
from textvae.training.checkpoints import Checkpoint
from textvae.training.schedule import Schedule, seed_step


class Training:
    """What changes while a model is trained; a subclass says what it minimises."""

    # What `losses` gives, by name; the first is minimised.
    recorded: tuple[str, ...]

    def __init__(
        self,
        title: str,
        identity: dict[str, Any],
        model: nn.Module,
        schedule: Schedule,
        seed: int,
        device: torch.device,
    ) -> None:
        """`title` names the training in messages; the model lies on `device`.

        identity: all that decides the outcome, as JSON. On a CPU the weights are a function of it,
        bit for bit.
        """
        self.title = title
        self.identity = identity
        self.model = model
        self.schedule = schedule
        self.seed = seed
        self.device = device
        self.optimiser = torch.optim.Adam(model.parameters(), fused=True)
        self.step = 0
        self.sums = Sums(self.recorded, device)

    def losses(self, batch: Batch) -> tuple[Tensor, ...]:
        """Means over the batch, scalars in nats a sentence, in the order of `recorded`."""
        raise NotImplementedError

    def validate(self) -> dict[str, float]:
        """What the record says after an epoch; FloatingPointError where it is not finite."""
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """Write the model that came out of it."""
        raise NotImplementedError

    def identity_of(self, folder: Path) -> dict[str, Any]:
        """The identity of what `save` wrote there, and perhaps more; InputError if not whole."""
        raise NotImplementedError

    def settings_of_step(self) -> dict[str, Any]:
        """What the record says of the coming step besides its number."""
        return {}

    @property
    def finished(self) -> bool:
        return self.step >= self.schedule.steps

    def advance(self, batch: Batch) -> None:
        """One step of Adam on one batch. FloatingPointError where the loss is not finite."""
        batch = batch.to(self.device)
        seed_step(self.seed, self.step)
        losses = self.losses(batch)
        # Reading a number off a GPU would make it wait at every step: there the sums are looked
        # at instead, whenever they are recorded.
        if self.device.type == "cpu" and not losses[0].isfinite():
            raise FloatingPointError
        losses[0].backward()
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.learning_rate(self.step)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.sums.add(len(batch.words), losses)
        self.step += 1

    def check_finite(self) -> None:
        """FloatingPointError where a sum or a weight is not finite.

        The loss is looked at before a step; what the step made of the weights shows in the next
        one, and there may be none.
        """
        tensors = [self.sums.values, *(p.detach() for p in self.model.parameters())]
        if not all(tensor.isfinite().all() for tensor in tensors):
            raise FloatingPointError

    def checkpoint(self) -> Checkpoint:
        """All of it, to go on from. FloatingPointError where nobody should go on from it."""
        self.check_finite()
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        for index, state in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{index}.{name}": value for name, value in state.items()}
        return Checkpoint(self.step, tensors | {"sums": self.sums.values})

    def layout(self) -> dict[str, Tensor]:
        """Tensors of the names, shapes and types that every checkpoint of this training has."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        for index, weight in enumerate(self.model.parameters()):
            # Adam's: the steps, and the means of the gradients and of their squares.
            state = {"step": torch.tensor(0.0), "exp_avg": weight, "exp_avg_sq": weight}
            tensors |= {f"optimiser.{index}.{name}": value for name, value in state.items()}
        return tensors | {"sums": self.sums.values}

    def misfit(self, checkpoint: Checkpoint) -> str | None:
        """Why a checkpoint is not of such a training, None where it is."""
        expected, found = self.layout(), checkpoint.tensors
        for name in sorted(expected.keys() | found.keys()):
            if name not in found:
                return f"lacks {name}"
            if name not in expected:
                return f"has {ascii(name)[:80]}, which is not of this model"
            if (kinds := (_kind(found[name]), _kind(expected[name])))[0] != kinds[1]:
                return f"{name} is {kinds[0]}, expected {kinds[1]}"
        return None

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint that fits."""
        optimiser = self.optimiser.state_dict()
        optimiser["state"] = {}
        weights = {}
        for name, tensor in checkpoint.tensors.items():
            match name.split(".", 1):
                case ["model", rest]:
                    weights[rest] = tensor
                case ["optimiser", rest]:
                    index, key = rest.split(".")
                    optimiser["state"].setdefault(int(index), {})[key] = tensor
        self.model.load_state_dict(weights)
        self.optimiser.load_state_dict(optimiser)
        self.sums.values.copy_(checkpoint.tensors["sums"])
        self.step = checkpoint.step


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} of shape {tuple(tensor.shape)}"


class Sums:
    """Sums over the steps since the record's last line, kept on the device."""

    def __init__(self, names: tuple[str, ...], device: torch.device) -> None:
        self.names = names
        # steps, tokens, and what is summed
        self.values = torch.zeros(2 + len(names), dtype=torch.float64, device=device)

    def add(self, tokens: int, losses: tuple[Tensor, ...]) -> None:
        """One step; the losses are scalars, means over its batch."""
        with torch.no_grad():
            self.values[:2] += torch.tensor([1, tokens], device=self.values.device)
            self.values[2:] += torch.stack(losses)

    def take(self) -> tuple[int, dict[str, float]]:
        """Tokens seen, and the means over steps in nats a sentence; the sums begin anew.

        FloatingPointError where they are not finite.
        """
        steps, tokens, *sums = self.values.tolist()
        if not self.values.isfinite().all():
            raise FloatingPointError
        self.values.zero_()
        means = zip(self.names, sums, strict=True)
        return int(tokens), {name: value / steps for name, value in means}
