"""Processes that take turns, so that what is compared is measured in the same minutes.

Each has a memory of its own, whose peak can then be told.
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

# One round's work: given the number of the round, from 0, it returns how much was done.
Turn = Callable[[int], float]


class Worker:
    """A process that makes a `Turn` of its own from `make`, and takes one whenever it is asked."""

    def __init__(self, name: str, make: Callable[[], Turn], device: str) -> None:
        """`make` must survive pickling; `device` is what its peak memory is asked of."""
        self.name = name
        # A fresh interpreter: a forked one would share this one's pages, and torch's threads.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, make, device), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, number: int) -> None:
        """Let it take a turn."""
        # Of a process that is gone, `finish` tells.
        with suppress(BrokenPipeError):
            self._connection.send(number)

    def finish(self) -> tuple[float, float]:
        """What the turn did, and the seconds it took; InputError where the process died of it."""
        try:
            return self._connection.recv()
        except EOFError:
            raise InputError(f"benchmark: {self.name}: ended before its turn did") from None

    def turn(self, number: int) -> tuple[float, float]:
        """One turn, alone: what it did, and the seconds."""
        self.begin(number)
        return self.finish()

    def stop(self) -> float:
        """End it; returns the peak of its memory, MiB (of the GPU where it computes on one)."""
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
    """The most memory that this process ever had, MiB."""
    try:
        # Linux counts it from the moment that the program was loaded; rusage has the parent's too.
        found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE)
        return int(found[1]) / 1024
    except (OSError, TypeError):
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def interleaved(
    turns: Mapping[str, Callable[[], Turn]], rounds: int, device: str
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Each one's work a second in each round, and its peak memory in MiB; a warm-up before them."""
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
    """The work a second of `count` processes at once, in each round; a warm-up before them."""
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
