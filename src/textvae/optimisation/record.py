"""The training record: a line of JSON now and then, and as much of it as a person can follow.

The record lies beside the checkpoints while a training runs (`tail -f` shows it) and is copied
beside the model when it is done. A resumed training drops the lines after its checkpoint and
writes them anew.
"""

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from textvae.files import write_text

# Seconds between two lines of a log; the file gets them all.
SECONDS_BETWEEN_LINES = 20


class Record:
    """Lines of {"step", "epoch", ...} in a file, shown on a terminal as a bar, in a log as text."""

    def __init__(self, path: Path, title: str, steps: int, step: int) -> None:
        """Go on after `step` of `steps`; the file's later lines, if any, are dropped."""
        self.path = path
        self.title = title
        self.steps = steps
        earlier = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        # The last line may have been cut by what killed the job; a cut line is a later one.
        kept = [line for line in earlier if _step_of(line) <= step]
        write_text(path, "".join(line + "\n" for line in kept))
        self._bar = tqdm(
            total=steps, initial=step, desc=title, unit="step", disable=not sys.stderr.isatty()
        )
        self._started, self._first = time.monotonic(), step
        self._said = -math.inf

    def advance(self) -> None:
        """One step done."""
        self._bar.update()

    def write(self, entry: dict[str, Any]) -> None:
        """Append one line: a training entry, or a validation entry (with "split")."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, allow_nan=False) + "\n")
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
        tqdm.write(f"{self.title}  {text}", file=sys.stderr)

    def close(self) -> None:
        self._bar.close()

    def _left(self, step: int) -> str:
        pace = (time.monotonic() - self._started) / max(1, step - self._first)
        return tqdm.format_interval(pace * (self.steps - step))


def _step_of(line: str) -> float:
    try:
        return json.loads(line)["step"]
    except (json.JSONDecodeError, KeyError, TypeError):
        return float("inf")
