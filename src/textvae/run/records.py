"""The jobs of a run with their files and times, as Snakemake and their commands recorded them."""

import csv
import json
import os
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textvae.errors import InputError
from textvae.io import read_text
from textvae.run.paths import below, is_below
from textvae.runtime.costs import SUFFIX

_COLUMNS = ("rule", "job", "seconds", "cpu_seconds", "memory_mib")


@dataclass(frozen=True)
class RecordedJob:
    """A job: its rule, a name, the files it read and wrote, and when; costs by column of jobs.csv.

    start, end: seconds since 1970; None if Snakemake has no record of the job.
    """

    rule: str
    name: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    start: float | None = None
    end: float | None = None
    costs: Mapping[str, float] | None = None


def jobs_of_run(table: Path, metadata: Path, results: Path) -> list[RecordedJob]:
    """Return the jobs of a run: those of its jobs.csv, and those behind files in `results`.

    table: jobs.csv. metadata: Snakemake's folder of records, for inputs, outputs and times of jobs;
    it may be missing, as in a copy of the results. InputError if the table is not that of a run.
    """
    recorded = _needed(_read_records(metadata), results)
    costs = dict(_read_costs(table))
    jobs = [_with_costs(job, results / "costs", costs) for job in recorded]
    named = {job.name for job in jobs}
    jobs += [
        RecordedJob(rule, name, costs=numbers)
        for name, (rule, numbers) in costs.items()
        if name not in named
    ]
    return sorted(jobs, key=lambda job: (job.start or float("inf"), job.name))


def _read_costs(table: Path) -> Iterable[tuple[str, tuple[str, dict[str, float]]]]:
    """Yield the name of each job with its rule and its costs."""
    rows = csv.DictReader(read_text(table).splitlines())
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        raise InputError(f"{table}: not a run's jobs (expected the columns {', '.join(_COLUMNS)})")
    for row in rows:
        try:
            numbers = {name: float(row[name]) for name in _COLUMNS[2:] if row[name]}
        except (TypeError, ValueError):
            numbers = None
        if numbers is None or row["job"] is None:
            raise InputError(f"{table}, line {rows.line_num}: not a job with its costs")
        yield row["job"], (row["rule"], numbers)


def _read_records(metadata: Path) -> list[RecordedJob]:
    """Return a job for each log that Snakemake recorded, named by the log; others are left out."""
    by_log: dict[tuple[str, ...], list[tuple[str, dict[str, Any]]]] = {}
    for path in sorted(metadata.rglob("*")):
        if path.is_file() and (named := _read_record(metadata, path)) is not None:
            by_log.setdefault(tuple(named[1]["log"]), []).append(named)
    return [_job(log, files) for log, files in by_log.items()]


def _read_record(metadata: Path, path: Path) -> tuple[str, dict[str, Any]] | None:
    """Return a file that a job wrote, and Snakemake's record of it.

    None for any other file, and the record of a job that did not finish.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        complete = not record["incomplete"] and record["log"] and isinstance(record["rule"], str)
        times = float(record["starttime"]) <= float(record["endtime"])
        output = _output(path.relative_to(metadata))
        valid = complete and times and isinstance(record["input"], list)
        return (output, record) if valid else None
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        return None


def _output(path: Path) -> str:
    """Return the file that a record is named after: base64, in parts if it is long."""
    return urlsafe_b64decode("".join(part.removeprefix("@") for part in path.parts)).decode(
        errors="replace"
    )


def _job(log: tuple[str, ...], files: list[tuple[str, dict[str, Any]]]) -> RecordedJob:
    records = [record for _, record in files]
    return RecordedJob(
        records[0]["rule"],
        next((name for name in log if name.endswith(SUFFIX)), log[0]),
        tuple(records[0]["input"]),
        tuple(output for output, _ in files),
        min(record["starttime"] for record in records),
        max(record["endtime"] for record in records),
    )


def _needed(jobs: list[RecordedJob], results: Path) -> list[RecordedJob]:
    """Return the jobs of a run that wrote a file, and those that wrote what these read.

    Temporary files are gone; the records of other runs, which may be in a folder below `results`,
    and of deleted files are left out.
    """
    makers = {output: job for job in jobs for output in job.outputs}
    waiting = [
        job
        for job in jobs
        if is_below(job.name, results / "costs") and any(map(os.path.exists, job.outputs))
    ]
    needed: dict[str, RecordedJob] = {}
    while waiting:
        job = waiting.pop()
        if job.name not in needed:
            needed[job.name] = job
            waiting += [makers[path] for path in job.inputs if path in makers]
    return list(needed.values())


def _with_costs(
    job: RecordedJob, folder: Path, costs: Mapping[str, tuple[str, dict[str, float]]]
) -> RecordedJob:
    """Return a job by its name in jobs.csv, with its costs there, if any."""
    shared = f"{job.rule}/{Path(job.name).name}"
    name = below(job.name, folder) if is_below(job.name, folder) else shared
    name = name.removesuffix(SUFFIX).removesuffix(".log")
    _, numbers = costs.get(name, ("", None))
    return RecordedJob(job.rule, name, job.inputs, job.outputs, job.start, job.end, numbers)
