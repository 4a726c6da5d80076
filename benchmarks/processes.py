"""One command as a process of its own: how long it took, and the most memory it had."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textvae.errors import InputError

ROOT = Path(__file__).parents[1]

# What the system tells of a process's memory begins with what its parent had, until the process
# became another program. The parent here has torch in it, so a small one is put in between.
_PARENT = """
import json, os, sys, time
start = time.monotonic()
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
found = {
    "status": os.waitstatus_to_exitcode(status),
    "seconds": time.monotonic() - start,
    "cpu_seconds": usage.ru_utime + usage.ru_stime,
    "kibibytes": usage.ru_maxrss,
}
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
"""


@dataclass(frozen=True)
class Finished:
    """A command that ended well.

    seconds: from its start to its end. cpu_seconds: of them what it computed, all its threads and
        the commands that it starts together; what others do on the machine is in the first alone.
    peak_mib: the most physical memory that it had at once, in MiB, files that it maps among it;
        of a command that starts others, that of the largest.
    printed: standard output and standard error, as they came.
    """

    seconds: float
    cpu_seconds: float
    peak_mib: float
    printed: str


def run(
    command: Sequence[str | Path],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run a command, whose program is a path, in a folder, its environment laid over this one's.

    InputError with the command and its last line where it does not end well.
    """
    with tempfile.TemporaryDirectory() as own:
        told = Path(own, "told.json")
        process = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PARENT, told, *map(str, command)],
            cwd=folder,
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if not told.exists():
            raise InputError(f"{_name(command)}: not started: {_last_line(process.stdout)}")
        found = json.loads(told.read_text())
    if found["status"] != 0:
        said = _last_line(process.stdout)
        raise InputError(f"{_name(command)}: ended with status {found['status']}: {said}")
    peak = found["kibibytes"] / 1024
    return Finished(found["seconds"], found["cpu_seconds"], peak, process.stdout)


def rounds_of(rounds: int, command: Callable[[], Finished]) -> dict[str, Any]:
    """Seconds of a command that is run once to warm up and then `rounds` times, and medians."""
    command()
    done = [command() for _ in range(rounds)]
    return {
        "median": statistics.median(run.seconds for run in done),
        "median_cpu": statistics.median(run.cpu_seconds for run in done),
        "rounds": [run.seconds for run in done],
    }


def tell(line: str) -> None:
    """How far the benchmark is."""
    print(line, file=sys.stderr, flush=True)


def _name(command: Sequence[str | Path]) -> str:
    """The command's first words, without the Python that runs it."""
    words = [Path(command[0]).name, *map(str, command[1:])]
    return " ".join(words[:5])


def _last_line(printed: str) -> str:
    return next((line for line in reversed(printed.splitlines()) if line.strip()), "said nothing")
