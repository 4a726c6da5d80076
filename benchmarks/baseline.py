"""Compare the speed of this checkout with that of another one of this project.

Each checkout works in its own process; their rounds alternate, so that other load on the machine
affects both.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from benchmarks.processes import ROOT, report_progress
from benchmarks.texts import write_corpus
from textvae.errors import InputError

ADAPTER = Path(__file__).with_name("adapter.py")
HERE, BASELINE = "here", "baseline"


@dataclass(frozen=True)
class Task:
    """Work to compare. part: of the benchmark. arguments: of the function in `adapter`."""

    name: str
    part: str
    unit: str
    function: str
    corpus: str | None
    arguments: dict[str, Any] = field(default_factory=dict)


# Functions whose numbers have a sum with a meaning; those of sentences only identify them.
SUMMED = {"rate_distortion", "likelihood", "cross_entropy"}

# Words of the vocabulary without `<eos>` and `<unk>`.
WORDS = {"cbt-like": 12_000, "yahoo-like": 20_000}


def tasks(small: bool) -> list[Task]:
    """Return all tasks."""
    share, ids = (16 if small else 1), WORDS["cbt-like"] + 2
    trainings = [
        ("lstm", "cbt-like", 3, ("float32", "bfloat16", "auto")),
        ("lstm", "yahoo-like", 1, ("float32", "bfloat16")),
        ("gru", "cbt-like", 3, ("float32", "bfloat16")),
        ("cnn", "cbt-like", 3, ("float32", "bfloat16")),
        ("language-model", "cbt-like", 3, ("float32", "bfloat16")),
    ]
    result = [
        Task(
            f"train {model}, {kind}, {precision}",
            *("training", "tokens", "training", kind),
            {
                "model": model,
                "words": WORDS[kind],
                "precision": precision,
                "batches": 1 if small else batches,
            },
        )
        for model, kind, batches, precisions in trainings
        for precision in precisions
    ]
    cut = {"words": ids, "max_words": 30}
    measured = [
        ("greedy", "sentences", "generation", None, 1024, {"scheme": "greedy", **cut}),
        ("nucleus0.9", "sentences", "generation", None, 512, {"scheme": "nucleus0.9", **cut}),
        ("top15", "sentences", "generation", None, 512, {"scheme": "top15", **cut}),
        ("reconstruction", "sentences", "reconstruction", "cbt-like", 512, cut),
        ("rate and distortion", "sentences", "rate_distortion", "cbt-like", 1024, {"words": ids}),
        ("likelihood", "codes", "likelihood", "cbt-like", 256, {"words": ids, "samples": 4}),
        ("pairs", "pairs", "pairs", "cbt-like", 512, {"words": ids}),
        ("FCE", "sentences", "cross_entropy", "cbt-like", 1024, {"words": ids}),
    ]
    return result + [
        Task(name, "measuring", unit, function, corpus, {"count": count // share, **arguments})
        for name, unit, function, corpus, count, arguments in measured
    ]


class Side:
    """A process that works with one checkout's source, a round at a time."""

    def __init__(self, name: str, checkout: Path, task: dict[str, Any], errors: Path) -> None:
        """errors: a file for its standard error."""
        self.name, self._errors = name, errors
        paths = os.pathsep.join(str(each) for each in (checkout, checkout / "src"))
        with errors.open("w") as file:
            # -P: the adapter's folder, which has files of this checkout, is not on the path.
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(ADAPTER), json.dumps(task)],
                env=os.environ | {"PYTHONPATH": paths},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True,
            )  # fmt: skip
        try:
            source = Path(self._answer()["source"])
            if not source.is_relative_to(checkout):
                raise InputError(f"{name}: imported {source}, expected a file below {checkout}")
        except InputError:
            self.__exit__()
            raise

    def round(self, number: int) -> dict[str, Any]:
        """Return the work of a round, its seconds and numbers; InputError if the process died."""
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{number}\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        if line := self._process.stdout.readline():
            return json.loads(line)
        lines = self._errors.read_text(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "no message")
        raise InputError(f"{self.name}: ended before its round did: {last}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


def check_checkout(checkout: Path) -> Path:
    """Return the full path of a checkout; InputError if it is none of this project."""
    checkout = checkout.resolve()
    if not (checkout / "src" / "textvae").is_dir():
        raise InputError(f"--baseline {checkout}: not a checkout of this project (no src/textvae)")
    return checkout


def measure(checkout: Path, chosen: list[Task], rounds: int) -> list[dict[str, Any]]:
    """Compare all tasks over `rounds` rounds each, after one to warm up."""
    checkout = check_checkout(checkout)
    results = []
    with tempfile.TemporaryDirectory(prefix="textvae-baseline-") as folder:
        for task in chosen:
            arguments = {"task": task.function, **task.arguments}
            if task.corpus:
                arguments["corpus"] = str(_corpus(Path(folder), task, rounds))
            results.append(_compared(task, checkout, arguments, rounds, Path(folder)))
    return results


def _corpus(folder: Path, task: Task, rounds: int) -> Path:
    """Write the text of a task once; return its folder."""
    needed = 128 * task.arguments.get("batches", 0) * (rounds + 1)
    needed = max(needed, task.arguments.get("count", 0))
    path = folder / str(needed) / task.corpus
    if not path.exists():
        sizes = {"train": needed, "valid": 10, "test": 10}
        write_corpus(path, task.corpus, WORDS[task.corpus], sizes)
    return path


def _compared(
    task: Task, checkout: Path, arguments: dict[str, Any], rounds: int, folder: Path
) -> dict[str, Any]:
    with ExitStack() as stack:
        sides = {
            name: stack.enter_context(Side(name, path, arguments, folder / f"{name}.log"))
            for name, path in ((BASELINE, checkout), (HERE, ROOT))
        }
        done: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
        for number in range(rounds + 1):
            # Each goes first in turn.
            for name in sorted(sides, reverse=number % 2 == 1):
                done[name].append(sides[name].round(number))
    timed = {name: every[1:] for name, every in done.items()}
    result = {
        "task": task.name,
        "unit": task.unit,
        "per_second": {
            name: round(statistics.median(speeds(every, "seconds")), 1)
            for name, every in timed.items()
        },
        "ratio": ratios(timed, "seconds"),
        "processor_ratio": ratios(timed, "cpu_seconds"),
        "numbers": agreement(done[BASELINE], done[HERE], task.function in SUMMED),
    }
    report_progress(f"{task.name}: {result['ratio']['median']:.2f} times the baseline")
    return result


def speeds(rounds: list[dict[str, Any]], clock: str) -> list[float]:
    """Return work per second of each round, by one of the two clocks."""
    return [each["work"] / each[clock] for each in rounds]


def ratios(timed: dict[str, list[dict[str, Any]]], clock: str) -> dict[str, Any]:
    """Return this checkout's speed as a multiple of the baseline's: median and range of rounds."""
    both = zip(speeds(timed[HERE], clock), speeds(timed[BASELINE], clock), strict=True)
    every = [round(mine / its, 3) for mine, its in both]
    return {"median": statistics.median(every), "lowest": min(every), "highest": max(every)} | {
        "rounds": every
    }


def agreement(
    baseline: list[dict[str, Any]], here: list[dict[str, Any]], summed: bool
) -> dict[str, Any]:
    """Return the share of numbers that differ; if `summed`, the relative difference of sums."""
    its = [number for each in baseline for number in each["numbers"]]
    mine = [number for each in here for number in each["numbers"]]
    if len(its) != len(mine):
        raise InputError(f"{len(mine)} numbers here, {len(its)} in the baseline")
    if not its:
        return {}
    differing = sum(one != other for one, other in zip(its, mine, strict=True))
    result = {"compared": len(its), "share_differing": differing / len(its)}
    return result | ({"sums_differ_by": abs(sum(mine) / sum(its) - 1)} if summed else {})


def table(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [
        "| work | a second, baseline | here | ratio | of processor time | differing numbers |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for each in results:
        ratio, numbers, differing = each["ratio"], each["numbers"], ""
        if numbers:
            differing = f"{numbers['share_differing']:.2%} of {numbers['compared']:,}"
        if "sums_differ_by" in numbers:
            differing += f", their sum by {numbers['sums_differ_by']:.1e}"
        lines.append(
            f"| {each['task']} | {each['per_second'][BASELINE]:,.0f} {each['unit']} |"
            f" {each['per_second'][HERE]:,.0f} | {ratio['median']:.2f} ({ratio['lowest']:.2f} to"
            f" {ratio['highest']:.2f}) | {each['processor_ratio']['median']:.2f} | {differing} |"
        )
    return lines
