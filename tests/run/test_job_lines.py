"""Jobs of Snakemake in short lines: what is left of a record, and of a reason."""

import logging

import pytest
from snakemake.logging import DefaultFilter
from snakemake.persistence import ParamsChange
from snakemake_interface_logger_plugins.common import LogEvent

from textvae.run.job_lines import MAX_CHANGE, ShortJobs, short_reason, shorten_jobs

FILES = ["m/a.json", "m/b.json", "m/c.json"]


def before_and_now(before, now):
    return f"Params have changed since last execution: {ParamsChange({before}, {now})}"


@pytest.mark.parametrize(
    ("reason", "short"),
    [
        ("Forced execution", "Forced execution"),
        ("Missing output files: m/c.json, m/a.json", "Missing output files"),
        ("Missing output files: m/c.json, m/b.json", "Missing output files: m/b.json and 1 more"),
        (
            "Missing output files: m/a.json; Input files updated by another job: z, y, x; Code has"
            " changed since last execution",
            "Missing output files; Input files updated by another job: x and 2 more; Code has"
            " changed since last execution",
        ),
        (
            before_and_now("--rate 1.0 --gain 2.0 --keep", "--rate 2.0 --gain 2.0 --keep"),
            "Params have changed since last execution: before: --rate 1.0, now: --rate 2.0",
        ),
        (
            before_and_now("code of train: 1f", "code of train: 2e"),
            "Params have changed since last execution: before: train: 1f, now: train: 2e",
        ),
        (
            before_and_now("a", f"a {'b' * 900}"),
            "Params have changed since last execution: before: -, now: "
            + "b" * (MAX_CHANGE - 3)
            + "...",
        ),
    ],
)
def test_reason_has_one_file_of_each_list_and_what_differs(reason, short):
    assert short_reason(reason, FILES) == short


def record(event, **fields):
    extra = {
        "event": event,
        "input": FILES,
        "output": FILES,
        "log": ["l", "c.tsv"],
        "reason": "",
        **fields,
    }
    return logging.makeLogRecord(extra)


class Fields(logging.Formatter):
    """Formats a record as a time, and the values of some of its fields."""

    def format(self, record):
        return f"[now]\n{[getattr(record, name, None) for name in ('input', 'output', 'log')]}"


@pytest.mark.parametrize(
    ("event", "dry_run", "text"),
    [
        (LogEvent.JOB_INFO, True, "[[], ['m/a.json and 2 more'], []]"),
        (LogEvent.JOB_INFO, False, "[now]\n[[], ['m/a.json and 2 more'], ['l']]"),
        (
            LogEvent.JOB_ERROR,
            False,
            "[now]\n[['m/a.json and 2 more'], ['m/a.json and 2 more'], ['l']]",
        ),
        (LogEvent.PROGRESS, True, f"[now]\n[{FILES}, {FILES}, ['l', 'c.tsv']]"),
    ],
)
def test_job_is_short_on_the_terminal_and_in_full_elsewhere(event, dry_run, text):
    job = record(event)
    assert ShortJobs(Fields(), dry_run=dry_run).format(job) == text
    assert job.input == job.output == FILES


def test_group_that_failed_shows_the_logs_of_its_jobs_without_their_costs():
    jobs = [{"rule_name": name, "log": [f"{name}.log", f"{name}.tsv"]} for name in ("a", "b")]
    text = ShortJobs(logging.Formatter("{job_error_info}", style="{"), dry_run=False).format(
        record(LogEvent.GROUP_ERROR, job_error_info=jobs)
    )
    assert text == str([{"rule_name": name, "log": [f"{name}.log"]} for name in ("a", "b")])
    assert jobs[0]["log"] == ["a.log", "a.tsv"]


def test_job_without_files_is_short():
    job = record(LogEvent.JOB_INFO, input=[], output=[], reason="Missing output files: x, y")
    assert ShortJobs(Fields(), dry_run=True).format(job) == "[[], [], []]"


def test_log_file_keeps_jobs_in_full_with_shell_commands(tmp_path):
    logger = logging.Logger("snakemake")
    for handler in (logging.StreamHandler(), logging.FileHandler(tmp_path / "log")):
        handler.setFormatter(Fields())
        handler.addFilter(DefaultFilter(set(), False, False, False, printshellcmds=False))
        logger.addHandler(handler)
    shorten_jobs(logger, dry_run=False)
    terminal, file = logger.handlers
    assert (type(terminal.formatter), type(file.formatter)) == (ShortJobs, Fields)
    command = record(LogEvent.SHELLCMD)
    assert (terminal.filter(command), file.filter(command)) == (False, True)
    file.close()
