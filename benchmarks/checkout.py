"""A fresh copy of the workflow without any results."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT, Finished, run
from textvae.errors import InputError

NOTHING_TO_DO = "Nothing to be done"

# Snakemake's --touch waits a tenth of a second per job, so that an output is younger than its
# inputs on any disk. Skip that: most disks record nanoseconds, and the whole paper has a thousand
# jobs.
_MARK = """
import sys
from snakemake.cli import main
from snakemake.executors.touch import Executor
Executor.SLEEPING_TIME = 0
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Checkout:
    """A folder with the files that a run of the workflow needs."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, root: Path = ROOT) -> "Checkout":
        """Copy the workflow's files from `root` to `folder`, with their modification times."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / "Snakefile", folder)
        for name in ("config", "envs", "profiles", "src", "workflow"):
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(root / name, folder / name, ignore=ignored)
        return cls(folder)

    def snakemake(
        self,
        *arguments: str,
        program: Sequence[str] = ("-m", "snakemake"),
        programs: Path | None = None,
    ) -> Finished:
        """Run Snakemake with the copy's code and settings, ignoring the user's profile.

        programs: folder of programs that jobs find first.
        """
        environment = {"PYTHONPATH": str(self.folder / "src"), "SNAKEMAKE_PROFILE": "none"}
        if programs:
            environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
        return run([sys.executable, *program, *arguments], self.folder, environment)

    def jobs(self, *arguments: str) -> int:
        """Return the number of jobs that a dry run plans."""
        printed = self.snakemake("--dry-run", "--quiet", "rules", *arguments).printed
        total = re.search(r"^total +(\d+)$", printed, re.MULTILINE)
        if total is None and NOTHING_TO_DO not in printed:
            raise InputError(
                f"snakemake --dry-run {' '.join(arguments)}: no number of jobs in its output"
            )
        return int(total[1]) if total else 0

    def outputs(self, *arguments: str) -> list[str]:
        """Return the output files of all jobs, relative to the folder."""
        printed = self.snakemake("--summary", *arguments).printed
        _, header, table = printed.partition("output_file\t")
        if not header:
            raise InputError("snakemake --summary: no column output_file")
        return [line.split("\t")[0] for line in table.splitlines()[1:]]

    def pretend_all_done(self, *arguments: str) -> int:
        """Create a small file for every output, marked as made by its job; return their number.

        InputError, with the number of jobs, if something is still to be done.
        """
        outputs = self.outputs(*arguments)
        for name in outputs:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            # JSON, because planning reads manifests.
            path.write_text(f'"{name}"\n')
        marking = ("--cores", "1", "--touch", "--forceall", "--quiet", "all")
        self.snakemake(*marking, *arguments, program=("-c", _MARK))
        self.check_all_done(*arguments)
        return len(outputs)

    def check_all_done(self, *arguments: str) -> None:
        """Raise InputError if a run would execute any job."""
        if left := self.jobs(*arguments):
            raise InputError(
                f"{self.folder}: snakemake would run {left} jobs though every output is there,"
                " expected nothing to be done"
            )
