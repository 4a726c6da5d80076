"""The trainings of a search for C in one folder, each skipped if its model is already there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from textvae.bootstrap import standard_error
from textvae.cells import Cell
from textvae.choice.checks import PAPERS
from textvae.choice.halving import KEPT, SHARES, Rung, cost, rank_correlation
from textvae.choice.request import check_model
from textvae.choice.rung import checkpoints_of, train_to
from textvae.choice.text import FCE
from textvae.corpora.encoded import Sentences, load_array, save_array
from textvae.io import read_json, write_json
from textvae.models import saved
from textvae.models.inference import rates_and_distortions
from textvae.models.limits import part_fault
from textvae.runtime import costs
from textvae.training.automatic.controller import Outcome
from textvae.training.automatic.information import tolerance
from textvae.training.automatic.looks import look
from textvae.training.cell import VALIDATION_SENTENCES, TrainingJob, information, train
from textvae.training.log import log_line
from textvae.training.loop import COSTS

# A training at the C that was found confirms it within this many nats of D or R; of I, or in units,
# within the tolerance of the search.
CONFIRMED = 1.0
# Nats of I that are next to none.
NOTHING = 0.1


@dataclass(frozen=True)
class Search:
    """A folder, and a training whose model is that of the search; its C and objective are not."""

    folder: Path
    task: TrainingJob
    checkpoint_minutes: float

    def training(self, name: str, C: float, model: dict[str, Any], **changes: Any) -> Path:
        """Train a model with changed settings, unless it is there; return its folder."""
        folder, job = self.folder / name, self.job(name, C, model, **changes)
        if (folder / "config.json").exists():
            check_model(folder, job.identity)
        else:
            train(job, folder, *self._checkpoints(folder))
            self.keep_costs()
        return folder

    def job(self, name: str, C: float, model: dict[str, Any], **changes: Any) -> TrainingJob:
        """Return a training with changed settings; the others are as they were, if it has them."""
        task = self.task
        cell = Cell(task.corpus.name, name, C, task.cell.seed)
        training = task.training.model_dump() | changes
        return replace(
            task,
            cell=cell,
            model=type(task.model).resolve(task.model.model_dump() | model),
            training=type(task.training).resolve(training),
        )

    def fault(self, C: float) -> str | None:
        """Return why a part of the model cannot be trained at a C, as a message; None if it can."""
        trained = self.task.model.model_dump() | self.task.training.model_dump()
        longest = self.task.corpus.counted("train", "longest")
        return part_fault({**trained, "objective": PAPERS}, C, longest)

    def resume_costs(self) -> None:
        """Add the costs of the earlier runs of this search to those of this one."""
        costs.resume(self.folder / COSTS)

    def keep_costs(self) -> None:
        """Keep the costs until now for the run that continues this search."""
        costs.keep(self.folder / COSTS)

    def _checkpoints(self, folder: Path) -> tuple[Path, float]:
        return checkpoints_of(folder), self.checkpoint_minutes

    def by_objective(self, objective: str, **settings: Any) -> Outcome:
        """Return how the search by an objective that moves C ended."""
        folder = self.training("search", 0.0, {}, objective=objective, **settings)
        return Outcome(**read_json(folder / "config.json")["automatic"])

    def gap(self) -> tuple[float, float, float]:
        """Return D of the model without a code, as an autoencoder, and the error of the difference.

        Each takes a training. The error is of the same sentences, paired.
        """
        empty = {"posterior": "constant", "constant_rate": 0.0, "prior": "standard-normal"}
        # There is no encoder that a strategy could train in another way.
        plain = {"objective": "elbo", "beta": 1.0, "strategy": "standard"}
        without = self.training("without-code", 0.0, empty, **plain)
        full = self.training("autoencoder", 0.0, {}, objective="elbo", beta=0.0)
        high, low = self._distortions(without), self._distortions(full)
        return float(high.mean()), float(low.mean()), standard_error(high - low)

    def measured(self, model: Path) -> dict[str, float]:
        """Return D, R, I and soft active units of a model on validation sentences."""
        path = model / "validation.json"
        if not path.exists():
            write_json(path, self._measured(model))
        return read_json(path)

    def _measured(self, model: Path) -> dict[str, float]:
        trained, seed = saved.load(model, self.task.device), self.task.cell.seed
        values = look(trained.model, self._validation(), seed)
        return values | information(trained.model, self.task.corpus.split("valid"), seed)

    def _distortions(self, model: Path) -> np.ndarray:
        """Return D of each validation sentence, nats, (N,)."""
        trained = saved.load(model, self.task.device)
        values = rates_and_distortions(trained.model, self._validation(), self.task.cell.seed)
        return np.asarray(values.distortion, dtype=np.float64)

    def _validation(self) -> Sentences:
        valid = self.task.corpus.split("valid")
        return valid.take(valid.sample(VALIDATION_SENTENCES, seed=0))

    def by_fce(self, grid: Sequence[float], fce: FCE) -> tuple[Outcome, float, Path]:
        """Search by successive halving; return the outcome, its cost, and the last model."""
        rungs: list[Rung] = []
        levels, trained = list(grid), []
        for number, share in enumerate(SHARES, start=1):
            trained.append(len(levels))
            rungs.append(Rung({C: self._rung(number, share, C, fce) for C in levels}))
            shown = ", ".join(f"C = {C:g}: {nats:.2f}" for C, nats in rungs[-1].means().items())
            log_line("choose-C", f"rung {number} of {len(SHARES)}: FCE in nats: {shown}")
            if number <= len(KEPT):
                levels = rungs[-1].kept(KEPT[number - 1])
        (C,) = levels
        correlation = rank_correlation(rungs[0].means(), rungs[1].means())
        ranks = f"{correlation:.2f}" if correlation is not None else "too few C to compare"
        if correlation is None and trained[1] > 2:
            ranks = "none, since FCE is the same at all C"
        reason = (
            f"of {len(grid)} C, {trained[1]} were trained to a third and the best to the end; FCE"
            f" = {rungs[-1].means()[C]:.2f} nats on validation sentences; rank correlation of the"
            f" first two rungs: {ranks}"
        )
        if equal := rungs[0].equal():
            reason += (
                f"; after a ninth of the steps {equal} of {len(grid)} C were not told apart, their"
                " models being the same while C rises from 0"
            )
        figures = {
            "rungs": [{f"{C:g}": nats for C, nats in rung.means().items()} for rung in rungs],
            "rank_correlation": correlation,
            "fce_nats": rungs[-1].means()[C],
        }
        status = "missed" if C in (grid[0], grid[-1]) and len(grid) > 1 else "reached"
        if status == "missed":
            reason += "; it is an end of the grid, beyond which FCE may be lower still"
        outcome = Outcome("fce", status, C, reason, figures)
        return outcome, cost(trained), self._folder(len(SHARES), C)

    def _folder(self, number: int, C: float) -> Path:
        return self.folder / f"C{C:g}" / f"rung{number}"

    def _rung(self, number: int, share: float, C: float, fce: FCE) -> np.ndarray:
        """Return -log p of the validation sentences for a C, trained to a share of the steps."""
        folder = self._folder(number, C)
        path = folder / "costs.npy"
        job = self.job("fce", C, {}, objective="rate-target")
        if (folder / "config.json").exists():
            check_model(folder, job.identity)
            if path.exists():
                return load_array(path, "textvae choose-C")
        else:
            before = self._folder(number - 1, C) if number > 1 else None
            train_to(job, share, folder, before, self.checkpoint_minutes)
        nats = fce.costs(folder, folder, f"C = {C:g}, rung {number}", self.checkpoint_minutes)
        save_array(path, nats)
        self.keep_costs()
        return nats

    def confirmation(self, C: float, number: int = 1) -> Path:
        """Return the folder of a training from the start at a C, with the paper's objective.

        number: 1 for the C that a search found, more for corrections of it.
        """
        name = "model" if number == 1 else f"model{number}"
        return self.training(name, C, {}, objective="rate-target")


def confirmed(outcome: Outcome, measured: dict[str, float]) -> tuple[str, bool]:
    """Return what a training at the C that was found is compared by, and whether it agrees.

    A training whose code has next to no information never agrees.
    """
    compared, agrees = _comparison(outcome, measured)
    if measured["I"] > NOTHING:
        return compared, agrees
    return f"{compared}, and the code has next to no information", False


def _comparison(outcome: Outcome, measured: dict[str, float]) -> tuple[str, bool]:
    figures = outcome.figures
    if outcome.by == "distortion":
        return _compared("D", "D*", measured["D"], figures["target"])
    if outcome.by == "information":
        within = tolerance(figures["target"], None)
        return _compared("I", "I*", measured["I"], figures["target"], within)
    if outcome.by == "units":
        units, within = measured["soft_active_units"], tolerance(None, figures["target"])
        return _compared("AU", "AU*", units, figures["target"], within)
    if outcome.by == "sweep":
        D = float(np.interp(outcome.C, figures["C"], figures["D"]))
        return _compared("D", "that of the sweep", measured["D"], D)
    return _compared("R", "C", measured["R"], outcome.C)


def _compared(
    name: str, what: str, value: float, expected: float, within: float = CONFIRMED
) -> tuple[str, bool]:
    missing = abs(value - expected)
    return f"{name} is {missing:.2f} from {what} = {expected:.2f}", missing <= within
