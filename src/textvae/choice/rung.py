"""A training that ends early, at the same state that the whole training has there."""

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

from textvae.training.cell import CellTrainer, TrainingJob
from textvae.training.loop import COSTS, fit
from textvae.training.schedule import Schedule


@dataclass(frozen=True)
class EarlyEnd(Schedule):
    """The schedule of a whole training, of which `last` steps are taken."""

    last: int = 0

    @property
    def steps(self) -> int:
        return self.last

    def learning_rate(self, step: int) -> float:
        return Schedule(self.recipe, self.sentences).learning_rate(step)


class RungTrainer(CellTrainer):
    """Trainer of a cell up to a share of its steps; objectives know of the whole training."""

    def __init__(self, task: TrainingJob, share: float) -> None:
        super().__init__(task)
        whole = self.schedule
        last = max(1, math.ceil(share * whole.steps))
        self.schedule = EarlyEnd(whole.recipe, whole.sentences, last)


def train_to(
    task: TrainingJob, share: float, folder: Path, before: Path | None, checkpoint_minutes: float
) -> None:
    """Train a cell to a share of its steps, going on from the checkpoint of the rung before.

    folder: of the model. before: the model folder of the rung before, None for the first.
    """
    checkpoints = checkpoints_of(folder)
    if before is not None and not checkpoints.exists() and checkpoints_of(before).exists():
        # A copy, so that the rung before can be resumed as well.
        partial = checkpoints.with_name(f"{checkpoints.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        # Not its costs, which are those of this process, too.
        shutil.copytree(checkpoints_of(before), partial, ignore=shutil.ignore_patterns(COSTS))
        partial.rename(checkpoints)
    fit(RungTrainer(task, share), folder, checkpoints, checkpoint_minutes, keep_last=True)


def checkpoints_of(folder: Path) -> Path:
    """Return the folder of the checkpoints of a model folder."""
    return folder.with_name(f"{folder.name}.checkpoints")
