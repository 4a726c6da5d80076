"""Compare the workflow of this checkout with that of another one, all commands aside.

Their runs alternate, so that other load on the machine affects both.
"""

import hashlib
import re
import shlex
import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.baseline import BASELINE, HERE, check_checkout
from benchmarks.checkout import NOTHING_TO_DO, Checkout
from benchmarks.processes import ROOT, Finished, report_progress
from textvae.errors import InputError

DEMO = ("--configfile", "config/demo.yaml")
FIGURE1 = ("--configfile", "seeds.yaml", "--", "results/figure1.pdf")
_SEEDS = f"experiments: {{figure1: {{seeds: {list(range(1, 17))}}}}}\n"

# Instead of `textvae`: creates the outputs of the job, which are listed under its command line.
_STUB = """#!/bin/sh
key=$(printf '%s\\n' "$@" | md5sum)
while read -r file; do echo '""' > "$file"; done < "{commands}/${{key%% *}}"
"""


def measure(checkout: Path, chosen: Sequence[str], rounds: int) -> list[dict[str, Any]]:
    """Compare each of these runs over `rounds` rounds, after one to warm up."""
    paths = {BASELINE: check_checkout(checkout), HERE: ROOT}
    results = []
    for name in chosen:
        with tempfile.TemporaryDirectory(prefix="textvae-overheads-") as folder:
            runs = {
                side: RUNS[name](Checkout.make(Path(folder, side), path))
                for side, path in paths.items()
            }
            results.append(_compared(name, runs, rounds))
    return results


Run = tuple[int, Callable[[], Finished]]


def _plan_of_paper(checkout: Checkout) -> Run:
    return checkout.jobs(), lambda: checkout.snakemake("--dry-run")


def _plan_of_figure1(checkout: Checkout) -> Run:
    (checkout.folder / "seeds.yaml").write_text(_SEEDS)
    return checkout.jobs(*FIGURE1), lambda: checkout.snakemake("--dry-run", *FIGURE1)


def _plan_of_demo(checkout: Checkout) -> Run:
    return checkout.jobs(*DEMO), lambda: checkout.snakemake("--dry-run", *DEMO)


def _nothing_to_do(checkout: Checkout) -> Run:
    outputs = checkout.pretend_all_done()

    def run() -> Finished:
        finished = checkout.snakemake("--cores", "1")
        if NOTHING_TO_DO not in finished.printed:
            raise InputError(f"{checkout.folder}: a run did something, expected nothing to be done")
        return finished

    return outputs, run


def _jobs_of_demo(checkout: Checkout) -> Run:
    """Return a run of the demo from nothing, in which `textvae` only creates the outputs."""
    plan = checkout.snakemake("--dry-run", "--printshellcmds", *DEMO).printed
    commands = checkout.folder / "commands"
    commands.mkdir()
    jobs = commands_and_outputs(plan)
    for words, outputs in jobs:
        key = hashlib.md5("".join(f"{word}\n" for word in words).encode()).hexdigest()
        (commands / key).write_text("".join(f"{file}\n" for file in outputs))
    stub = checkout.folder / "bin" / "textvae"
    stub.parent.mkdir()
    stub.write_text(_STUB.format(commands=commands))
    stub.chmod(0o755)

    def run() -> Finished:
        for name in ("results", ".snakemake"):
            shutil.rmtree(checkout.folder / name, ignore_errors=True)
        return checkout.snakemake("--cores", "2", *DEMO, programs=stub.parent)

    return len(jobs), run


# Name -> function of a checkout that returns the number of jobs or files of a run, and the run.
RUNS: dict[str, Callable[[Checkout], Run]] = {
    "plan of the paper": _plan_of_paper,
    "plan of the demo": _plan_of_demo,
    "nothing to do": _nothing_to_do,
    "jobs of the demo without their work, on two cores": _jobs_of_demo,
    "plan of Figure 1 with 16 seeds": _plan_of_figure1,
}


def commands_and_outputs(plan: str) -> list[tuple[list[str], list[str]]]:
    """Return the words after `textvae`, and the outputs, of each job in a printed plan."""
    jobs = []
    outputs: list[str] = []
    for line in plan.splitlines():
        if found := re.match(r" +output: (.+)", line):
            outputs = [file.removesuffix(" (temporary)") for file in found[1].split(", ")]
        elif found := re.match(r"Shell command: (?:exec )?textvae (.+)", line):
            # Redirections follow the arguments.
            arguments = re.split(r" 2?> ", found[1])[0]
            jobs.append((shlex.split(arguments), outputs))
    return jobs


def _compared(name: str, runs: dict[str, Run], rounds: int) -> dict[str, Any]:
    done: dict[str, list[Finished]] = {side: [] for side in runs}
    for number in range(rounds + 1):
        # Each goes first in turn.
        for side in sorted(runs, reverse=number % 2 == 1):
            done[side].append(runs[side][1]())
    timed = {side: every[1:] for side, every in done.items()}
    result: dict[str, Any] = {"run": name}
    for side, every in timed.items():
        result[side] = {
            "count": runs[side][0],
            "seconds": statistics.median(run.seconds for run in every),
            "cpu_seconds": statistics.median(run.cpu_seconds for run in every),
            "peak_mib": max(run.peak_mib for run in every),
        }
    pairs = list(zip(timed[HERE], timed[BASELINE], strict=True))
    result["ratio"] = statistics.median(mine.seconds / its.seconds for mine, its in pairs)
    result["processor_ratio"] = statistics.median(
        mine.cpu_seconds / its.cpu_seconds for mine, its in pairs
    )
    report_progress(
        f"{name}: {result['ratio']:.2f} times the baseline's seconds,"
        f" {result['processor_ratio']:.2f} of processor time"
    )
    return result


def table(results: list[dict[str, Any]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [
        "| workflow | baseline, seconds (of processor time) | here | ratio | of processor time |"
        " jobs or files, baseline | here |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in results:
        its, mine = (
            f"{each[side]['seconds']:.2f} ({each[side]['cpu_seconds']:.2f})"
            for side in (BASELINE, HERE)
        )
        lines.append(
            f"| {each['run']} | {its} | {mine} | {each['ratio']:.2f} |"
            f" {each['processor_ratio']:.2f} | {each[BASELINE]['count']:,} |"
            f" {each[HERE]['count']:,} |"
        )
    return lines
