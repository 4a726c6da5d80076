"""The training loop: i.i.d. batches, log, validation, checkpoints, and saving the model."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from textvae.errors import InputError
from textvae.io import fault, read_json, read_text, remove_partials, write_text
from textvae.models.batches import Batch, pack
from textvae.runtime import costs
from textvae.runtime.locks import locked
from textvae.runtime.signals import Stopped, listening
from textvae.training.checkpoints import Checkpoints, step_of
from textvae.training.completion import mark, remove, unmark
from textvae.training.fingerprint import digest, other_training, others, write_identity
from textvae.training.log import TrainingLog, log_line
from textvae.training.schedule import epoch_order
from textvae.training.trainer import Trainer
from textvae.vacancy import check_model_folder

RECORDS_PER_EPOCH = 50
# Of a training and its interrupted runs, beside its checkpoints.
COSTS = "costs.tsv"


def fit(
    trainer: Trainer,
    folder: Path,
    checkpoint_root: Path,
    checkpoint_minutes: float,
    keep_last: bool = False,
) -> None:
    """Train to the end, resuming from the newest checkpoint if any; then save model and log.

    On a CPU the weights are a function of the training's identity, bit for bit, however often it is
    interrupted. If another process is writing to `folder`, wait for it; a finished model there that
    has the same identity is kept. With `keep_last` the checkpoint of the last step is kept, so that
    the same call can save the same model again if the workflow deletes it. Raises InputError, with
    the title, if `folder` contains a model of other settings or other files in its place, if the
    loss is not finite (with the step and the last valid checkpoint) or the disk fails, and Stopped
    after SIGTERM, SIGINT or SIGHUP.
    """
    checkpoints = Checkpoints(checkpoint_root, digest(trainer.identity))
    lock = folder.with_name(f"{folder.name}.lock")
    with _disk_errors_named(trainer.title, checkpoints), locked(lock, trainer.title) as waited:
        costs.resume(checkpoints.folder / COSTS)
        if _is_finished(trainer, folder):
            by = " by another process" if waited else ""
            log_line(trainer.title, f"already finished{by} in {folder}")
        else:
            _check_vacant(trainer, folder)
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
        log_line(
            trainer.title,
            f"checkpoints in {other} are of another training ({reason}); they may be deleted unless"
            " it is running or to be continued",
        )
    write_identity(trainer.identity, checkpoints.folder)
    unmark(checkpoints.folder)
    steps = trainer.schedule.steps
    earlier = checkpoints.newest(trainer.device, trainer.misfit)
    if earlier is not None:
        trainer.restore(earlier)
        log_line(trainer.title, f"resuming after step {trainer.step} of {steps}")
    elif checkpoints.refused:
        log_line(
            trainer.title, "warning: no checkpoint is usable, training starts from the beginning"
        )
    log = TrainingLog(checkpoints.folder / "training.jsonl", trainer.title, steps, trainer.step)
    try:
        _run(trainer, checkpoints, seconds, log)
        trainer.check_finite()
        if earlier is None or earlier.step < trainer.step:
            # Checkpoint first: saving the model may fail on a full disk.
            log.flush()
            if failure := _save(trainer, checkpoints):
                log.write_line(failure)
    except FloatingPointError:
        raise InputError(
            f"{trainer.title}: the loss is not finite at step {_failed_step(trainer)} of {steps};"
            f" a lower learning rate may help {_last_checkpoint(checkpoints)}"
        ) from None
    finally:
        log.close()
    write_text(folder / "training.jsonl", read_text(log.path))
    trainer.save(folder)
    if log.validation and (warning := trainer.conclusion(log.validation)):
        log_line(trainer.title, f"warning: {warning}")


def _run(
    trainer: Trainer,
    checkpoints: Checkpoints,
    seconds: float,
    log: TrainingLog,
) -> None:
    schedule = trainer.schedule
    every = max(1, schedule.steps_per_epoch // RECORDS_PER_EPOCH)
    saved_at = logged_at = time.monotonic()
    # Of the steps since the last line that an interrupted run took: not in the time from now.
    earlier = trainer.sums.tokens
    with listening() as signals:
        # A training that stopped early has no more steps, although its schedule has.
        for batch in () if trainer.finished else _batches(trainer):
            done = trainer.step + 1
            end_of_epoch = done % schedule.steps_per_epoch == 0
            recorded = done % every == 0 or end_of_epoch
            # Read before the step, during which an objective may change them.
            settings = trainer.settings_of_step() if recorded else {}
            trainer.advance(batch)
            log.advance()
            position = {"step": done, "epoch": round(done / schedule.steps_per_epoch, 4)}
            if recorded:
                tokens, means = trainer.sums.take()
                speed = round((tokens - earlier) / (time.monotonic() - logged_at), 1)
                earlier = 0
                taken = trainer.strategy.record()
                further = {**taken, **means, "tokens_per_second": speed}
                if twice := settings.keys() & (position | further).keys():
                    raise InputError(
                        f"{trainer.title}: the objective's `record` has {min(twice)}, which the log"
                        " has without it; expected another name"
                    )
                log.write({**position, **settings, **further})
                logged_at = time.monotonic()
            if end_of_epoch:
                validation = trainer.validate()
                log.write({**position, "split": "valid", **validation})
                trainer.strategy.end_epoch(validation)
                logged_at = time.monotonic()
            if trainer.finished:
                return
            if signals or time.monotonic() - saved_at > seconds:
                # If the node dies, no checkpoint may be newer than the log.
                log.flush()
                failure = _save(trainer, checkpoints)
                if signals:
                    raise Stopped(_stop_message(trainer, checkpoints, failure), signals[0])
                if failure:
                    log.write_line(f"{failure}; training continues {_last_checkpoint(checkpoints)}")
                saved_at = time.monotonic()


def _save(trainer: Trainer, checkpoints: Checkpoints) -> str | None:
    """Write a checkpoint; return a message if that fails, None otherwise."""
    try:
        checkpoints.save(trainer.checkpoint())
        costs.keep(checkpoints.folder / COSTS)
    except (OSError, InputError) as error:
        of_system = isinstance(error, OSError)
        reason = f"{error.filename}: {error.strerror}" if of_system else str(error)
        return f"no checkpoint after step {trainer.step}: {reason}"
    return None


def _stop_message(trainer: Trainer, checkpoints: Checkpoints, failure: str | None) -> str:
    """Return where the training stopped and from which step it will resume."""
    stopped = f"{trainer.title}: stopped after step {trainer.step}"
    if failure is None:
        return f"{stopped}, will resume from there"
    if checkpoints.last is None:
        return f"{stopped}; {failure}; will start again, there is no earlier checkpoint"
    return f"{stopped}; {failure}; will resume after step {step_of(checkpoints.last)}"


def _batches(trainer: Trainer) -> Iterator[Batch]:
    """Yield the batches from the current step to the end."""
    sentences = trainer.sentences
    per_epoch, size = trainer.schedule.steps_per_epoch, trainer.schedule.recipe.batch
    while trainer.step < trainer.schedule.steps:
        epoch, first = divmod(trainer.step, per_epoch)
        order = epoch_order(len(sentences), trainer.seed, epoch)
        for start in range(first * size, len(sentences), size):
            yield pack([sentences[i] for i in order[start : start + size]])


def _failed_step(trainer: Trainer) -> int:
    """Return the failed step from 1: the coming one, or the last if the training is over."""
    return min(trainer.step + 1, trainer.schedule.steps)


def _last_checkpoint(checkpoints: Checkpoints) -> str:
    """Return the last valid checkpoint for a message."""
    return f"(last valid checkpoint: {checkpoints.last or 'none yet'})"


def _check_vacant(trainer: Trainer, folder: Path) -> None:
    """Raise InputError if `folder` contains a model of other settings, text or seed, or own files.

    A model of this training that does not load, or is of other circumstances, may be replaced.
    """
    try:
        check_model_folder(folder)
    except InputError as error:
        raise InputError(f"{trainer.title}: {error}") from None
    if not (folder / "config.json").exists():
        return
    config = read_json(folder / "config.json")
    of_text, to_be_of_text = "language_model" in config, "cell" not in trainer.identity
    if of_text != to_be_of_text:
        kinds = ("text VAE", "language model")
        raise InputError(
            f"{trainer.title}: {folder} contains a {kinds[of_text]}, expected a new folder for this"
            f" {kinds[to_be_of_text]}"
        )
    saved = config["training"] if of_text else config
    if reason := other_training(saved, trainer.identity):
        raise InputError(
            f"{trainer.title}: {folder} contains a finished model of another training ({reason});"
            " remove it, or choose another folder"
        )


def _is_finished(trainer: Trainer, folder: Path) -> bool:
    """Return whether `folder` contains a complete model of the same identity."""
    try:
        saved = trainer.identity_of(folder)
        read_text(folder / "training.jsonl")
        same = digest({name: saved.get(name) for name in trainer.identity})
    except (InputError, KeyError, AttributeError, ValueError):
        return False
    return same == digest(trainer.identity)


@contextmanager
def _disk_errors_named(title: str, checkpoints: Checkpoints) -> Iterator[None]:
    """Turn an OSError into an InputError with the title and the last valid checkpoint."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"{title}: {fault(error)} {_last_checkpoint(checkpoints)}") from error
