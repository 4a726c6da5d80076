"""The training loop: i.i.d. batches, a record, validation, checkpoints, and a model at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from textvae.errors import InputError
from textvae.io import fault, read_text, remove_partials, write_text
from textvae.models.batches import Batch, pack
from textvae.runtime.locks import held
from textvae.runtime.signals import Stopped, listening
from textvae.training.checkpoints import Checkpoints, step_of
from textvae.training.completion import mark, remove, unmark
from textvae.training.fingerprint import digest, others, write_down
from textvae.training.log import Record, say
from textvae.training.schedule import epoch_order
from textvae.training.trainer import Trainer

RECORDS_PER_EPOCH = 50


def fit(
    trainer: Trainer,
    folder: Path,
    checkpoint_root: Path,
    checkpoint_minutes: float,
    keep_last: bool = False,
) -> None:
    """Train to the end, going on from the newest checkpoint if there is one; then save the model.

    On a CPU the weights are a function of the training's identity, bit for bit, however often it
    was interrupted. `folder` gets the record beside what the training saves there. Where another
    process writes to it, this one waits; it takes the model that came of that if it is the same
    one. With `keep_last` the checkpoint of the last step stays, and the same call saves the same
    model again, should whoever asked for it not have noticed that it was done. Raises InputError,
    with the title, where the loss is not finite (with the step and the last good checkpoint) or the
    disk fails, and Stopped after a SIGTERM or an interrupt from the keyboard.
    """
    checkpoints = Checkpoints(checkpoint_root, digest(trainer.identity))
    lock = folder.with_name(f"{folder.name}.lock")
    with _disk_faults_named(trainer.title, checkpoints), held(lock, trainer.title) as waited:
        if waited and _is_there(trainer, folder):
            say(trainer.title, f"is in {folder} by now, nothing is left to do")
        else:
            _train(trainer, checkpoints, 60 * checkpoint_minutes, folder)
        if keep_last:
            mark(checkpoints.folder)
        else:
            remove(checkpoints.folder)


def _train(
    trainer: Trainer,
    checkpoints: Checkpoints,
    seconds: float,
    folder: Path,
) -> None:
    remove_partials(checkpoints.folder)
    for other, reason in others(trainer.identity, checkpoints.folder.parent):
        say(trainer.title, f"checkpoints in {other} are not used ({reason}); they may be deleted")
    write_down(trainer.identity, checkpoints.folder)
    unmark(checkpoints.folder)
    steps = trainer.schedule.steps
    earlier = checkpoints.newest(trainer.device, trainer.misfit)
    if earlier is not None:
        trainer.restore(earlier)
        say(trainer.title, f"going on after step {trainer.step} of {steps}")
    elif checkpoints.refused:
        say(trainer.title, "warning: no checkpoint can be used, the training begins anew")
    record = Record(checkpoints.folder / "training.jsonl", trainer.title, steps, trainer.step)
    try:
        _run(trainer, checkpoints, seconds, record)
        trainer.check_finite()
        if earlier is None or earlier.step < steps:
            # What follows may find no room for the model.
            record.flush()
            if missing := _save(trainer, checkpoints):
                record.say(missing)
    except FloatingPointError:
        raise InputError(
            f"{trainer.title}: the loss is not finite at step {_faulty(trainer)} of {steps};"
            f" a lower learning rate may help {_last(checkpoints)}"
        ) from None
    finally:
        record.close()
    write_text(folder / "training.jsonl", read_text(record.path))
    trainer.save(folder)


def _run(
    trainer: Trainer,
    checkpoints: Checkpoints,
    seconds: float,
    record: Record,
) -> None:
    schedule = trainer.schedule
    every = max(1, schedule.steps_per_epoch // RECORDS_PER_EPOCH)
    saved_at = spoken_at = time.monotonic()
    with listening() as heard:
        for batch in _batches(trainer):
            done = trainer.step + 1
            end_of_epoch = done % schedule.steps_per_epoch == 0
            recorded = done % every == 0 or end_of_epoch
            # As they are before the step: an objective may change them in it.
            settings = trainer.settings_of_step() if recorded else {}
            trainer.advance(batch)
            record.advance()
            place = {"step": done, "epoch": round(done / schedule.steps_per_epoch, 4)}
            if recorded:
                tokens, means = trainer.sums.take()
                speed = round(tokens / (time.monotonic() - spoken_at), 1)
                record.write({**place, **settings, **means, "tokens_per_second": speed})
                spoken_at = time.monotonic()
            if end_of_epoch:
                validation = trainer.validate()
                record.write({**place, "split": "valid", **validation})
                trainer.strategy.end_epoch(validation)
                spoken_at = time.monotonic()
            if trainer.finished:
                return
            if heard or time.monotonic() - saved_at > seconds:
                # A node that dies must not leave a checkpoint that is newer than the record.
                record.flush()
                missing = _save(trainer, checkpoints)
                if heard:
                    raise Stopped(_farewell(trainer, checkpoints, missing), heard[0])
                if missing:
                    record.say(f"{missing}; the training goes on {_last(checkpoints)}")
                saved_at = time.monotonic()


def _save(trainer: Trainer, checkpoints: Checkpoints) -> str | None:
    """Write a checkpoint; what to say where the disk does not take it."""
    try:
        checkpoints.save(trainer.checkpoint())
    except (OSError, InputError) as error:
        of_system = isinstance(error, OSError)
        reason = f"{error.filename}: {error.strerror}" if of_system else str(error)
        return f"no checkpoint after step {trainer.step}: {reason}"
    return None


def _farewell(trainer: Trainer, checkpoints: Checkpoints, missing: str | None) -> str:
    stopped = f"{trainer.title}: stopped after step {trainer.step}"
    if missing is None:
        return f"{stopped}, will go on from there"
    if checkpoints.last is None:
        return f"{stopped}; {missing}; will begin anew, there is no earlier one"
    return f"{stopped}; {missing}; will go on after step {step_of(checkpoints.last)}"


def _batches(trainer: Trainer) -> Iterator[Batch]:
    """The batches from where the training stands to its end."""
    sentences = trainer.sentences
    per_epoch, size = trainer.schedule.steps_per_epoch, trainer.schedule.recipe.batch
    while trainer.step < trainer.schedule.steps:
        epoch, first = divmod(trainer.step, per_epoch)
        order = epoch_order(len(sentences), trainer.seed, epoch)
        for start in range(first * size, len(sentences), size):
            yield pack([sentences[i] for i in order[start : start + size]])


def _faulty(trainer: Trainer) -> int:
    """The step that went wrong: the coming one, unless it shows only now that the last one did."""
    return min(trainer.step + 1, trainer.schedule.steps)


def _last(checkpoints: Checkpoints) -> str:
    return f"(last good checkpoint: {checkpoints.last or 'none yet'})"


def _is_there(trainer: Trainer, folder: Path) -> bool:
    """Whether a whole model of this very identity is in its folder."""
    try:
        told = trainer.identity_of(folder)
        read_text(folder / "training.jsonl")
        same = digest({name: told.get(name) for name in trainer.identity})
    except (InputError, KeyError, AttributeError, ValueError):
        return False
    return same == digest(trainer.identity)


@contextmanager
def _disk_faults_named(title: str, checkpoints: Checkpoints) -> Iterator[None]:
    """What the system refuses of a file is told with the title, and what is kept."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"{title}: {fault(error)} {_last(checkpoints)}") from error
