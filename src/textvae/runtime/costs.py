"""The time and memory that a command costs: `textvae --costs FILE COMMAND` records them at its end.

The commands record them because Snakemake's `benchmark:` samples a job, every 30 seconds after the
first 15, and not at its end, so that its seconds and memory are those of an earlier moment.

Memory is resident memory with memory-mapped files, as a cluster counts it. On Linux it is read from
/proc, because `getrusage` gives a process the peak of the process that started it: a compiler
started by a large training would count that training twice. Elsewhere it is the larger of the peaks
of the command and of its largest child process.

CPU seconds include the start of the interpreter; wall-clock seconds do not, about 0.1 s a command.
"""

import os
import re
import resource
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from textvae.errors import InputError, warn
from textvae.io import fault, read_text, write_text

# Of the files of a run.
SUFFIX = ".tsv"
COLUMNS = ("seconds", "cpu_seconds", "memory_mib")

_PROC = Path("/proc")
_MIB = 2**20
# Seconds between two looks at the child processes.
_INTERVAL = 0.02
# The flag in /proc/PID/stat of a process that has not called exec since it was forked.
_FORKED_ONLY = 0x40


@dataclass(frozen=True)
class Costs:
    """Wall-clock seconds, CPU seconds of all threads and child processes, peak memory in MiB."""

    seconds: float
    cpu_seconds: float
    memory_mib: float

    def after(self, earlier: "Costs") -> "Costs":
        """Return the costs of an earlier run and of this one together."""
        return Costs(
            round(self.seconds + earlier.seconds, 2),
            round(self.cpu_seconds + earlier.cpu_seconds, 2),
            max(self.memory_mib, earlier.memory_mib),
        )


class _Recorder:
    """The costs of this process since `main` began, and of earlier runs of its task."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.earlier = Costs(0.0, 0.0, 0.0)
        # Peak bytes of this process and its child processes together, while these run.
        self.with_children = 0
        self._start = time.monotonic()

    def total(self) -> Costs:
        own, children = (
            resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
        peak = _memory("self", "VmHWM")
        if peak is None:
            unit = 1 if sys.platform == "darwin" else 1024
            peak = unit * max(own.ru_maxrss, children.ru_maxrss)
        now = Costs(
            round(time.monotonic() - self._start, 2),
            round(cpu, 2),
            round(max(peak, self.with_children) / _MIB, 1),
        )
        return now.after(self.earlier)


_recorder: _Recorder | None = None


def split_flag(argv: Sequence[str]) -> tuple[Path | None, list[str]]:
    """Return the file of `--costs FILE` or `--costs=FILE`, if these come first, and the rest."""
    match list(argv):
        case ["--costs", path, *rest]:
            return Path(path), rest
        case [first, *rest] if first.startswith("--costs="):
            return Path(first.removeprefix("--costs=")), rest
    return None, list(argv)


def check(path: Path | None) -> None:
    """Raise InputError if a file to record costs in has anything else."""
    if path is not None and path.is_file():
        try:
            read(path)
        except InputError:
            raise InputError(
                f"--costs: {path} is there and is not a record of costs, expected a new file"
            ) from None


@contextmanager
def recorded(path: Path | None) -> Iterator[None]:
    """Record the costs of the body in `path`, if any, however it ends.

    A file that cannot be written is a warning: it must lose no result.
    """
    global _recorder
    _recorder = None if path is None else _Recorder(path)
    try:
        yield
    finally:
        record()
        _recorder = None


def record() -> None:
    """Record the costs until now; before a process waits to be killed, for example."""
    if _recorder is not None:
        _write(_recorder.path)


def keep(path: Path) -> None:
    """Record the costs until now in `path` as well, for the run that resumes this one."""
    if _recorder is not None:
        _write(path)


def resume(path: Path) -> None:
    """Add the costs that earlier runs have kept in `path`, if any."""
    if _recorder is None or not path.exists():
        return
    try:
        _recorder.earlier = read(path) or _recorder.earlier
    except (InputError, OSError) as error:
        warn(f"{error}; the costs of earlier runs are not added")


def read(path: Path) -> Costs | None:
    """Return the costs in a file; None if it is empty, of a job that was killed.

    InputError if the file is anything else.
    """
    lines = read_text(path).splitlines()
    if not lines:
        return None
    values = [_number(text) for text in lines[-1].split("\t")]
    if tuple(lines[0].split("\t")) != COLUMNS or len(lines) != 2 or len(values) != len(COLUMNS):
        values = [None]
    if None in values:
        raise InputError(
            f"{path}: not a record of `textvae --costs` (expected the columns {', '.join(COLUMNS)}"
            " and a line of numbers)"
        )
    return Costs(*values)


@contextmanager
def counting_children() -> Iterator[None]:
    """Count the memory of the child processes that the body starts, and of theirs.

    They are looked at many times a second: their peaks cannot be read once they have ended.
    """
    recorder = _recorder
    if recorder is None or not _PROC.joinpath("self", "status").exists():
        yield
        return
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(recorder, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(recorder: _Recorder, ended: threading.Event) -> None:
    parents: dict[int, int] = {}
    while not ended.wait(_INTERVAL):
        peaks = [_memory(pid, "VmHWM") or 0 for pid in _descendants(parents)]
        if any(peaks):
            own = _memory("self", "VmRSS") or 0
            recorder.with_children = max(recorder.with_children, own + sum(peaks))


def _descendants(parents: dict[int, int]) -> list[int]:
    """Return the running descendants of this process that have memory of their own.

    parents: process -> parent of all processes seen so far, so that each is read once; updated.
    """
    running = [int(path.name) for path in _PROC.iterdir() if path.name.isdecimal()]
    for pid in running:
        if pid not in parents and (fields := _stat(pid)):
            parents[pid] = int(fields[1])
    family = {os.getpid()}
    while born := {pid for pid in running if parents.get(pid) in family} - family:
        family |= born
    # Before exec a process shows the memory of its parent.
    return [
        pid
        for pid in family - {os.getpid()}
        if (fields := _stat(pid)) and not int(fields[6]) & _FORKED_ONLY
    ]


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; none if the process has ended."""
    try:
        return (
            _PROC.joinpath(str(pid), "stat").read_text(errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return []


def _memory(pid: int | str, field: str) -> int | None:
    """Return a field of /proc/PID/status in bytes; None if there is none."""
    try:
        status = _PROC.joinpath(str(pid), "status").read_text(errors="replace")
    except OSError:
        return None
    found = re.search(rf"^{field}:\s*([0-9]+) kB", status, re.MULTILINE)
    return 1024 * int(found[1]) if found else None


def _write(path: Path) -> None:
    try:
        numbers = astuple(_recorder.total())
        write_text(path, "\t".join(COLUMNS) + "\n" + "\t".join(map(str, numbers)) + "\n")
    except Exception as error:
        # Whatever it is, the command has done its work.
        reason = fault(error) if isinstance(error, OSError) else error
        with suppress(OSError):
            warn(f"--costs: not recorded: {reason}")


def _number(text: str) -> float | None:
    """Return a finite number from 0, or None."""
    with suppress(ValueError):
        if 0 <= (value := float(text)) < float("inf"):
            return value
    return None
