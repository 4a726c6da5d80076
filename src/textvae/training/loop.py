"""The training loop: i.i.d. batches, a record, validation, checkpoints, and a model at the end."""

import contextlib
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from textvae.corpora.encoded import Sentences
from textvae.errors import InputError
from textvae.models import saved
from textvae.models.batches import Batch, pack
from textvae.models.channel import transmit
from textvae.training import checkpoints
from textvae.training.randomness import epoch_order
from textvae.training.recipe import Schedule
from textvae.training.record import Record
from textvae.training.state import Training
from textvae.training.task import Task

RECORDS_PER_EPOCH = 50


class Stopped(Exception):
    """Asked to stop by SIGTERM; a checkpoint has been written."""


def train(
    task: Task,
    folder: Path,
    checkpoint_root: Path,
    checkpoint_minutes: float,
    device: torch.device,
) -> None:
    """Train one cell into its model folder; go on from the newest checkpoint if there is one.

    On a CPU the weights are a function of the task alone, bit for bit, however often the training
    was interrupted. Raises InputError, with the cell, the step and the last good checkpoint, where
    the loss is not finite, and Stopped after a SIGTERM.
    """
    sentences = task.corpus.split("train")
    schedule = Schedule(task.recipe, len(sentences))
    training = Training(task, schedule, device)
    keep = checkpoint_root / checkpoints.digest(task.identity)
    earlier = checkpoints.newest(keep, device)
    if earlier is not None:
        training.restore(earlier)
    record = Record(keep / "training.jsonl", str(task.cell), schedule.steps, training.step)
    try:
        _run(training, sentences, keep, 60 * checkpoint_minutes, record)
    except FloatingPointError:
        last = checkpoints.last_path(keep) or "none yet"
        raise InputError(
            f"{task.cell}: the loss is not finite at step {training.step + 1} of {schedule.steps};"
            f" a lower learning rate may help (last good checkpoint: {last})"
        ) from None
    finally:
        record.close()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(record.path, folder / "training.jsonl")
    trained = saved.TrainedModel(task.cell, training.model, task.corpus.vocabulary)
    saved.save(folder, trained, training=task.identity)
    shutil.rmtree(keep)
    # Checkpoints of other settings, if there are any, are not ours to remove.
    with contextlib.suppress(OSError):
        checkpoint_root.rmdir()


def _run(
    training: Training, sentences: Sentences, keep: Path, seconds: float, record: Record
) -> None:
    schedule = training.schedule
    every = max(1, schedule.steps_per_epoch // RECORDS_PER_EPOCH)
    saved_at = spoken_at = time.monotonic()
    with _listening_for_sigterm() as asked_to_stop:
        for batch in _batches(sentences, schedule, training):
            target = training.target
            training.advance(batch)
            record.advance()
            done = training.step
            place = {"step": done, "epoch": round(done / schedule.steps_per_epoch, 4)}
            end_of_epoch = done % schedule.steps_per_epoch == 0
            if done % every == 0 or end_of_epoch:
                tokens, means = training.sums.take()
                speed = round(tokens / (time.monotonic() - spoken_at), 1)
                record.write({**place, "C": target, **means, "tokens_per_second": speed})
                spoken_at = time.monotonic()
            if end_of_epoch:
                record.write({**place, "split": "valid", **_validate(training)})
                spoken_at = time.monotonic()
            if done == schedule.steps:
                return
            if asked_to_stop() or time.monotonic() - saved_at > seconds:
                if not training.sums.values.isfinite().all():
                    raise FloatingPointError
                checkpoints.save(keep, training.checkpoint())
                saved_at = time.monotonic()
            if asked_to_stop():
                raise Stopped(f"{training.task.cell}: stopped after step {done}")


def _batches(sentences: Sentences, schedule: Schedule, training: Training) -> Iterator[Batch]:
    """The batches from where the training stands to its end."""
    per_epoch, size = schedule.steps_per_epoch, schedule.recipe.batch
    while training.step < schedule.steps:
        epoch, first = divmod(training.step, per_epoch)
        order = epoch_order(len(sentences), training.task.cell.seed, epoch)
        for start in range(first * size, len(sentences), size):
            yield pack([sentences[i] for i in order[start : start + size]])


def _validate(training: Training) -> dict[str, float]:
    task = training.task
    training.model.eval()
    sent = transmit(training.model, task.corpus.split("valid"), seed=task.cell.seed)
    training.model.train()
    return {"D": float(sent.distortion.mean()), "R": float(sent.rate.mean())}


@contextmanager
def _listening_for_sigterm() -> Iterator[Callable[[], bool]]:
    """Turn SIGTERM (preemption, a time limit) into a question that the loop asks."""
    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append(True))
    try:
        yield lambda: bool(heard)
    finally:
        signal.signal(signal.SIGTERM, before)
