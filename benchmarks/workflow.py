"""Overhead of the workflow: planning, finding nothing to do, and per job."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import starts
from benchmarks.checkout import NOTHING_TO_DO, Checkout
from benchmarks.processes import Finished, report_progress, rounds_of
from textvae.errors import InputError

DEMO = ("--configfile", "config/demo.yaml")

# Jobs over which the overhead is averaged.
JOBS = 40

# A rule with the directives of a measurement of a cell; its command only creates the file.
_EMPTY_JOBS = """
import sys
from pathlib import Path

sys.path.insert(0, "src")
from textvae.provenance import digest

rule all:
    input:
        collect("empty/{{cell}}/measurement.json", cell=range({jobs}))

rule measurement:
    input:
        statistics="statistics.json",
    output:
        "empty/{{cell}}/measurement.json"
    log:
        "empty/logs/{{cell}}.log"
    benchmark:
        "empty/benchmarks/{{cell}}.tsv"
    conda:
        "envs/textvae.yaml"
    resources:
        device="cpu",
    params:
        code=digest(Path("src"), "textvae.measurements.posterior"),
        corpus=lambda w, input: Path(input.statistics).parent,
    shell:
        ": --corpus {{params.corpus:q}} --cell {{wildcards.cell}} > {{output:q}} 2> {{log:q}}"
"""


def measure(rounds: int) -> dict[str, Any]:
    """Measure whole processes, one to warm up and then `rounds`.

    `nothing_to_do` and `after_git_checkout` are runs of the paper's grid with all files present.
    """
    with tempfile.TemporaryDirectory(prefix="textvae-workflow-") as folder:
        checkout = Checkout.make(Path(folder))
        return {
            **planning(checkout, "plan", rounds),
            **planning(checkout, "demo_plan", rounds, *DEMO),
            **nothing_to_do(checkout, rounds),
            **overhead(checkout, rounds),
            **starts.measure(rounds),
        }


def planning(checkout: Checkout, name: str, rounds: int, *arguments: str) -> dict[str, Any]:
    """Measure a dry run without any results, which prints every job."""
    jobs = checkout.jobs(*arguments)
    seconds = rounds_of(rounds, lambda: checkout.snakemake("--dry-run", *arguments))
    report_progress(f"{name}: {jobs} jobs in {seconds['median']:.2f} s")
    return {f"{name}_jobs": jobs, f"{name}_seconds": seconds}


def nothing_to_do(checkout: Checkout, rounds: int, *arguments: str) -> dict[str, Any]:
    """Measure runs with all outputs present: unchanged, and after git has rewritten the code.

    InputError if a run would execute any job.
    """
    outputs = checkout.pretend_all_done(*arguments)

    def run() -> Finished:
        finished = checkout.snakemake("--cores", "1", *arguments)
        if NOTHING_TO_DO not in finished.printed:
            raise InputError(f"{checkout.folder}: a run did something, expected nothing to be done")
        return finished

    seconds = rounds_of(rounds, run)
    report_progress(f"nothing to do: {outputs} files looked at in {seconds['median']:.2f} s")
    # Newer than all results, but unchanged: Snakemake compares each by its checksum.
    now = time.time()
    for folder in ("config", "src"):
        for path in (checkout.folder / folder).rglob("*"):
            os.utime(path, (now, now))
    checkout.check_all_done(*arguments)
    after_checkout = rounds_of(rounds, run)
    report_progress(f"the same after a git checkout: {after_checkout['median']:.2f} s")
    return {
        "nothing_to_do_outputs": outputs,
        "nothing_to_do_seconds": seconds,
        "after_git_checkout_seconds": after_checkout,
    }


def overhead(checkout: Checkout, rounds: int, jobs: int = JOBS) -> dict[str, Any]:
    """Measure Snakemake's time per job, without planning and the command itself.

    This is a run of jobs that do nothing, minus a run that finds them done, on one core.
    """
    (checkout.folder / "statistics.json").write_text("{}\n")
    (checkout.folder / "empty.smk").write_text(_EMPTY_JOBS.format(jobs=jobs))
    arguments = ("--snakefile", "empty.smk", "--cores", "1")

    done = rounds_of(rounds, lambda: checkout.snakemake(*arguments, "--forceall"))
    idle = rounds_of(rounds, lambda: checkout.snakemake(*arguments))
    seconds = (done["median"] - idle["median"]) / jobs
    report_progress(f"overhead: {seconds:.3f} s a job")
    return {
        "job_overhead_seconds": seconds,
        "job_overhead_cpu_seconds": (done["median_cpu"] - idle["median_cpu"]) / jobs,
        "job_overhead_jobs": jobs,
    }
