"""Tabulate the cost of each rule from Snakemake's benchmark files, one per job.

Such a file is a table of one line: wall-clock seconds (`s`), CPU seconds (`cpu_time`), and the peak
memory of the job's processes together (`max_rss`, MiB). The memory of a job too short for Snakemake
to sample it is NA, - or 0.
"""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from textvae.errors import InputError
from textvae.io import read_text
from textvae.paper.csv import csv_text
from textvae.paper.render.table import MISSING, Column, Line, Table, decimals

SUFFIX = ".tsv"
# Snakemake's marks of a missing value.
_UNKNOWN = ("NA", "-", "")
_FINISHED = "the last run of each job that has a benchmark file, without downloads"


@dataclass(frozen=True)
class Job:
    """One job: its rule, the path of its benchmark, seconds and MiB."""

    rule: str
    name: str
    seconds: float
    cpu_seconds: float | None
    memory_mib: float | None


@dataclass(frozen=True)
class Cost:
    """The cost of all jobs of a rule: total and longest time in seconds, and peak memory."""

    rule: str
    jobs: int
    seconds: float
    longest_seconds: float
    cpu_seconds: float | None
    memory_mib: float | None


def read_jobs(folder: Path, rules: Mapping[str, str]) -> list[Job]:
    """Read the benchmarks below `folder`, in the order of their paths.

    A rule has the name of its benchmarks' topmost folder (or of the file, if directly in `folder`),
    unless `rules`, name -> pattern of paths below `folder`, gives another. InputError if there are
    no benchmarks, or a file is not one.
    """
    paths = sorted(path for path in folder.rglob(f"*{SUFFIX}") if path.is_file())
    if not paths:
        raise InputError(
            f"{folder}: contains no benchmarks (expected *{SUFFIX}, which Snakemake writes)"
        )
    return [_job(folder, path, rules) for path in paths]


def costs(jobs: Iterable[Job]) -> list[Cost]:
    """Return the cost of each rule, the longest total time first."""
    of_rule: dict[str, list[Job]] = {}
    for job in jobs:
        of_rule.setdefault(job.rule, []).append(job)
    sums = [_sum(rule, own) for rule, own in of_rule.items()]
    return sorted(sums, key=lambda cost: (-cost.seconds, cost.rule))


def costs_table(rules: Sequence[Cost], caption: str) -> Table:
    """Return a table with a line for each rule, and their sum."""
    columns = (
        Column("Rule", "Rule", "text"),
        Column("Jobs", "Jobs"),
        Column("Time", "Time"),
        Column("Longest", "Longest"),
        Column("CPU", "CPU"),
        Column("MiB", "MiB"),
    )
    note = (
        "Time, Longest and CPU in hours, minutes and seconds: sum over the jobs of a rule, the "
        f"longest job, and CPU time. MiB: peak memory of any job. Includes {_FINISHED}. {MISSING}: "
        "not measured."
    )
    total = Cost(
        "all",
        sum(cost.jobs for cost in rules),
        _total(cost.seconds for cost in rules) or 0.0,
        max((cost.longest_seconds for cost in rules), default=0.0),
        _total(cost.cpu_seconds for cost in rules),
        _maximum(cost.memory_mib for cost in rules),
    )
    blocks = (tuple(map(_line, rules)), (_line(total),))
    return Table("costs", caption, columns, (), blocks, (note,))


def costs_csv(rules: Iterable[Cost]) -> str:
    """Return a CSV line for each rule, in seconds and MiB."""
    header = ("rule", "jobs", "seconds", "longest_seconds", "cpu_seconds", "memory_mib")
    return csv_text(
        header,
        [
            (c.rule, c.jobs, c.seconds, c.longest_seconds, c.cpu_seconds, c.memory_mib)
            for c in rules
        ],
    )


def jobs_csv(jobs: Iterable[Job]) -> str:
    """Return a CSV line for each job."""
    header = ("rule", "job", "seconds", "cpu_seconds", "memory_mib")
    rows = [(job.rule, job.name, job.seconds, job.cpu_seconds, job.memory_mib) for job in jobs]
    return csv_text(header, rows)


def duration(seconds: float | None) -> str:
    """Format seconds as hours, minutes and seconds: 1:02:03."""
    if seconds is None:
        return MISSING
    rounded = round(seconds)
    return f"{rounded // 3600}:{rounded // 60 % 60:02d}:{rounded % 60:02d}"


def _job(folder: Path, path: Path, rules: Mapping[str, str]) -> Job:
    name = path.relative_to(folder).as_posix().removesuffix(SUFFIX)
    matching = [rule for rule, pattern in rules.items() if fnmatchcase(name, pattern)]
    rows = list(csv.DictReader(io.StringIO(read_text(path)), delimiter="\t"))
    try:
        # A repeated benchmark has several lines, which all belong to the job.
        values = {
            column: [_number(row[column]) for row in rows]
            for column in ("s", "cpu_time", "max_rss")
        }
        seconds = _total(values["s"])
    except (KeyError, ValueError, TypeError):
        seconds = None
    if seconds is None:
        raise InputError(
            f"{path}: not a benchmark of Snakemake (expected columns s, cpu_time and max_rss, and "
            "a line of numbers); remove it, and the table lacks this job"
        )
    rule = matching[0] if matching else name.split("/")[0]
    return Job(rule, name, seconds, _total(values["cpu_time"]), _maximum(values["max_rss"]) or None)


def _number(text: str) -> float | None:
    """Return a number, None if missing; ValueError if it is neither >= 0 nor a missing value."""
    if text in _UNKNOWN:
        return None
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(text)
    return value


def _sum(rule: str, jobs: Sequence[Job]) -> Cost:
    return Cost(
        rule,
        len(jobs),
        _total(job.seconds for job in jobs) or 0.0,
        max(job.seconds for job in jobs),
        _total(job.cpu_seconds for job in jobs),
        _maximum(job.memory_mib for job in jobs),
    )


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    # The addends have two decimals, so the sum has as well.
    return round(math.fsum(known), 2) if known else None


def _maximum(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _line(cost: Cost) -> Line:
    cells = (
        cost.rule,
        str(cost.jobs),
        duration(cost.seconds),
        duration(cost.longest_seconds),
        duration(cost.cpu_seconds),
        decimals(cost.memory_mib, 0),
    )
    return Line(tuple((cell,) for cell in cells))
