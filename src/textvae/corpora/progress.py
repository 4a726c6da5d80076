"""How far a long reading or download is: a bar for a person, now and then a line for a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress(
    label: str, total: int | None, stream: TextIO | None = None
) -> Iterator[Callable[[int], object]]:
    """A function to call with the bytes done since its last call.

    `total` is the bytes there are, None if that is not known. On a terminal the bytes move a bar;
    elsewhere (a job's log) they become a line every `SECONDS_BETWEEN_LINES`, none if all is done
    before. Both go to `stream`, standard error by default.
    """
    stream = sys.stderr if stream is None else stream
    if stream.isatty():
        with tqdm(
            desc=label, total=total, unit="B", unit_scale=True, leave=False, file=stream
        ) as bar:
            yield bar.update
    else:
        yield _Lines(label, total, stream).update


class _Lines:
    def __init__(self, label: str, total: int | None, stream: TextIO) -> None:
        self.label, self.total, self.stream = label, total, stream
        self.done = 0
        self.last = time.monotonic()

    def update(self, count: int) -> None:
        self.done += count
        if time.monotonic() - self.last >= SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            whole = f" of {self.total / 1e6:,.0f}" if self.total else ""
            print(f"{self.label}: {self.done / 1e6:,.0f}{whole} MB", file=self.stream, flush=True)
