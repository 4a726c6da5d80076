"""Progress reporting: a bar on a terminal, periodic lines in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress(
    label: str, total: int | None, unit: str = "B", stream: TextIO | None = None
) -> Iterator[Callable[[int], object]]:
    """Yield a function to call with the amount done since its last call, in `unit` ("B": bytes).

    total: the whole amount, None if unknown. On a terminal it moves a bar; elsewhere (a job's log)
    it prints a line every `SECONDS_BETWEEN_LINES`, none for shorter work. stream: standard error by
    default.
    """
    stream = sys.stderr if stream is None else stream
    if stream.isatty():
        # Imported here: it takes 0.06 s, which a job of the workflow does not need.
        from tqdm import tqdm

        with tqdm(
            desc=label, total=total, unit=unit, unit_scale=True, leave=False, file=stream
        ) as bar:
            yield bar.update
    else:
        yield _Lines(label, total, unit, stream).update


class _Lines:
    """Progress as lines in a log."""

    def __init__(self, label: str, total: int | None, unit: str, stream: TextIO) -> None:
        self.label, self.total, self.stream = label, total, stream
        self.scale, self.unit = (1e6, "MB") if unit == "B" else (1, unit)
        self.done = 0
        self.last = time.monotonic()

    def update(self, count: int) -> None:
        self.done += count
        if time.monotonic() - self.last >= SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            total = f" of {self.total / self.scale:,.0f}" if self.total else ""
            done = f"{self.done / self.scale:,.0f}{total} {self.unit}"
            print(f"{self.label}: {done}", file=self.stream, flush=True)
