"""The training record: a line of JSON now and then, and as much of it as a person can follow.

The record lies beside the checkpoints while a training runs (`tail -f` shows it) and is copied
beside the model when it is done. A resumed training drops the lines after its checkpoint and
writes them anew.
"""

import json
import math
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from textvae.io import append, flush, write_text

# Seconds between two lines of a log; the file gets them all.
SECONDS_BETWEEN_LINES = 20


class Record:
    """Lines of {"step", "epoch", ...} in a file, shown on a terminal as a bar, in a log as text."""

    def __init__(self, path: Path, title: str, steps: int, step: int) -> None:
        """Go on after `step` of `steps`; the file's later lines, if any, are dropped."""
        self.path = path
        self.title = title
        self.steps = steps
        earlier = path.read_bytes().splitlines() if path.exists() else []
        kept, damaged = _until(step, earlier)
        write_text(path, "".join(line + "\n" for line in kept))
        self._bar = tqdm(
            total=steps, initial=step, desc=title, unit="step", disable=not sys.stderr.isatty()
        )
        self._started, self._first = time.monotonic(), step
        self._said = -math.inf
        if damaged:
            self.say(f"{path}: {damaged} damaged lines of the record are lost")

    def advance(self) -> None:
        """One step done."""
        self._bar.update()

    def write(self, entry: dict[str, Any]) -> None:
        """Append one line: a training entry, or a validation entry (with "split")."""
        append(self.path, json.dumps(entry, allow_nan=False) + "\n")
        numbers = "  ".join(
            f"{name} {entry[name]:.2f}" for name in ("loss", "D", "R", "C") if name in entry
        )
        place = f"step {entry['step']}/{self.steps}"
        if "split" in entry:
            self.say(f"{place}  {entry['split']}  {numbers}")
        elif not self._bar.disable:
            self._bar.set_postfix_str(numbers, refresh=False)
        elif time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            speed = f"{entry['tokens_per_second']:.0f} tokens/s"
            self.say(f"{place}  train  {numbers}  {speed}  {self._left(entry['step'])} left")

    def say(self, text: str) -> None:
        """A plain line that does not break the bar."""
        say(self.title, text)

    def flush(self) -> None:
        """Come back when all lines are on the disk: no checkpoint may be newer than they are."""
        flush(self.path)

    def close(self) -> None:
        self._bar.close()

    def _left(self, step: int) -> str:
        pace = (time.monotonic() - self._started) / max(1, step - self._first)
        return tqdm.format_interval(pace * (self.steps - step))


def say(title: str, text: str) -> None:
    """A line on stderr. A log that takes no more of them, or has no reader, stops no training."""
    with suppress(OSError):
        tqdm.write(f"{title}  {text}", file=sys.stderr)


def _until(step: int, lines: list[bytes]) -> tuple[list[str], int]:
    """The lines up to a step, and how many are lost that may have been among them.

    What killed the job may have cut the last line of all; a cut line is a later one.
    """
    steps = [_step_of(line) for line in lines]
    kept = [line.decode() for line, at in zip(lines, steps, strict=True) if at and at <= step]
    return kept, steps[:-1].count(None)


def _step_of(line: bytes) -> int | None:
    """None where the line is damaged."""
    try:
        step = json.loads(line.decode())["step"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return step if type(step) is int and step > 0 else None
