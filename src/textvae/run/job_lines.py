"""Snakemake's jobs on the terminal in a few short lines each; its log file has all of them in full.

In full, a dry run of the paper's Table 1 is 100,000 characters, in lines of up to 2,500.
"""

import copy
import logging
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from snakemake_interface_logger_plugins.common import LogEvent

from textvae.runtime.costs import SUFFIX

# Characters of the parameters that changed, before and now each.
MAX_CHANGE = 200
_FILES = re.compile(
    r"(Missing output files|Incomplete output files|Updated input files|"
    r"Input files updated by another job): (.*?)(?=; [A-Z]|$)"
)
_TIME = re.compile(r"^ *\[.*\]\n")
_PARAMS = re.compile(r"Union of exclusive params .*?: before: (.*) now: (.*)", re.DOTALL)


def shorten_jobs(logger: logging.Logger, *, dry_run: bool) -> None:
    """Shorten jobs on the terminal; log the shell command of each job in Snakemake's log file.

    Logger plugins are left as they are.
    """
    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler):
            for each in handler.filters:
                if hasattr(each, "printshellcmds"):
                    each.printshellcmds = True
        elif isinstance(handler, logging.StreamHandler) and handler.formatter:
            handler.setFormatter(ShortJobs(handler.formatter, dry_run=dry_run))
    if dry_run:
        _format_commands_once()


def _format_commands_once() -> None:
    """Keep the shell command of the last job, which Snakemake formats three times to report it.

    That is a tenth of a plan's time. Not in a run, where another attempt may have other resources.
    """
    from snakemake.jobs import Job

    if isinstance(Job.shellcmd, property) and Job.shellcmd.fget is not None:
        Job.shellcmd = property(lru_cache(maxsize=1)(Job.shellcmd.fget))


class ShortJobs(logging.Formatter):
    """Snakemake's own format for records of jobs without what other lines already contain."""

    def __init__(self, full: logging.Formatter, *, dry_run: bool) -> None:
        super().__init__()
        self._full = full
        self._dry_run = dry_run

    def format(self, record: logging.LogRecord) -> str:
        """Format a record, that of a job without its inputs, wildcards and resources."""
        event = getattr(record, "event", None)
        if event not in (LogEvent.JOB_INFO, LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR):
            return self._full.format(record)
        # Other handlers get the same record.
        record = copy.copy(record)
        fields = vars(record)
        if event == LogEvent.GROUP_ERROR:
            jobs = fields["job_error_info"]
            fields["job_error_info"] = [job | {"log": _without_costs(job["log"])} for job in jobs]
            return self._full.format(record)
        fields["log"] = _without_costs(fields["log"])
        if event == LogEvent.JOB_INFO:
            fields["reason"] = short_reason(fields["reason"], fields["output"])
            fields |= {"benchmark": None, "priority": 0, "resources": {}, "threads": 1}
            fields |= {"input": [], "wildcards": {}} | ({"log": []} if self._dry_run else {})
        for files in ("input", "output"):
            fields[files] = [_first(fields[files])] if fields[files] else []
        text = self._full.format(record)
        return _TIME.sub("", text) if self._dry_run else text


def short_reason(reason: str, outputs: Sequence[str]) -> str:
    """Return a job's reason with one file of each list, and only those parameters that differ.

    outputs: those of the job, of which the first is shown anyway.
    """

    def shorten(match: re.Match[str]) -> str:
        files = sorted(match[2].split(", "))
        return match[1] if set(outputs[:1]) & set(files) else f"{match[1]}: {_first(files)}"

    reason = _FILES.sub(shorten, reason)
    return _PARAMS.sub(lambda match: _difference(match[1], match[2]), reason)


def _without_costs(logs: Iterable[str]) -> list[str]:
    """Leave out the costs of jobs: they explain no error, and a job that was killed has none.

    Snakemake prints no log after one that is missing.
    """
    return [path for path in logs if not path.endswith(SUFFIX)]


def _first(files: Iterable[str]) -> str:
    first, *others = files
    return f"{first} and {len(others)} more" if others else first


def _difference(before: str, now: str) -> str:
    """Return the values that only one of two texts has, each after its flag or key."""
    values = [_values(text) for text in (before, now)]
    only = [
        " ".join(value for value in own if value not in other) or "-"
        for own, other in (values, values[::-1])
    ]
    before, now = (
        text if len(text) <= MAX_CHANGE else f"{text[: MAX_CHANGE - 3]}..." for text in only
    )
    return f"before: {before}, now: {now}"


def _values(text: str) -> list[str]:
    """Return the words of a text; a flag or a key is one with the word that follows it."""
    values: list[str] = []
    label = ""
    for word in re.findall(r"[^\s,]+", text):
        is_label = word.startswith("--") or word.endswith(":")
        if label and is_label:
            values.append(label)
        if not is_label:
            values.append(f"{label} {word}".strip())
        label = word if is_label else ""
    return values + [label] * bool(label)
