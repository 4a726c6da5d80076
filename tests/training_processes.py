"""Trainings in other processes, which may be killed, and in this one, interrupted by the test."""

import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

# The steps of each kind of training: 10 epochs of 7 and of 5 batches.
STEPS = {"cell": 70, "text": 50}
# Processes are forked from one that has done the imports, which take seconds, but not used torch.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["warm_trainings"])


def start(kind: str, folder: Path, log: Path, die_after: int = 0) -> Any:
    """Start a process that trains into `folder`, with a checkpoint after every step.

    log: file for stderr. die_after: the process kills itself while it writes this checkpoint.
    """
    arguments = (kind, folder, log, die_after)
    process = _CONTEXT.Process(target=_train, args=arguments, daemon=True)
    with mock.patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
        process.start()
    return process


def wait(process: Any) -> int:
    """Return the exit status of a process, negative for a signal."""
    process.join(60)
    return process.exitcode


def send(process: Any, number: int) -> None:
    """Send a signal, unless the process has ended."""
    if process.is_alive():
        os.kill(process.pid, number)


def latest_step(folder: Path) -> int:
    names = [path.name for path in folder.glob("model.checkpoints/*/step*")]
    return max((int(name[4:13]) for name in names), default=0)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not become true"
        time.sleep(0.001)


def outcome(folder: Path) -> tuple[bytes, str, list[dict[str, Any]]]:
    """Return all that must be equal bit for bit: weights, config, and log without speeds."""
    lines = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("tokens_per_second", None)
    weights = (folder / "model.safetensors").read_bytes()
    return weights, (folder / "config.json").read_text(), lines


def after_steps(patch: Any, act: Callable[[Any], object]) -> None:
    from textvae.training.trainer import Trainer

    advance = Trainer.advance

    def advance_and_act(trainer: Trainer, batch: Any) -> None:
        advance(trainer, batch)
        act(trainer)

    patch.setattr(Trainer, "advance", advance_and_act)


def stop(trainer: Any, number: int = signal.SIGTERM) -> None:
    """Send this process a signal: an action for `after_steps`."""
    os.kill(os.getpid(), number)


def stop_at(step: int, number: int = signal.SIGTERM) -> Callable[[Any], object]:
    """Return an action for `after_steps` that sends this process a signal after one step."""
    return lambda trainer: trainer.step == step and stop(trainer, number)


def _train(kind: str, folder: Path, log: Path, die_after: int) -> None:
    from textvae.fce import training
    from textvae.models.kernels.compiled import compiled
    from textvae.training import cell
    from tiny import tiny_task
    from tiny_language_model import text_task

    with log.open("a") as stderr:
        os.dup2(stderr.fileno(), 2)
    if die_after:
        _die_while_writing(die_after)
    model, checkpoints = folder / "model", folder / "model.checkpoints"
    with compiled():
        if kind == "cell":
            cell.train(tiny_task(folder / "corpus", epochs=10), model, checkpoints, 0)
        else:
            # The patience exceeds the training, so that epochs without gain occur before its end.
            task = text_task(epochs=10, patience=10, learning_rate=0.1)
            training.train(task, model, checkpoints, 0)


def _die_while_writing(number: int) -> None:
    replace = os.replace

    def replace_or_die(partial: str, path: Path) -> None:
        if Path(path).name.startswith(f"step{number:09d}-"):
            os.kill(os.getpid(), signal.SIGKILL)
        replace(partial, path)

    os.replace = replace_or_die
