"""Checkouts of the workflow, before and after a run, and plans."""

import shutil
from pathlib import Path

import pytest

from workflow_copy import HAS_LATEX, Plan, Workflow, checkout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """The tiny experiment, run once and archived, with its PDF if LaTeX is there. Read-only."""
    workflow = checkout(tmp_path_factory.mktemp("built") / "checkout")
    workflow.configure()
    targets = ["all", "archive", "paper"] if HAS_LATEX else ["all", "archive"]
    run = workflow.snakemake("--configfile", "tiny.yaml", "--", *targets)
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


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of the whole paper."""
    workflow = checkout(tmp_path_factory.mktemp("paper") / "checkout")
    return Plan(workflow.snakemake("--dry-run", "--config", "device=cpu", "--", "all", "paper"))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of the tiny experiment."""
    workflow = checkout(tmp_path_factory.mktemp("tiny") / "checkout")
    workflow.configure()
    return Plan(workflow.dry_run())
