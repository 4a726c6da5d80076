"""The workflow as tests need it: fresh, run once, or run and to be changed."""

import shutil
from pathlib import Path

import pytest

from workflow_copy import Workflow, checkout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """The tiny experiment, run once for all tests. Not to be changed: ask for `workflow`."""
    workflow = checkout(tmp_path_factory.mktemp("built") / "checkout")
    workflow.configure()
    run = workflow.snakemake("--configfile", "tiny.yaml")
    assert run.returncode == 0, run.stdout + run.stderr
    return workflow


@pytest.fixture
def workflow(built: Workflow, tmp_path: Path) -> Workflow:
    """A copy of the experiment that has been run, for one test to change."""
    shutil.copytree(built.folder, tmp_path / "checkout")
    return Workflow(tmp_path / "checkout")


@pytest.fixture
def fresh(tmp_path: Path) -> Workflow:
    """A checkout in which nothing has been run."""
    workflow = checkout(tmp_path / "checkout")
    workflow.configure()
    return workflow
