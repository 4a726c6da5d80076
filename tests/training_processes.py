"""Trainings in processes of their own, which may be killed.

A process that has imported torch, and done nothing with it, forks one for each training: that takes
milliseconds where a new one takes seconds.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The steps of the trainings below: 20 epochs of 7 and of 5 batches.
STEPS = {"cell": 140, "rounded": 140, "text": 100}
PRECISION_OF_CELL = {"cell": "float32", "rounded": "bfloat16"}


class Processes:
    """Asks for trainings, and hears how they ended."""

    def __init__(self, asked: subprocess.Popen) -> None:
        self._asked = asked

    def start(self, kind: str, folder: Path, log: Path, die_after: int = 0) -> int:
        """Train into `folder`, a checkpoint after every step, stderr into `log`; the process's id.

        die_after: it kills itself in the middle of writing its checkpoint of that number.
        """
        return self._ask({"start": [kind, str(folder), str(log), die_after]})

    def ended(self, process: int) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._ask({"wait": [process, os.WNOHANG]})

    def wait(self, process: int) -> int:
        """The exit status, once there is one."""
        return self._ask({"wait": [process, 0]})

    def signal(self, process: int, number: int) -> None:
        """Send it a signal, unless it has ended."""
        self._ask({"signal": [process, number]})

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self._asked.stdin
        assert self._asked.stdout
        self._asked.stdin.write(json.dumps(request) + "\n")
        self._asked.stdin.flush()
        return json.loads(self._asked.stdout.readline())


@contextmanager
def processes() -> Iterator[Processes]:
    """The process that forks; with it end those that it forked."""
    tests = Path(__file__).parent
    paths = os.pathsep.join(map(str, (tests.parent / "src", tests)))
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    ) as asked:
        try:
            yield Processes(asked)
        finally:
            asked.stdin.close()


def latest_step(folder: Path) -> int:
    """Of the newest checkpoint of a training into `folder`; 0 where there is none."""
    names = [path.name for path in folder.glob("model.checkpoints/*/step*")]
    return max((int(name[4:13]) for name in names), default=0)


def until(condition: Any, seconds: float = 60) -> None:
    """Wait; the seconds are a safety net."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.001)


def outcome(folder: Path) -> tuple[bytes, str, list[dict[str, Any]]]:
    """All that must be the same, bit for bit: the weights, the config, the record but for speed."""
    lines = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("tokens_per_second", None)
    weights = (folder / "model.safetensors").read_bytes()
    return weights, (folder / "config.json").read_text(), lines


def _answer() -> None:
    # Before any fork, so that each has them.
    from textvae.models.kernels import compiled as native
    from textvae.models.kernels.precision import PRECISIONS
    from textvae.runtime import locks
    from textvae.training.fingerprint import circumstances
    from tiny import CPU

    # The second of these takes seconds, in which the first optimiser would import it.
    for module in ("numpy.random", "torch._dynamo", "tiny_language_model"):
        importlib.import_module(module)
    for module in ("textvae.training.cell", "textvae.fce.training"):
        importlib.import_module(module)
        # What it reads all sources for is kept.
        circumstances([module], CPU, PRECISIONS["float32"])
    # Builds them; forks have what their parent has.
    for precision in PRECISIONS.values():
        native.why_not(precision, CPU)
    locks.BETWEEN_LOOKS = 0.02
    # By process, None while it runs.
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
    """Never returns: what is left to do in this process is the parent's."""
    status = 1
    try:
        with open(log, "a") as stderr:
            os.dup2(stderr.fileno(), 2)
        if die_after:
            _die_while_writing(die_after)
        _kinds(kind, folder)
        status = 0
    except BaseException as error:
        print(repr(error), file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


def _kinds(kind: str, folder: Path) -> None:
    from textvae.fce import training
    from textvae.models.kernels import compiled as native
    from textvae.training import cell
    from tiny import tiny_task
    from tiny_language_model import text_task

    model, checkpoints = folder / "model", folder / "model.checkpoints"
    with native.compiled():
        if kind in PRECISION_OF_CELL:
            task = tiny_task(folder / "corpus", epochs=20, precision=PRECISION_OF_CELL[kind])
            cell.train(task, model, checkpoints, 0)
        else:
            # It stops early, but not here: so the kills meet epochs with and without gain.
            task = text_task(epochs=20, patience=20, learning_rate=0.1)
            training.train(task, model, checkpoints, 0)


def _die_while_writing(number: int) -> None:
    replace, written = os.replace, []

    def replace_or_die(partial: str, path: Path) -> None:
        if Path(path).name.startswith("step"):
            written.append(path)
            if len(written) == number:
                os.kill(os.getpid(), signal.SIGKILL)
        replace(partial, path)

    os.replace = replace_or_die


if __name__ == "__main__":
    _answer()
