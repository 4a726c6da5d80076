"""Tabulate the cost of each rule of a run from the records of its commands (`textvae --costs`)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from textvae.errors import InputError
from textvae.io import matching
from textvae.natural_order import natural
from textvae.paper.csv import csv_text
from textvae.paper.render.table import MISSING, Column, Line, Table, decimals
from textvae.runtime.costs import SUFFIX, read


@dataclass(frozen=True)
class Job:
    """One job: its rule, the path of its record, seconds and MiB; None if nothing was recorded."""

    rule: str
    name: str
    seconds: float | None
    cpu_seconds: float | None
    memory_mib: float | None


@dataclass(frozen=True)
class Cost:
    """The cost of all jobs of a rule: total and longest time in seconds, and peak memory.

    recorded: the number of jobs that recorded their costs, whose sums and maxima the others are.
    """

    rule: str
    jobs: int
    recorded: int
    seconds: float | None
    longest_seconds: float | None
    cpu_seconds: float | None
    memory_mib: float | None


def read_jobs(folder: Path, rules: Mapping[str, str]) -> list[Job]:
    """Read the records below `folder`, in the order of their paths.

    A rule has the name of its records' topmost folder (or of the file, if directly in `folder`),
    unless `rules`, name -> pattern of paths below `folder`, gives another; of several that match,
    the one with the most characters besides `*`. A pattern without a slash is of files directly in
    `folder`. InputError if there are no records, or a file is not one.
    """
    paths = [path for path in matching(folder, f"**/*{SUFFIX}") if path.is_file()]
    if not paths:
        raise InputError(f"{folder}: contains no *{SUFFIX} (`textvae --costs FILE` writes one)")
    # By folders: as text, the "-" of a longer name is before the "/" of a shorter one.
    paths.sort(key=lambda path: [natural(part) for part in path.parts])
    return [_job(folder, path, rules) for path in paths]


def costs(jobs: Iterable[Job]) -> list[Cost]:
    """Return the cost of each rule, the longest total time first."""
    of_rule: dict[str, list[Job]] = {}
    for job in jobs:
        of_rule.setdefault(job.rule, []).append(job)
    sums = [_sum(rule, own) for rule, own in of_rule.items()]
    return sorted(sums, key=lambda cost: (-(cost.seconds or 0), cost.rule))


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
    notes = [
        "Time, Longest and CPU in hours, minutes and seconds: sum over the jobs of a rule, the "
        "longest job, and CPU time. MiB: the largest peak of resident memory of a job. Each job's "
        "command measures itself and the programs it starts, from its start to its end; a training "
        "that was interrupted includes its earlier runs, until their last checkpoints. Includes "
        "the last run of each job that has a record, without downloads."
    ]
    total = Cost(
        "all",
        sum(cost.jobs for cost in rules),
        sum(cost.recorded for cost in rules),
        _total(cost.seconds for cost in rules),
        _maximum(cost.longest_seconds for cost in rules),
        _total(cost.cpu_seconds for cost in rules),
        _maximum(cost.memory_mib for cost in rules),
    )
    if missing := total.jobs - total.recorded:
        notes.append(
            f"Not recorded: {missing} of {total.jobs} jobs, which were killed or could not write; "
            f"their time and memory are missing. {MISSING}: no job of the rule was recorded."
        )
    blocks = (tuple(map(_line, rules)), (_line(total),))
    return Table("costs", caption, columns, (), blocks, tuple(notes))


def costs_csv(rules: Iterable[Cost]) -> str:
    """Return a CSV line for each rule, in seconds and MiB."""
    header = (
        *("rule", "jobs", "recorded", "seconds", "longest_seconds", "cpu_seconds"),
        "memory_mib",
    )
    return csv_text(
        header,
        [
            (
                *(c.rule, c.jobs, c.recorded, c.seconds, c.longest_seconds, c.cpu_seconds),
                c.memory_mib,
            )
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
    of_name = {rule: pattern for rule, pattern in rules.items() if _matches(name, pattern)}
    rule = max(of_name, key=lambda rule: _literal(of_name[rule]), default=name.split("/")[0])
    found = read(path)
    if found is None:
        return Job(rule, name, None, None, None)
    return Job(rule, name, found.seconds, found.cpu_seconds, found.memory_mib)


def _matches(name: str, pattern: str) -> bool:
    # In a pattern with folders, as for language models of copies, `*` may be several.
    return fnmatchcase(name, pattern) and ("/" in pattern or "/" not in name)


def _literal(pattern: str) -> int:
    return len(pattern.replace("*", ""))


def _sum(rule: str, jobs: Sequence[Job]) -> Cost:
    return Cost(
        rule,
        len(jobs),
        sum(job.seconds is not None for job in jobs),
        _total(job.seconds for job in jobs),
        _maximum(job.seconds for job in jobs),
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
