"""A training between two steps: weights, optimiser, position, running sums; and how to step."""

import torch
from torch import Tensor

from textvae.errors import InputError
from textvae.models.batches import Batch
from textvae.models.vae import TextVAE
from textvae.training.checkpoints import Checkpoint
from textvae.training.objective import OBJECTIVES
from textvae.training.randomness import seed_step
from textvae.training.recipe import Schedule
from textvae.training.task import Task

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class Training:
    """What changes while a cell is trained."""

    def __init__(self, task: Task, schedule: Schedule) -> None:
        self.task = task
        self.schedule = schedule
        torch.manual_seed(task.cell.seed)
        # Made on the CPU and moved, so that every device starts from the same weights.
        self.model = TextVAE(task.architecture, len(task.corpus.vocabulary)).to(task.device)
        self.optimiser = torch.optim.Adam(self.model.parameters(), fused=True)
        self.step = 0
        self.sums = Sums(task.device)

    def advance(self, batch: Batch) -> None:
        """One step of Adam on one batch. FloatingPointError where the loss is not finite."""
        recipe, batch = self.task.recipe, batch.to(self.task.device)
        seed_step(self.task.cell.seed, self.step)
        noise = torch.randn(len(batch), self.task.architecture.latent, device=self.task.device)
        total, rates = self.model(batch, noise, PRECISIONS[recipe.precision])
        distortion, rate = total / len(batch), rates.mean()
        loss = OBJECTIVES[recipe.objective](distortion, rates, self.target, recipe.beta)
        # Reading a number off a GPU would make it wait at every step: there the sums are looked
        # at instead, whenever they are recorded.
        if self.task.device.type == "cpu" and not loss.isfinite():
            raise FloatingPointError
        loss.backward()
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.learning_rate(self.step)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.sums.add(len(batch.words), loss, distortion, rate)
        self.step += 1

    @property
    def target(self) -> float:
        """C at the coming step."""
        return self.schedule.target(self.task.cell.C, self.step)

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

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of the same task; InputError where it does not fit."""
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
        try:
            self.model.load_state_dict(weights)
            self.optimiser.load_state_dict(optimiser)
            self.sums.values.copy_(checkpoint.tensors["sums"])
        except (KeyError, RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{self.task.cell}: a checkpoint does not fit ({reason})") from None
        self.step = checkpoint.step


class Sums:
    """Sums over the steps since the record's last line, kept on the device."""

    def __init__(self, device: torch.device) -> None:
        # steps, tokens, loss, distortion, rate
        self.values = torch.zeros(5, dtype=torch.float64, device=device)

    def add(self, tokens: int, loss: Tensor, distortion: Tensor, rate: Tensor) -> None:
        """One step; the last three are scalars, means over its batch."""
        with torch.no_grad():
            self.values[:2] += torch.tensor([1, tokens], device=self.values.device)
            self.values[2:] += torch.stack([loss, distortion, rate])

    def take(self) -> tuple[int, dict[str, float]]:
        """Tokens seen, and the means over steps in nats a sentence; the sums begin anew.

        FloatingPointError where they are not finite.
        """
        steps, tokens, *sums = self.values.tolist()
        if not self.values.isfinite().all():
            raise FloatingPointError
        self.values.zero_()
        means = zip(("loss", "D", "R"), sums, strict=True)
        return int(tokens), {name: value / steps for name, value in means}
