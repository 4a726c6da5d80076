"""The training loop: i.i.d. batches, a record, validation, checkpoints, and a model at the end."""

import contextlib
import math
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
# The mean D of so many sentences is known to about 0.3 nats, and takes minutes at the most.
VALIDATION_SENTENCES = 10_000


class Stopped(Exception):
    """Asked to stop by a signal, its number in `signal`; a checkpoint has been written."""

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.signal = signal


def train(
    task: Task,
    folder: Path,
    checkpoint_root: Path,
    checkpoint_minutes: float,
) -> None:
    """Train one cell into its model folder; go on from the newest checkpoint if there is one.

    On a CPU the weights are a function of the task alone, bit for bit, however often the training
    was interrupted. Raises InputError, with the cell, the step and the last good checkpoint, where
    the loss is not finite, and Stopped after a SIGTERM or an interrupt from the keyboard.
    """
    sentences = task.corpus.split("train")
    schedule = Schedule(task.recipe, len(sentences))
    training = Training(task, schedule)
    keep = checkpoint_root / checkpoints.digest(task.identity)
    earlier = checkpoints.newest(keep, task.device)
    if earlier is not None:
        training.restore(earlier)
    record = Record(keep / "training.jsonl", str(task.cell), schedule.steps, training.step)
    if earlier is not None:
        record.say(f"going on after step {training.step} of {schedule.steps}")
    try:
        _run(training, sentences, keep, 60 * checkpoint_minutes, record)
        training.check_finite()
    except FloatingPointError:
        last = checkpoints.last_path(keep) or "none yet"
        raise InputError(
            f"{task.cell}: the loss is not finite at step {_faulty(training)} of {schedule.steps};"
            f" a lower learning rate may help (last good checkpoint: {last})"
        ) from None
    finally:
        record.close()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(record.path, folder / "training.jsonl")
    trained = saved.TrainedModel(task.cell, training.model, task.corpus.vocabulary)
    saved.save(folder, trained, training=task.circumstances)
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
    valid = training.task.corpus.split("valid")
    valid = valid.take(valid.sample(VALIDATION_SENTENCES, seed=0))
    with _listening_for_signals() as heard:
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
                record.write({**place, "split": "valid", **_validate(training, valid)})
                spoken_at = time.monotonic()
            if done == schedule.steps:
                return
            if heard or time.monotonic() - saved_at > seconds:
                checkpoints.save(keep, training.checkpoint())
                saved_at = time.monotonic()
            if heard:
                raise Stopped(f"{training.task.cell}: stopped after step {done}", heard[0])


def _batches(sentences: Sentences, schedule: Schedule, training: Training) -> Iterator[Batch]:
    """The batches from where the training stands to its end."""
    per_epoch, size = schedule.steps_per_epoch, schedule.recipe.batch
    while training.step < schedule.steps:
        epoch, first = divmod(training.step, per_epoch)
        order = epoch_order(len(sentences), training.task.cell.seed, epoch)
        for start in range(first * size, len(sentences), size):
            yield pack([sentences[i] for i in order[start : start + size]])


def _validate(training: Training, valid: Sentences) -> dict[str, float]:
    training.model.eval()
    sent = transmit(training.model, valid, seed=training.task.cell.seed)
    training.model.train()
    means = {"D": float(sent.distortion.mean()), "R": float(sent.rate.mean())}
    if not all(math.isfinite(mean) for mean in means.values()):
        raise FloatingPointError
    return means


def _faulty(training: Training) -> int:
    """The step that went wrong: the coming one, unless it shows only now that the last one did."""
    return min(training.step + 1, training.schedule.steps)


@contextmanager
def _listening_for_signals() -> Iterator[list[int]]:
    """Collect SIGTERM (preemption, a time limit) and SIGINT (Ctrl-C), for the loop to look at.

    Whoever presses Ctrl-C again does not want to wait for the checkpoint.
    """
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        if heard and number == signal.SIGINT:
            raise KeyboardInterrupt
        heard.append(number)

    before = {number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
