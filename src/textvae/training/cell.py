"""One cell: a text VAE trained by the objective into its model folder."""

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from textvae.io import read_json
from textvae.models import saved
from textvae.models.batches import Batch
from textvae.models.inference import transmit
from textvae.models.vae import TextVAE
from textvae.training.loop import optimise
from textvae.training.objective import OBJECTIVES
from textvae.training.recipe import target
from textvae.training.schedule import Schedule
from textvae.training.task import Task
from textvae.training.trainer import Training

# The mean D of so many sentences is known to about 0.3 nats, and takes minutes at the most.
VALIDATION_SENTENCES = 10_000


def train(
    task: Task,
    folder: Path,
    checkpoint_root: Path,
    checkpoint_minutes: float,
    keep_last: bool = False,
) -> None:
    """Train one cell into its model folder; errors, and how it goes on, are those of `optimise`."""
    sentences = task.corpus.split("train")
    training = CellTraining(task, Schedule(task.recipe, len(sentences)))
    optimise(training, sentences, folder, checkpoint_root, checkpoint_minutes, keep_last)


class CellTraining(Training):
    """Distortion and rate of one cell's model, on their way to C."""

    recorded = ("loss", "D", "R")

    def __init__(self, task: Task, schedule: Schedule) -> None:
        self.task = task
        torch.manual_seed(task.cell.seed)
        # Made on the CPU and moved, so that every device starts from the same weights.
        model = TextVAE(task.architecture, len(task.corpus.vocabulary)).to(task.device)
        cell, identity = task.cell, task.identity
        super().__init__(str(cell), identity, model, schedule, cell.seed, task.device)
        valid = task.corpus.split("valid")
        self.valid = valid.take(valid.sample(VALIDATION_SENTENCES, seed=0))

    @property
    def target(self) -> float:
        """C at the coming step."""
        steps = self.schedule.steps_per_epoch
        return target(self.task.recipe, steps, self.task.cell.C, self.step)

    def losses(self, batch: Batch) -> tuple[Tensor, ...]:
        """The objective, the distortion and the rate."""
        recipe = self.task.recipe
        noise = torch.randn(len(batch), self.task.architecture.latent, device=self.device)
        total, rates = self.model(batch, noise, self.task.precision)
        distortion, rate = total / len(batch), rates.mean()
        loss = OBJECTIVES[recipe.objective](distortion, rates, self.target, recipe.beta)
        return loss, distortion, rate

    def settings_of_step(self) -> dict[str, Any]:
        return {"C": self.target}

    def validate(self) -> dict[str, float]:
        """D and R on the validation split."""
        self.model.eval()
        sent = transmit(self.model, self.valid, seed=self.seed)
        self.model.train()
        means = {"D": float(sent.distortion.mean()), "R": float(sent.rate.mean())}
        if not all(math.isfinite(mean) for mean in means.values()):
            raise FloatingPointError
        return means

    def save(self, folder: Path) -> None:
        trained = saved.TrainedModel(self.task.cell, self.model, self.task.corpus.vocabulary)
        saved.save(folder, trained, training=self.identity["training"])

    def identity_of(self, folder: Path) -> dict[str, Any]:
        saved.load(folder, torch.device("cpu"))
        return read_json(folder / "config.json")
