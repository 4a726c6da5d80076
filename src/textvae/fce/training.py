"""Training of a language model on one text, with early stopping on held-out sentences of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.fce.dictionary import hold_out
from textvae.fce.settings import LanguageModelSettings
from textvae.io import read_json
from textvae.models import language_model
from textvae.models.architecture import LanguageModelSizes
from textvae.models.batches import Batch
from textvae.models.kernels.precision import Choice, recurrences_in
from textvae.models.language_model import LanguageModel, score
from textvae.settings import Settings
from textvae.stages import STEPS
from textvae.training.checkpoints import Checkpoint
from textvae.training.fingerprint import circumstances
from textvae.training.log import log_line
from textvae.training.loop import fit
from textvae.training.precision import precision_of, probe_batch, with_choice
from textvae.training.schedule import Schedule
from textvae.training.strategies.standard import Standard
from textvae.training.trainer import Trainer, part_of


@dataclass(frozen=True)
class LanguageModelJob:
    """One text and all settings that decide the outcome of training on it.

    name: name of the text in messages. text: its sentences over the dictionary. corpus: the
    fingerprint of the corpus that they are from; None for another text.
    """

    name: str
    text: Sentences
    dictionary: Vocabulary
    sizes: LanguageModelSizes
    recipe: LanguageModelSettings
    seed: int
    device: torch.device
    corpus: str | None = None
    choice: Choice | None = None

    @property
    def precision_setting(self) -> str:
        return self.recipe.precision

    @property
    def precision(self) -> torch.dtype:
        """Return the precision of the large matrix products; ValueError if not yet chosen."""
        return precision_of(self)

    @property
    def identity(self) -> dict[str, Any]:
        """Return the job as JSON. On a CPU, jobs of equal identity give the same weights."""
        return {
            "name": self.name,
            "text": self.text.digest,
            "corpus": self.corpus,
            "dictionary": self.dictionary.digest,
            "sizes": self.sizes.model_dump(),
            "recipe": self.recipe.model_dump(),
            "seed": self.seed,
            **circumstances(STEPS["language-model"], self.device, self.precision),
        }


def train(
    job: LanguageModelJob,
    folder: Path,
    checkpoint_root: Path,
    checkpoint_minutes: float,
    keep_last: bool = False,
) -> None:
    """Train one model and save it to `folder`; see `fit` for resuming and errors.

    The saved weights are those of the best epoch on the held-out sentences.
    """
    try:
        text, held_out = hold_out(job.text, job.recipe.held_out, job.seed)
    except InputError as error:
        raise InputError(f"{job.name}: {error}") from None
    job = with_choice(job, checkpoint_root, lambda: probed_step(job, text))
    if job.choice is not None:
        log_line(job.name, str(job.choice))
    trainer = LanguageModelTrainer(job, text, held_out)
    fit(trainer, folder, checkpoint_root, checkpoint_minutes, keep_last)


def probed_step(job: LanguageModelJob, text: Sentences) -> Callable[[torch.dtype], int]:
    """Return a training step without optimiser, on a model and a small batch of the job."""
    with torch.random.fork_rng():
        model = LanguageModel(job.sizes, len(job.dictionary)).to(job.device)
    batch = probe_batch(text, job.recipe.batch, job.device)

    def step(precision: torch.dtype) -> int:
        with recurrences_in(precision, job.device):
            model(batch, precision).backward()
        model.zero_grad()
        return len(batch.words)

    return step


class LanguageModelTrainer(Trainer):
    """Trainer of a language model with early stopping; the loss is -log p in nats per sentence."""

    def __init__(self, job: LanguageModelJob, text: Sentences, held_out: Sentences) -> None:
        torch.manual_seed(job.seed)
        # Initialised on the CPU, so that every device starts from the same weights.
        model = LanguageModel(job.sizes, len(job.dictionary)).to(job.device)
        schedule = Schedule(job.recipe, len(text))
        super().__init__(
            *(job.name, job.identity, model, text, schedule, job.seed),
            *(job.device, job.precision),
        )
        self.dictionary = job.dictionary
        model.inference_precision = job.precision
        self.choice = job.choice
        # With those held out.
        self.given = len(job.text)
        self.patience = job.recipe.patience
        self.held_out = held_out
        self.best = _copy(model)
        self.best_nats = math.inf
        self.epochs_without_gain = 0
        self.begin(Standard(Settings(), self))

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        return {"loss": self.model(batch, self.precision) / len(batch)}

    def validate(self) -> dict[str, float]:
        """Return the loss on the held-out sentences; keep the weights if it improved."""
        nats = float(score(self.model, self.held_out).nll.mean())
        if not math.isfinite(nats):
            raise FloatingPointError
        if nats < self.best_nats:
            self.best_nats, self.epochs_without_gain = nats, 0
            self.best = _copy(self.model)
        else:
            self.epochs_without_gain += 1
        return {"loss": nats}

    @property
    def finished(self) -> bool:
        return super().finished or self.epochs_without_gain >= self.patience

    @property
    def out_of_epochs(self) -> bool:
        """Return whether the last epoch was the best, in a training that could have stopped early.

        Where its rate falls to 0 at the end, the number of epochs is part of the plan.
        """
        recipe = self.schedule.recipe
        planned = self.patience >= recipe.epochs or recipe.decay > 0
        return super().finished and self.epochs_without_gain == 0 and not planned

    def conclusion(self, validation: dict[str, Any]) -> str | None:
        """Return a warning if the model was still improving."""
        if not self.out_of_epochs:
            return None
        return (
            f"the language model was still improving in the last of {self.schedule.recipe.epochs}"
            " epochs; with more of them it stops early, and may be better"
        )

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors of a checkpoint, with the state of early stopping."""
        best = {f"best.{name}": value for name, value in self.best.items()}
        progress = torch.tensor([self.best_nats, self.epochs_without_gain], dtype=torch.float64)
        return super().tensors() | best | {"early_stopping": progress}

    def restore(self, checkpoint: Checkpoint) -> None:
        super().restore(checkpoint)
        tensors = checkpoint.tensors
        self.best_nats, epochs = tensors["early_stopping"].tolist()
        self.epochs_without_gain = int(epochs)
        self.best = part_of(tensors, "best")

    def save(self, folder: Path) -> None:
        self.model.load_state_dict(self.best)
        training = self.identity | {
            "sentences": self.given,
            "held_out_nats": self.best_nats,
            "out_of_epochs": self.out_of_epochs,
        }
        language_model.save(folder, self.model, self.dictionary, training, self.choice)

    def identity_of(self, folder: Path) -> dict[str, Any]:
        language_model.load(folder, torch.device("cpu"))
        return read_json(folder / "config.json")["training"]


def _copy(model: LanguageModel) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}
