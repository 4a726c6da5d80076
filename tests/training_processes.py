"""Trainings in other processes, which may be killed, and in this one, interrupted by the test.

A process that has imported torch, but not used it, forks one process for each training: that takes
milliseconds, while a new process takes seconds.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The steps of each kind of training: 10 epochs of 7 and of 5 batches.
STEPS = {"cell": 70, "text": 50}


class Processes:
    """Trainings started by the forking process."""

    def __init__(self, server: subprocess.Popen) -> None:
        self._server = server

    def start(self, kind: str, folder: Path, log: Path, die_after: int = 0) -> int:
        """Train into `folder` with a checkpoint after every step; return the process's id.

        log: file for stderr. die_after: the process kills itself while it writes this checkpoint.
        """
        return self._request({"start": [kind, str(folder), str(log), die_after]})

    def ended(self, process: int) -> int | None:
        """Return the exit status, negative for a signal; None while the process runs."""
        return self._request({"wait": [process, os.WNOHANG]})

    def wait(self, process: int) -> int:
        """Wait for the exit status."""
        return self._request({"wait": [process, 0]})

    def signal(self, process: int, number: int) -> None:
        """Send a signal, unless the process has ended."""
        self._request({"signal": [process, number]})

    def _request(self, request: dict[str, Any]) -> Any:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())


@contextmanager
def processes() -> Iterator[Processes]:
    """Start the forking process; end it and the processes that it forked."""
    tests = Path(__file__).parent
    paths = os.pathsep.join(map(str, (tests.parent / "src", tests)))
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    ) as server:
        try:
            yield Processes(server)
        finally:
            server.stdin.close()


def latest_step(folder: Path) -> int:
    """Return the step of the newest checkpoint of the model in `folder`; 0 if there is none."""
    names = [path.name for path in folder.glob("model.checkpoints/*/step*")]
    return max((int(name[4:13]) for name in names), default=0)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition; fail after `seconds`."""
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
    """Call `act(trainer)` after each step of the trainings of this process."""
    from textvae.training.trainer import Trainer

    advance = Trainer.advance

    def advance_and_act(trainer: Trainer, batch: Any) -> None:
        advance(trainer, batch)
        act(trainer)

    patch.setattr(Trainer, "advance", advance_and_act)


def stop_at(step: int, number: int = signal.SIGTERM) -> Callable[[Any], object]:
    """Return an action for `after_steps` that sends this process a signal."""
    return lambda trainer: trainer.step == step and os.kill(os.getpid(), number)


def _serve() -> None:
    # Imported and compiled before any fork, for all forks.
    from textvae.models.kernels import compiled
    from textvae.models.kernels.precision import PRECISIONS
    from textvae.runtime import locks
    from textvae.training.fingerprint import circumstances
    from tiny import CPU

    # The first optimiser imports torch._dynamo, which takes seconds.
    for module in ("numpy.random", "torch._dynamo", "tiny_language_model"):
        importlib.import_module(module)
    for module in ("textvae.training.cell", "textvae.fce.training"):
        importlib.import_module(module)
        # Caches the digest of the sources.
        circumstances([module], CPU, PRECISIONS["float32"])
    compiled.why_not(PRECISIONS["float32"], CPU)
    locks.BETWEEN_LOOKS = 0.02
    # Exit status by process, None while it runs.
    statuses: dict[int, int | None] = {}
    for line in sys.stdin:
        answer = None
        match json.loads(line):
            case {"start": [kind, folder, log, die_after]}:
                answer = os.fork()
                if answer == 0:
                    _train(kind, Path(folder), log, die_after)
                statuses[answer] = None
            case {"wait": [process, how]}:
                if statuses[process] is None:
                    ended, status = os.waitpid(process, how)
                    statuses[process] = os.waitstatus_to_exitcode(status) if ended else None
                answer = statuses[process]
            case {"signal": [process, number]}:
                if statuses[process] is None:
                    os.kill(process, number)
        print(json.dumps(answer), flush=True)
    for process in (process for process, status in statuses.items() if status is None):
        os.kill(process, signal.SIGKILL)


def _train(kind: str, folder: Path, log: str, die_after: int) -> None:
    """Train and exit; never returns to the loop of the parent process."""
    status = 1
    try:
        with open(log, "a") as stderr:
            os.dup2(stderr.fileno(), 2)
        if die_after:
            _die_while_writing(die_after)
        _train_kind(kind, folder)
        status = 0
    except BaseException as error:
        print(repr(error), file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


def _train_kind(kind: str, folder: Path) -> None:
    from textvae.fce import training
    from textvae.models.kernels.compiled import compiled
    from textvae.training import cell
    from tiny import tiny_task
    from tiny_language_model import text_task

    model, checkpoints = folder / "model", folder / "model.checkpoints"
    with compiled():
        if kind == "cell":
            cell.train(tiny_task(folder / "corpus", epochs=10), model, checkpoints, 0)
        else:
            # The patience exceeds the training, so that epochs without gain occur before its end.
            task = text_task(epochs=10, patience=10, learning_rate=0.1)
            training.train(task, model, checkpoints, 0)


def _die_while_writing(number: int) -> None:
    replace, checkpoints = os.replace, []

    def replace_or_die(partial: str, path: Path) -> None:
        if Path(path).name.startswith("step"):
            checkpoints.append(path)
            if len(checkpoints) == number:
                os.kill(os.getpid(), signal.SIGKILL)
        replace(partial, path)

    os.replace = replace_or_die


if __name__ == "__main__":
    _serve()
