"""Tables, verdicts and summaries of reproduction/ are those of the measurements beside them."""

import csv
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from workflow_copy import ROOT, checkout, forked_commands

RUNS = sorted(path for path in (ROOT / "reproduction").iterdir() if (path / "run").is_dir())


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Return reproduction/ of a checkout in which it was rendered again, without any text."""
    workflow = checkout(tmp_path_factory.mktemp("reproduced") / "checkout")
    folder = workflow.folder / "reproduction"
    shutil.copytree(ROOT / "reproduction", folder)
    shutil.copy(ROOT / "README.md", workflow.folder)
    for path in [*folder.glob("*/*.csv"), *folder.glob("*/*.html")]:
        path.write_text("")
    environment = os.environ | workflow.environment
    environment["PATH"] = f"{forked_commands()}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "reproduction/render.py"]
    subprocess.run(command, cwd=workflow.folder, env=environment, check=True, capture_output=True)
    return folder


def values(path: Path) -> list[list[object]]:
    """Return the fields of a CSV file, numbers to nine digits."""

    def value(field: str) -> object:
        try:
            return pytest.approx(float(field), rel=1e-9, abs=1e-9)
        except ValueError:
            return field

    return [[value(field) for field in line] for line in csv.reader(path.read_text().splitlines())]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_tables_are_those_of_the_measurements(rendered, run):
    kept = sorted(path.name for path in [*run.glob("*.csv"), *run.glob("*.html")])
    assert kept
    for name in kept:
        ours, again = run / name, rendered / run.name / name
        if name.endswith(".csv"):
            assert values(again) == values(ours), name
        else:
            assert again.read_text() == ours.read_text(), name


@pytest.mark.parametrize("name", ["README.md", "../README.md"])
def test_summaries_are_those_of_the_tables(rendered, name):
    assert (rendered / name).read_text() == (ROOT / "reproduction" / name).read_text()


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_files_are_those_of_the_listing(run):
    for line in (run / "excerpt.sha256").read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert sha256((run / name).read_bytes()).hexdigest() == digest, name
