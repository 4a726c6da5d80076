"""The training loop: i.i.d. batches, a record, validation, checkpoints, and a model at the end."""

import contextlib
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from textvae.corpora.encoded import Sentences
from textvae.errors import InputError
from textvae.models.batches import Batch, pack
from textvae.optimisation import checkpoints
from textvae.optimisation.randomness import epoch_order
from textvae.optimisation.record import Record
from textvae.optimisation.state import Training

RECORDS_PER_EPOCH = 50


class Stopped(Exception):
    """Asked to stop by a signal, its number in `signal`; a checkpoint has been written."""

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.signal = signal


def optimise(
    training: Training,
    sentences: Sentences,
    identity: object,
    folder: Path,
    checkpoint_root: Path,
    checkpoint_minutes: float,
    save: Callable[[], None],
) -> None:
    """Train to the end, going on from the newest checkpoint if there is one; then `save` it.

    identity: all that decides the outcome, as JSON. On a CPU the weights are a function of it, bit
    for bit, however often the training was interrupted. `folder` gets the record beside what `save`
    writes there. Raises InputError, with the title, the step and the last good checkpoint, where
    the loss is not finite, and Stopped after a SIGTERM or an interrupt from the keyboard.
    """
    schedule = training.schedule
    keep = checkpoint_root / checkpoints.digest(identity)
    earlier = checkpoints.newest(keep, training.device)
    if earlier is not None:
        training.restore(earlier)
    record = Record(keep / "training.jsonl", training.title, schedule.steps, training.step)
    if earlier is not None:
        record.say(f"going on after step {training.step} of {schedule.steps}")
    try:
        _run(training, sentences, keep, 60 * checkpoint_minutes, record)
        training.check_finite()
    except FloatingPointError:
        last = checkpoints.last_path(keep) or "none yet"
        raise InputError(
            f"{training.title}: the loss is not finite at step {_faulty(training)} of"
            f" {schedule.steps}; a lower learning rate may help (last good checkpoint: {last})"
        ) from None
    finally:
        record.close()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(record.path, folder / "training.jsonl")
    save()
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
    with _listening_for_signals() as heard:
        for batch in _batches(sentences, training):
            settings = training.settings_of_step()
            training.advance(batch)
            record.advance()
            done = training.step
            place = {"step": done, "epoch": round(done / schedule.steps_per_epoch, 4)}
            end_of_epoch = done % schedule.steps_per_epoch == 0
            if done % every == 0 or end_of_epoch:
                tokens, means = training.sums.take()
                speed = round(tokens / (time.monotonic() - spoken_at), 1)
                record.write({**place, **settings, **means, "tokens_per_second": speed})
                spoken_at = time.monotonic()
            if end_of_epoch:
                record.write({**place, "split": "valid", **training.validate()})
                spoken_at = time.monotonic()
            if training.finished:
                return
            if heard or time.monotonic() - saved_at > seconds:
                checkpoints.save(keep, training.checkpoint())
                saved_at = time.monotonic()
            if heard:
                raise Stopped(f"{training.title}: stopped after step {done}", heard[0])


def _batches(sentences: Sentences, training: Training) -> Iterator[Batch]:
    """The batches from where the training stands to its end."""
    per_epoch, size = training.schedule.steps_per_epoch, training.schedule.recipe.batch
    while training.step < training.schedule.steps:
        epoch, first = divmod(training.step, per_epoch)
        order = epoch_order(len(sentences), training.seed, epoch)
        for start in range(first * size, len(sentences), size):
            yield pack([sentences[i] for i in order[start : start + size]])


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
