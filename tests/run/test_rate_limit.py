"""Snakemake's limit on the rate of jobs, which is removed."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from textvae.run.rate_limit import remove_default_rate_limit

# Each job writes the number of threads of the Snakemake that runs it.
SNAKEFILE = """\
from textvae.run.rate_limit import remove_default_rate_limit
rule all:
    input: expand("{i}.txt", i=range(20))
rule one:
    output: "{i}.txt"
    shell: "grep Threads: /proc/$PPID/status > {output}"
onstart:
    remove_default_rate_limit(workflow.scheduler)
"""


def test_threads_do_not_grow_with_the_jobs_that_ended(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    threads = [int(path.read_text().split()[1]) for path in tmp_path.glob("*.txt")]
    assert len(threads) == 20
    # Some of Snakemake's own; one more for each job that ended, with its limit.
    assert max(threads) < 12


@pytest.mark.parametrize(("jobs", "seconds", "kept"), [(100, 1, False), (100, 60, True)])
def test_limit_that_the_user_gave_is_kept(jobs, seconds, kept):
    scheduler = SimpleNamespace(job_rate_limiter=SimpleNamespace(max_jobs=jobs, timespan=seconds))
    remove_default_rate_limit(scheduler)
    assert (scheduler.job_rate_limiter is not None) == kept


def test_scheduler_without_a_limit_stays_as_it_is():
    scheduler = SimpleNamespace()
    remove_default_rate_limit(scheduler)
    assert vars(scheduler) == {}
