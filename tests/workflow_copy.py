"""A copy of the workflow that tests may change, with a tiny experiment."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]

SMALL = {
    "embedding": 8,
    "hidden": 8,
    "latent": 4,
    "channels": 8,
    "bottleneck": 4,
    "filter_width": 3,
    "epochs": 1,
    "batch": 32,
    "learning_rate": 0.01,
}
GRID = {"corpora": ["little"], "C": [0, 3], "seeds": [1]}

TINY = {
    "device": "cpu",
    "targets": ["table1", "table2", "table3", "table4", "figure1", "section3_2", "collapse"],
    "corpora": {
        "little": {
            "grammar": {"train": 300, "valid": 20, "test": 60, "seed": 1},
            "format": "plain",
        },
        # Long enough for words that are known well, and have never met.
        "long": {
            "grammar": {"train": 5000, "valid": 20, "test": 60, "seed": 1},
            "format": "plain",
        },
    },
    "pairs": {"new": {"grammar": {"corpus": "long", "combinations": 2, "seed": 1}}},
    "models": {
        "tiny": SMALL,
        "tiny-gru": SMALL | {"encoder": "gru", "decoder": "gru"},
        "tiny-cnn": SMALL | {"decoder": "cnn"},
        "tiny-elbo": SMALL | {"objective": "elbo"},
    },
    "experiments": {
        "table1": GRID | {"models": ["tiny"], "caption": "A tiny table."},
        "table2": GRID
        | {"models": ["tiny"], "decodings": ["greedy", "sample"], "caption": "Lines."},
        "table3": GRID | {"models": ["tiny"], "decodings": ["sample"], "caption": "Tiny texts."},
        "table4": GRID
        | {"corpora": ["long"], "models": ["tiny"], "pairs": "new", "caption": "Tiny pairs."},
        "figure1": GRID | {"models": ["tiny", "tiny-gru", "tiny-cnn"], "caption": "A figure."},
        "section3_2": GRID | {"models": ["tiny-gru"], "caption": "A tiny section."},
        "collapse": GRID
        | {
            "models": ["tiny", "tiny-elbo"],
            "C": [0],
            "plus": [{"models": ["tiny"], "C": [3]}],
            "caption": "Tiny controls.",
        },
    },
    "evaluation": {
        "information": {"sentences": 50},
        "slope": {"sentences": 50},
        "likelihood": {"samples": 2, "sentences": 20},
    },
    "generation": {"sentences": 100, "copies": 2, "lines": 5},
    "language_model": {"epochs": 2, "batch": 32, "learning_rate": 0.01},
}


# What is done after any other job: all is there, and the record of the run tells of that job too.
FOLLOWS = ("all", "costs", "run_information")


class Workflow:
    """A checkout of the workflow in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Over that of the tests.
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(folder / "src"),
        }

    def snakemake(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it, with the checkout's own code."""
        with self.start(*arguments) as process:
            printed, complained = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, printed, complained)

    def start(self, *arguments: str, **how: Any) -> subprocess.Popen[str]:
        """The same, without waiting for its end."""
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
            cwd=self.folder,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )

    def configure(self, change: Callable[[dict], object] = lambda config: None) -> None:
        """Write the tiny configuration, changed."""
        config = yaml.safe_load(yaml.safe_dump(TINY))
        change(config)
        (self.folder / "tiny.yaml").write_text(yaml.safe_dump(config))

    def plan(self) -> dict[str, int]:
        """Rule -> jobs that a dry run of the tiny experiment plans."""
        return jobs(self.snakemake("--dry-run", "--configfile", "tiny.yaml"))

    def planned_cells(self) -> set[str]:
        """The cells whose training a dry run plans."""
        run = self.snakemake("--dry-run", "--configfile", "tiny.yaml")
        return set(re.findall(r"output: results/models/(\S+)/model.safetensors", run.stdout))


def jobs(run: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """The table of jobs that a dry run prints, without what follows whenever there is any."""
    assert run.returncode == 0, run.stdout + run.stderr
    text = run.stdout + run.stderr
    table = re.search(r"job +count\n[- ]+\n(.*?)\ntotal", text, re.DOTALL)
    if table is None:
        assert "Nothing to be done" in text
        return {}
    counts = dict(re.findall(r"^(\w+) +(\d+)$", table[1], re.MULTILINE))
    for rule in FOLLOWS:
        counts.pop(rule, None)
    return {rule: int(count) for rule, count in counts.items()}


def checkout(folder: Path) -> Workflow:
    """Copy what git would check out."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "Snakefile", folder)
    for name in ("config", "envs", "profiles", "src", "workflow"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    return Workflow(folder)
