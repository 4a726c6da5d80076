"""The limit on the rate at which Snakemake starts jobs, which costs more than it saves."""

from typing import Any

# Jobs and seconds of Snakemake's default, --max-jobs-per-timespan 100/1s.
_DEFAULT = (100, 1)


def remove_default_rate_limit(scheduler: Any) -> None:
    """Remove Snakemake's limit from its scheduler, unless it is one that the user gave.

    With a limit, Snakemake 9.27 looks through all jobs that are ready once more a second after each
    look, and every job that ends begins another such series: as many threads and looks a second as
    jobs have ended. Runs of thousands of jobs would spend more time on it than on their jobs.
    """
    limit = getattr(scheduler, "job_rate_limiter", None)
    if limit is not None and (limit.max_jobs, limit.timespan) == _DEFAULT:
        scheduler.job_rate_limiter = None
