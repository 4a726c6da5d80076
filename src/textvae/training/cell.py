"""Training of one cell: a text VAE, its objective and strategy, and its model folder."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.corpora.unknown_words import unk_percent
from textvae.empty_codes import carries_little, description
from textvae.errors import InputError
from textvae.io import read_json
from textvae.models import saved
from textvae.models.architecture import ModelConfig
from textvae.models.batches import Batch
from textvae.models.inference import draw_noise, posteriors, rates_and_distortions
from textvae.models.kernels.precision import Choice, recurrences_in
from textvae.models.limits import part_fault
from textvae.models.mutual_information import mutual_information
from textvae.models.terms import BatchTerms
from textvae.models.vae import TextVAE
from textvae.registry import OBJECTIVES, STRATEGIES
from textvae.stages import training_roots
from textvae.training.automatic.looks import look
from textvae.training.checkpoints import Checkpoint
from textvae.training.config import TrainingConfig
from textvae.training.fingerprint import circumstances
from textvae.training.log import log_line
from textvae.training.loop import fit
from textvae.training.precision import precision_of, probe_batch, with_choice
from textvae.training.schedule import Schedule
from textvae.training.trainer import Trainer, part_of


@dataclass(frozen=True)
class TrainingJob:
    """A cell with its corpus, model configuration, training configuration and device.

    choice: the precision chosen for `auto`; None before the training begins.
    """

    cell: Cell
    corpus: EncodedCorpus
    model: ModelConfig
    training: TrainingConfig
    device: torch.device
    choice: Choice | None = None

    @property
    def precision_setting(self) -> str:
        return self.training.shared.precision

    @property
    def precision(self) -> torch.dtype:
        """Return the precision of the large matrix products; ValueError if not yet chosen."""
        return precision_of(self)

    @property
    def identity(self) -> dict[str, Any]:
        """Return the task as JSON. On a CPU, tasks of equal identity give the same weights."""
        return {
            "cell": self.cell.as_dict(),
            "architecture": self.model.model_dump(),
            "training": self.circumstances,
        }

    @property
    def circumstances(self) -> dict[str, Any]:
        """Return the training settings, corpus and environment that decide the weights, as JSON."""
        settings = self.model.model_dump() | self.training.model_dump()
        return {
            "recipe": self.training.model_dump(),
            "corpus": self.corpus.fingerprint,
            **circumstances(training_roots(settings), self.device, self.precision),
        }


# The mean D of 10,000 sentences has a standard error of about 0.3 nats and takes minutes at most.
VALIDATION_SENTENCES = 10_000
# Mutual information is estimated on some of them; encoding them takes seconds.
INFORMATION_SENTENCES = 1000


def train(
    task: TrainingJob,
    folder: Path,
    checkpoint_root: Path,
    checkpoint_minutes: float,
    keep_last: bool = False,
) -> None:
    """Train one cell and save it to `folder`; see `fit` for resuming and errors."""
    # Before the precision is measured, which takes seconds.
    check_settings(task)
    task = with_choice(task, checkpoint_root, lambda: probed_step(task))
    if task.choice is not None:
        log_line(str(task.cell), str(task.choice))
    fit(CellTrainer(task), folder, checkpoint_root, checkpoint_minutes, keep_last)


def check_settings(task: TrainingJob) -> None:
    """Raise InputError if objective, strategy or a part refuses its settings, C or the corpus."""
    for registry in (OBJECTIVES, STRATEGIES):
        name = getattr(task.training.shared, registry.kind)
        if reason := registry[name].check(task.training.part(registry.kind), task.cell.C):
            raise InputError(f"{task.cell}: {name}: {reason}")
    longest = int(task.corpus.split("train").lengths.max())
    settings = task.model.model_dump() | task.training.model_dump()
    objective, valid = OBJECTIVES[settings["objective"]], len(task.corpus.split("valid"))
    # Few steps are refused by the commands: a training of a few has its uses in tests.
    if reason := objective.check_job(task.training.part("objective"), settings, None, valid):
        raise InputError(f"{task.cell}: {settings['objective']}: {reason}")
    if fault := part_fault(settings, task.cell.C, longest):
        raise InputError(f"{task.cell}: {fault}")


def information(model: TextVAE, valid: Sentences, seed: int) -> dict[str, float]:
    """Return estimates of I from below and above, nats, on at most INFORMATION_SENTENCES."""
    chosen = valid.take(valid.sample(INFORMATION_SENTENCES, seed=0))
    posterior = posteriors(model, chosen)
    z = posterior.sample(draw_noise(*posterior.mean.shape, seed))
    estimates = mutual_information(z, posterior)
    return {"I": estimates.lower, "I_upper": estimates.upper}


def probed_step(task: TrainingJob) -> Callable[[torch.dtype], int]:
    """Return a training step without optimiser, on a model and a small batch of the task."""
    with torch.random.fork_rng():
        model = TextVAE(task.model, len(task.corpus.vocabulary)).to(task.device)
        batch = probe_batch(task.corpus.split("train"), task.training.shared.batch, task.device)
        noise = torch.randn(len(batch), model.architecture.latent, device=task.device)

    def step(precision: torch.dtype) -> int:
        with recurrences_in(precision, task.device):
            terms = model(batch, noise, precision)
        (terms.distortion + terms.rates.mean() + sum(terms.losses.values())).backward()
        model.zero_grad()
        return len(batch.words)

    return step


class CellTrainer(Trainer):
    """Trainer of one cell's model with its objective and strategy."""

    def __init__(self, task: TrainingJob) -> None:
        self.task = task
        cell, config = task.cell, task.training
        torch.manual_seed(cell.seed)
        # Initialised on the CPU, so that every device starts from the same weights.
        model = TextVAE(task.model, len(task.corpus.vocabulary)).to(task.device)
        for part in model.parts:
            part.aim(cell.C)
        sentences = task.corpus.split("train")
        schedule = Schedule(config.shared, len(sentences))
        super().__init__(
            *(str(cell), task.identity, model, sentences, schedule, cell.seed),
            *(task.device, task.precision),
        )
        valid = task.corpus.split("valid")
        model.inference_precision = task.precision
        self.valid = valid.take(valid.sample(VALIDATION_SENTENCES, seed=0))
        objective, settings = OBJECTIVES[config.shared.objective], config.part("objective")
        check_settings(task)
        self.objective = objective(settings, cell.C, schedule)
        self.objective.to(task.device)
        self.recorded = ("loss", "D", "R", *model.loss_names)
        if len(set(self.recorded)) < len(self.recorded):
            raise InputError(f"{cell}: two losses of one name among {', '.join(self.recorded)}")
        self.begin(STRATEGIES[config.shared.strategy](config.part("strategy"), self))

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return loss, D, R and the losses of the model's parts, scalars in nats per sentence."""
        noise = torch.randn(len(batch), self.model.architecture.latent, device=self.device)
        return self.losses_of(self.model(batch, noise, self.precision))

    def losses_of(self, terms: BatchTerms) -> dict[str, Tensor]:
        """Return the losses of `losses` from terms that are already computed."""
        loss = self.objective.loss(terms, self.step)
        for part in self.model.parts:
            for name, weight in part.loss_weights.items():
                loss = loss + weight * terms.losses[name]
        return {"loss": loss, "D": terms.distortion, "R": terms.rates.mean(), **terms.losses}

    def settings_of_step(self) -> dict[str, Any]:
        return self.objective.record(self.step)

    def after_step(self, losses: dict[str, Tensor]) -> None:
        self.objective.update(losses, self.step)
        if self.objective.looks_after(self.step):
            self.objective.look(self._look(), self.step)

    def _look(self) -> dict[str, float]:
        """Return values of the validation split for an objective that chooses C."""
        self.model.eval()
        values = look(self.model, self.valid, self.seed) | self._information()
        self.model.train()
        return values | {"sentences": min(len(self.valid), INFORMATION_SENTENCES)}

    def tensors(self) -> dict[str, Tensor]:
        state = self.objective.state_dict()
        return super().tensors() | {f"objective.{name}": value for name, value in state.items()}

    def restore(self, checkpoint: Checkpoint) -> None:
        super().restore(checkpoint)
        self.objective.load_state_dict(part_of(checkpoint.tensors, "objective"))

    def validate(self) -> dict[str, float]:
        """Return D, R and estimates of I on the validation split, nats per sentence."""
        self.model.eval()
        values = rates_and_distortions(self.model, self.valid, seed=self.seed)
        information = self._information()
        self.model.train()
        means = {"D": float(values.distortion.mean()), "R": float(values.rate.mean())}
        if not all(math.isfinite(mean) for mean in means.values()):
            raise FloatingPointError
        return means | information

    def _information(self) -> dict[str, float]:
        """Return lower and upper estimates of I; none if there are too few sentences.

        Does not change the state of torch's random number generator.
        """
        if len(self.valid) < 2:
            return {}
        estimates = information(self.model, self.valid, self.seed)
        return {name: value for name, value in estimates.items() if math.isfinite(value)}

    def conclusion(self, validation: dict[str, Any]) -> str | None:
        """Return a warning if the code carries less than a third of its rate."""
        R, information = validation.get("R"), validation.get("I_upper")
        # The log may have been changed, or be of an earlier version.
        if not isinstance(R, float) or not isinstance(information, float):
            return None
        if not carries_little(R, information):
            return None
        count = min(len(self.valid), INFORMATION_SENTENCES)
        return f"{description(R, information)} ({count} validation sentences)"

    def save(self, folder: Path) -> None:
        corpus = self.task.corpus
        trained = saved.TrainedModel(
            *(self.task.cell, self.model, corpus.vocabulary),
            normalise=corpus.normalise,
            unk_percent=unk_percent(corpus.split("train")),
        )
        outcome = self.objective.outcome()
        chosen = None if outcome is None else outcome.as_dict()
        saved.save(folder, trained, self.identity["training"], self.task.choice, chosen)
        if outcome is not None:
            log_line(self.title, str(outcome))

    def identity_of(self, folder: Path) -> dict[str, Any]:
        saved.load(folder, torch.device("cpu"))
        return read_json(folder / "config.json")
