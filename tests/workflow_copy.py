"""A copy of the workflow that tests may change, with a tiny experiment."""

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import prefork

ROOT = Path(__file__).parents[1]
HAS_LATEX = shutil.which("pdflatex") is not None

TINY = yaml.safe_load("""
device: cpu
targets: [table1, table2, table3, table4, figure1, section3_2, collapse]
corpora:
  little: {grammar: {train: 300, valid: 20, test: 60, seed: 1}, format: plain}
  # Long enough for words that are known well, and have never met.
  long: {grammar: {train: 5000, valid: 20, test: 60, seed: 1}, format: plain}
pairs: {new: {grammar: {corpus: long, combinations: 2, seed: 1}}}
models:
  tiny: &small
    {embedding: 8, hidden: 8, latent: 4, channels: 8, bottleneck: 4, filter_width: 3,
     epochs: 1, ramp_epochs: 0.5, batch: 32, learning_rate: 0.01}
  tiny-gru: {<<: *small, encoder: gru, decoder: gru}
  tiny-cnn: {<<: *small, decoder: cnn}
  tiny-elbo: {<<: *small, objective: elbo}
experiments:
  table1: &grid {corpora: [little], C: [0, 3], seeds: [1], models: [tiny], caption: A tiny table.}
  table2: {<<: *grid, decodings: [greedy, sample], caption: Lines.}
  table3: {<<: *grid, decodings: [sample], caption: Tiny texts.}
  table4: {<<: *grid, corpora: [long], pairs: new, caption: Tiny pairs.}
  figure1: {<<: *grid, models: [tiny, tiny-gru, tiny-cnn], caption: A figure.}
  section3_2: {<<: *grid, models: [tiny-gru], caption: A tiny section.}
  collapse:
    {<<: *grid, models: [tiny, tiny-elbo], C: [0], plus: [{models: [tiny], C: [3]}],
     caption: Tiny controls.}
evaluation:
  information: {sentences: 50}
  slope: {sentences: 50}
  likelihood: {samples: 2, sentences: 20}
generation: {sentences: 100, copies: 2, lines: 5}
language_model: {epochs: 2, batch: 32, learning_rate: 0.01}
""")
SMALL = TINY["models"]["tiny"]
GRID = {"corpora": ["little"], "C": [0, 3], "seeds": [1]}

# Rules whose jobs follow any other job: they record the run.
FOLLOWS = ("all", "costs", "run_information")


class Workflow:
    """A checkout of the workflow in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Replaces variables of the tests' own environment.
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(folder / "src"),
        }

    def snakemake(self, *arguments: str, full: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Snakemake to its end, in a process that is forked, as are those of its jobs.

        Planning imports the checkout's package; jobs run the package of the repository.
        full: whether jobs are printed in full.
        """
        command = ["snakemake", "--cores", "2", *(["-p"] if full else []), *arguments]
        environment = os.environ | self.environment
        if "--dry-run" not in arguments:
            environment["PATH"] = f"{forked_commands()}{os.pathsep}{environment['PATH']}"
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            streams = (0, out.fileno(), err.fileno())
            planner = prefork.server("snakemake.cli:main")
            status = prefork.run(planner, command, str(self.folder), environment, streams)
            printed, errors = (file.seek(0) or file.read() for file in (out, err))
        return subprocess.CompletedProcess(command, status, printed, errors)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start Snakemake as a user would, with the checkout's package for planning and jobs."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        environment = os.environ | self.environment
        return subprocess.Popen(command, cwd=self.folder, env=environment, **streams, **options)

    def configure(self, change: Callable[[dict], object] = lambda config: None) -> None:
        """Write the tiny configuration, changed, to tiny.yaml."""
        config = yaml.safe_load(yaml.safe_dump(TINY))
        change(config)
        (self.folder / "tiny.yaml").write_text(yaml.safe_dump(config))

    def dry_run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Plan files, or everything, of tiny.yaml."""
        return self.snakemake("--dry-run", "--configfile", "tiny.yaml", "--", *arguments)

    def plan(self, *arguments: str) -> dict[str, int]:
        """Return rule -> jobs that a dry run of tiny.yaml plans."""
        return jobs(self.dry_run(*arguments))


@cache
def forked_commands() -> Path:
    """Return a folder with a `textvae` that runs in forked processes."""
    folder = Path(tempfile.mkdtemp(prefix="commands-"))
    atexit.register(shutil.rmtree, folder)
    prefork.write_command(folder / "textvae", prefork.server("textvae.cli:main", "preloaded"))
    return folder


def jobs(run: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Return rule -> jobs of a dry run, without the rules of FOLLOWS."""
    return Plan(run).counts()


@dataclass(frozen=True)
class Job:
    """A job of a dry run: its rule, files, `fields` such as priority and resources, and command."""

    rule: str
    fields: dict[str, str]
    command: str

    def files(self, field: str) -> list[str]:
        """Return the files of a field: input, output ..."""
        return self.fields[field].split(", ") if field in self.fields else []


class Plan:
    """The jobs of a dry run."""

    def __init__(self, run: subprocess.CompletedProcess[str]) -> None:
        assert run.returncode == 0, run.stdout + run.stderr
        # Jobs of a group are indented.
        pattern = r"^ *rule ([\w-]+):\n((?: {4,}\w+: .*\n)*)(?:Shell command: (.*))?"
        self.jobs = [
            Job(rule, dict(re.findall(r"^ +(\w+): (.*)$", fields, re.MULTILINE)), command)
            for rule, fields, command in re.findall(pattern, run.stdout, re.MULTILINE)
        ]
        assert self.jobs or "Nothing to be done" in run.stdout + run.stderr
        self._makers = {path: job for job in self.jobs for path in job.files("output")}

    def counts(self) -> dict[str, int]:
        """Return rule -> jobs, without the rules of FOLLOWS."""
        return dict(Counter(job.rule for job in self.jobs if job.rule not in FOLLOWS))

    def maker(self, path: str) -> Job:
        """Return the job that writes a file."""
        return self._makers[path]

    def of_rule(self, rule: str) -> list[Job]:
        """Return the jobs of a rule."""
        return [job for job in self.jobs if job.rule == rule]

    def needed(self, *paths: str) -> dict[str, int]:
        """Return rule -> jobs without which these files could not be made."""
        needed, waiting = {}, [self.maker(path) for path in paths]
        while waiting:
            job = waiting.pop()
            if id(job) not in needed:
                needed[id(job)] = job
                made = self._makers.keys() & set(job.files("input"))
                waiting += [self._makers[path] for path in made]
        return dict(Counter(job.rule for job in needed.values()))


def checkout(folder: Path) -> Workflow:
    """Copy what git would check out, and the compiled modules beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("Snakefile", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    for name in ("config", "envs", "profiles", "src", "workflow"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.egg-info"))
    return Workflow(folder)
