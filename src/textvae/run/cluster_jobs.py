"""Jobs of a run that are left in SLURM's queue after it."""

import shutil
import subprocess
from typing import Any

from textvae.runtime.costs import counting_children

# Seconds; as long as the plugin for SLURM waits.
_TIMEOUT = 60


def cancel_jobs_left(scheduler: Any) -> None:
    """Cancel what is still in the queue of the run of a scheduler; nothing without SLURM.

    While Snakemake 9.27 asks for the state of its jobs, or submits more, it does not know them as
    active: an interrupt then ends the run without cancelling them. The plugin for SLURM gives all
    jobs of a run one name, its `run_uuid`.
    """
    name = getattr(getattr(scheduler, "_executor", None), "run_uuid", None)
    if name is None or shutil.which("scancel") is None:
        return
    command = ["scancel", f"--name={name}"]
    try:
        with counting_children():
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "stderr", None) or "no answer within a minute"
        print(f"jobs may be left in the queue ({reason.strip()}): scancel --name={name}")
