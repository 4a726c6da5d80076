"""Start-up time of the commands that do not need torch."""

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, run, tell
from textvae.cli import COMMANDS
from textvae.provenance import imports

SOURCE = ROOT / "src"


def measure(rounds: int, commands: Sequence[str] = tuple(COMMANDS)) -> dict[str, Any]:
    """Return for each command the median time of a process that imports all its modules.

    Imports of other packages inside functions are not included. Commands whose modules import torch
    are only listed by name.
    """
    programs = {command: program(command) for command in commands}
    needs_torch = {
        command: run([sys.executable, "-c", text]).printed.split()[-1] == "True"
        for command, text in programs.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands if not needs_torch[name]}
    for _ in range(rounds):
        for command, times in seconds.items():
            times.append(run([sys.executable, "-c", programs[command]]).seconds)
    medians = {command: statistics.median(times) for command, times in seconds.items()}
    slowest = max(medians, key=medians.__getitem__)
    tell(f"starts without torch: {slowest} is the slowest, {medians[slowest]:.2f} s")
    return {
        "start_seconds": medians,
        "start_seconds_median": statistics.median(medians.values()),
        "start_slowest": slowest,
        "start_seconds_slowest": medians[slowest],
        "start_with_torch": [name for name in commands if needs_torch[name]],
    }


def program(command: str) -> str:
    """Return Python code that imports a command's modules and prints whether torch is loaded."""
    files = imports(SOURCE, f"textvae.commands.{command.replace('-', '_')}").values()
    modules = [path for path in files if path.suffix == ".py"]
    return "; ".join(
        [
            f"import sys; sys.path.insert(0, {str(SOURCE)!r})",
            f"import {', '.join(['textvae.cli', *map(module_of, modules)])}",
            "print('torch' in sys.modules)",
        ]
    )


def module_of(path: Path) -> str:
    """Return the dotted name of a source file."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
