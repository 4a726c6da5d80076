"""Run a command as a separate process, and measure its time and peak memory."""

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

# The peak memory that the system reports for a child includes that of its parent before exec. This
# process has torch loaded, so a small process in between starts the command.
_PARENT = """
import json, os, sys, time
start = time.monotonic()
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
usage_of_child = {
    "status": os.waitstatus_to_exitcode(status),
    "seconds": time.monotonic() - start,
    "cpu_seconds": usage.ru_utime + usage.ru_stime,
    "kibibytes": usage.ru_maxrss,
}
with open(sys.argv[1], "w") as file:
    json.dump(usage_of_child, file)
"""


@dataclass(frozen=True)
class Finished:
    """A command that ended successfully.

    seconds: wall-clock time. cpu_seconds: CPU time of all its threads and child processes, not
        affected by other load on the machine.
    peak_mib: peak resident memory in MiB, including memory-mapped files; with child processes, that
        of the largest.
    printed: standard output and standard error, interleaved.
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
    """Run a command, whose program is a path, in a folder; environment: additional variables.

    InputError, with the command and its last line of output, if it fails.
    """
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary, "report.json")
        process = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PARENT, report, *map(str, command)],
            cwd=folder,
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if not report.exists():
            raise InputError(f"{_name(command)}: not started: {_last_line(process.stdout)}")
        usage = json.loads(report.read_text())
    if usage["status"] != 0:
        message = _last_line(process.stdout)
        raise InputError(f"{_name(command)}: ended with status {usage['status']}: {message}")
    peak = usage["kibibytes"] / 1024
    return Finished(usage["seconds"], usage["cpu_seconds"], peak, process.stdout)


def rounds_of(rounds: int, command: Callable[[], Finished]) -> dict[str, Any]:
    """Run a command once to warm up and then `rounds` times; return its times and their medians."""
    command()
    done = [command() for _ in range(rounds)]
    return {
        "median": statistics.median(run.seconds for run in done),
        "median_cpu": statistics.median(run.cpu_seconds for run in done),
        "rounds": [run.seconds for run in done],
    }


def report_progress(line: str) -> None:
    """Report progress of the benchmark."""
    print(line, file=sys.stderr, flush=True)


def _name(command: Sequence[str | Path]) -> str:
    """Return the command's first words, without the Python interpreter."""
    words = [Path(command[0]).name, *map(str, command[1:])]
    return " ".join(words[:5])


def _last_line(printed: str) -> str:
    return next((line for line in reversed(printed.splitlines()) if line.strip()), "no output")
