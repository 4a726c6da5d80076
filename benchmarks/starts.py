"""Start-up time of the steps of the workflow that do not need torch."""

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, report_progress, run
from textvae.provenance import imports
from textvae.stages import STEPS

SOURCE = ROOT / "src"


def measure(rounds: int, steps: Sequence[str] = tuple(STEPS)) -> dict[str, Any]:
    """Return for each step the median time of a process that imports all its modules.

    Imports of other packages inside functions are not included. Steps whose modules import torch
    are only listed by name.
    """
    programs = {step: program(step) for step in steps}
    needs_torch = {
        step: run([sys.executable, "-c", text]).printed.split()[-1] == "True"
        for step, text in programs.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in steps if not needs_torch[name]}
    for _ in range(rounds):
        for step, times in seconds.items():
            times.append(run([sys.executable, "-c", programs[step]]).seconds)
    medians = {step: statistics.median(times) for step, times in seconds.items()}
    slowest = max(medians, key=medians.__getitem__)
    report_progress(f"starts without torch: {slowest} is the slowest, {medians[slowest]:.2f} s")
    return {
        "start_seconds": medians,
        "start_seconds_median": statistics.median(medians.values()),
        "start_slowest": slowest,
        "start_seconds_slowest": medians[slowest],
        "start_with_torch": [name for name in steps if needs_torch[name]],
    }


def program(step: str) -> str:
    """Return Python code that imports a step's modules and prints whether torch is loaded."""
    files = imports(SOURCE, *STEPS[step]).values()
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
