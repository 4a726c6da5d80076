"""The training log: JSON lines at regular intervals, and a progress bar or summary lines on stderr.

The log is beside the checkpoints while the training runs (`tail -f` follows it) and is copied
beside the model at the end. A resumed training drops the lines after its checkpoint and writes them
again.
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

# Values shown in a line on stderr.
_SHOWN = ("loss", "D", "R", "I", "I_upper", "C", "target", "missing")
# Seconds between two summary lines on stderr; the file gets all entries.
SECONDS_BETWEEN_LINES = 20


class TrainingLog:
    """JSON lines {"step", "epoch", ...} in a file; a bar on a terminal, text in a job's log."""

    def __init__(self, path: Path, title: str, steps: int, step: int) -> None:
        """Continue after `step` of `steps`; later lines in the file are dropped."""
        self.path = path
        self.title = title
        self.steps = steps
        earlier = path.read_bytes().splitlines() if path.exists() else []
        kept, damaged = _until(step, earlier)
        write_text(path, "".join(line + "\n" for line in kept))
        entries = [json.loads(line) for line in kept]
        # The last validation entry, if any.
        self.validation = next((one for one in reversed(entries) if "split" in one), None)
        self._bar = tqdm(
            total=steps, initial=step, desc=title, unit="step", disable=not sys.stderr.isatty()
        )
        self._start_time, self._start_step = time.monotonic(), step
        self._last_line = -math.inf
        if damaged:
            self.write_line(f"{path}: {damaged} damaged lines of the training log are dropped")

    def advance(self) -> None:
        """Advance the bar by one step."""
        self._bar.update()

    def write(self, entry: dict[str, Any]) -> None:
        """Append one line: a training entry, or a validation entry (with the key "split")."""
        append(self.path, json.dumps(entry, allow_nan=False) + "\n")
        numbers = "  ".join(f"{name} {entry[name]:.2f}" for name in _SHOWN if name in entry)
        position = f"step {entry['step']}/{self.steps}"
        if "split" in entry:
            self.validation = entry
            self.write_line(f"{position}  {entry['split']}  {numbers}")
        elif not self._bar.disable:
            self._bar.set_postfix_str(numbers, refresh=False)
        elif time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            speed = f"{entry['tokens_per_second']:.0f} tokens/s"
            self.write_line(
                f"{position}  train  {numbers}  {speed}  {self._time_left(entry['step'])} left"
            )

    def write_line(self, text: str) -> None:
        """Print a line on stderr without breaking the bar."""
        log_line(self.title, text)

    def flush(self) -> None:
        """Flush all lines to the disk, so that no checkpoint is newer than the log."""
        flush(self.path)

    def close(self) -> None:
        self._bar.close()

    def _time_left(self, step: int) -> str:
        """Return an estimate of the remaining time."""
        seconds_per_step = (time.monotonic() - self._start_time) / max(1, step - self._start_step)
        return tqdm.format_interval(seconds_per_step * (self.steps - step))


def log_line(title: str, text: str) -> None:
    """Print a line on stderr; a full disk or a closed pipe there must not stop the training."""
    with suppress(OSError):
        tqdm.write(f"{title}  {text}", file=sys.stderr)


def _until(step: int, lines: list[bytes]) -> tuple[list[str], int]:
    """Return the lines up to a step, and the number of damaged lines before the last one.

    The last line may be truncated if the job was killed; it then belongs to a later step.
    """
    steps = [_step_of(line) for line in lines]
    kept = [line.decode() for line, own in zip(lines, steps, strict=True) if own and own <= step]
    return kept, steps[:-1].count(None)


def _step_of(line: bytes) -> int | None:
    """Return the step of a line, None if the line is damaged."""
    try:
        step = json.loads(line.decode())["step"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return step if type(step) is int and step > 0 else None
