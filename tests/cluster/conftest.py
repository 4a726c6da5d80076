"""A cluster for the tests of this folder, and checkouts of the workflow that use it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import one_node_slurm
from textvae.runtime.locks import Lock
from workflow_copy import ROOT, Workflow, checkout

# Variables of the profile. The GPUs are not real, so `auto` selects the CPU.
SITE = {"cpu_partition": "cpu", "gpu_partition": "gpu", "device": "auto"}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[one_node_slurm.Cluster]:
    """Start SLURM; the tests are skipped where that is impossible."""
    if reason := one_node_slurm.missing():
        pytest.skip(reason)
    lock = Lock.take(one_node_slurm.ETC / "textvae-tests.lock")
    if lock is None:
        pytest.skip("the tests of another checkout use the cluster")
    cluster = one_node_slurm.Cluster(tmp_path_factory.mktemp("slurm"))
    yield cluster
    cluster.stop()
    lock.release()


@pytest.fixture
def on_cluster(cluster: one_node_slurm.Cluster, tmp_path: Path) -> Callable[..., Workflow]:
    """Return a function that checks the workflow out and sets variables of the profile."""

    def make(**variables: Any) -> Workflow:
        workflow = checkout(tmp_path / "checkout")
        path = workflow.folder / "profiles/slurm/config.yaml"
        profile = yaml.safe_load(path.read_text())
        defaults = profile["__variables__"]
        assert defaults.keys() >= variables.keys()
        jobs = {"gpu_jobs", "cpu_jobs"} & variables.keys()
        merged = {name: defaults[name] | variables[name] for name in jobs}
        profile["__variables__"] = defaults | SITE | variables | merged
        # By default the status of a job is checked after 40 seconds.
        profile["slurm-init-seconds-before-status-checks"] = 1
        path.write_text(yaml.safe_dump(profile, sort_keys=False))
        return workflow

    return make


@pytest.fixture
def built_here(tmp_path: Path) -> Workflow:
    """Return a checkout with the demo's Table 1, made without a cluster.

    Results of `make demo` are used; missing and outdated ones are made.
    """
    workflow = checkout(tmp_path / "local")
    for name in ("results/demo", ".snakemake/metadata"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, workflow.folder / name)
    run = workflow.snakemake("results/demo/table1.csv", "--configfile", "config/demo.yaml")
    assert run.returncode == 0, run.stdout + run.stderr
    return workflow
