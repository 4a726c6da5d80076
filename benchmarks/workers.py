"""Processes that take turns, so that compared variants are measured in the same minutes.

Each is a separate process, so that its peak memory can be measured.
"""

import multiprocessing
import re
import resource
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from textvae.errors import InputError

# One round: takes its number, from 0, and returns the amount of work done.
Turn = Callable[[int], float]


class Worker:
    """A process that creates its `Turn` with `make`, and executes it on request."""

    def __init__(self, name: str, make: Callable[[], Turn], device: str) -> None:
        """make: must be picklable. device: the one whose peak memory is measured."""
        self.name = name
        # A fresh interpreter: a forked one would share this process's pages and torch's threads.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make, device), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, number: int) -> None:
        """Start a turn."""
        # `finish` reports a process that has ended.
        with suppress(BrokenPipeError):
            self._connection.send(number)

    def finish(self) -> tuple[float, float]:
        """Return the work of the turn and its seconds; InputError if the process died."""
        try:
            return self._connection.recv()
        except (EOFError, ConnectionResetError):
            raise InputError(f"benchmark: {self.name}: ended before its turn did") from None

    def turn(self, number: int) -> tuple[float, float]:
        """Execute one turn alone; return its work and seconds."""
        self.begin(number)
        return self.finish()

    def stop(self) -> float:
        """End the process; return its peak memory in MiB (of the GPU if it uses one)."""
        self._connection.send(None)
        peak, _ = self.finish()
        self._process.join()
        return peak

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()


def _serve(connection: Connection, make: Callable[[], Turn], device: str) -> None:
    import torch

    from textvae.runtime.device import select_device, use_threads

    use_threads(1)
    select_device(device)
    turn = make()
    while (number := connection.recv()) is not None:
        start = time.perf_counter()
        done = turn(number)
        if device != "cpu":
            torch.cuda.synchronize()
        connection.send((done, time.perf_counter() - start))
    peak = own_peak() if device == "cpu" else torch.cuda.max_memory_allocated() / 2**20
    connection.send((peak, 0.0))


def own_peak(status: Path = Path("/proc/self/status")) -> float:
    """Return the peak memory of this process in MiB."""
    try:
        # VmHWM counts from the start of the program; rusage includes the parent's memory.
        match = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE)
        return int(match[1]) / 1024
    except (OSError, TypeError):
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def interleaved(
    turns: Mapping[str, Callable[[], Turn]], rounds: int, device: str
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return work per second of each in each round, after a warm-up, and its peak memory in MiB."""
    speeds: dict[str, list[float]] = {name: [] for name in turns}
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(name, turn, device)) for name, turn in turns.items()]
        for number in range(rounds + 1):
            for worker in workers:
                done, seconds = worker.turn(number)
                if number > 0:
                    speeds[worker.name].append(done / seconds)
        return speeds, {worker.name: worker.stop() for worker in workers}


def together(turn: Callable[[], Turn], count: int, rounds: int, device: str) -> list[float]:
    """Return work per second of `count` concurrent processes in each round, after a warm-up."""
    speeds = []
    with ExitStack() as stack:
        names = [f"{number + 1} of {count}" for number in range(count)]
        workers = [stack.enter_context(Worker(name, turn, device)) for name in names]
        for number in range(rounds + 1):
            start = time.perf_counter()
            for worker in workers:
                worker.begin(number)
            done = sum(worker.finish()[0] for worker in workers)
            if number > 0:
                speeds.append(done / (time.perf_counter() - start))
    return speeds
