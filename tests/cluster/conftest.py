"""A cluster for all tests of this folder, and checkouts of the workflow that know it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import one_node_slurm
from textvae.runtime.locks import Lock
from workflow_copy import ROOT, Workflow, checkout

# As a user would write down the site of these tests. The GPUs are none, so `auto` takes the CPU.
SITE = {"cpu_partition": "cpu", "gpu_partition": "gpu", "device": "auto"}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[one_node_slurm.Cluster]:
    """A SLURM that runs; the tests are skipped where there can be none."""
    if reason := one_node_slurm.missing():
        pytest.skip(reason)
    lock = Lock.take(one_node_slurm.ETC / "textvae-tests.lock")
    if lock is None:
        pytest.skip("the tests of another checkout have the cluster")
    cluster = one_node_slurm.Cluster(tmp_path_factory.mktemp("slurm"))
    yield cluster
    cluster.stop()
    lock.release()


@pytest.fixture
def on_cluster(cluster: one_node_slurm.Cluster, tmp_path: Path) -> Callable[..., Workflow]:
    """A function that checks the workflow out and fills in the profile's variables."""

    def make(**variables: Any) -> Workflow:
        workflow = checkout(tmp_path / "checkout")
        path = workflow.folder / "profiles/slurm/config.yaml"
        profile = yaml.safe_load(path.read_text())
        known = profile["__variables__"]
        assert known.keys() >= variables.keys()
        jobs = {"gpu_jobs", "cpu_jobs"} & variables.keys()
        merged = {name: known[name] | variables[name] for name in jobs}
        profile["__variables__"] = known | SITE | variables | merged
        # Of use in tests alone: by default the first look at a job is after 40 seconds.
        profile["slurm-init-seconds-before-status-checks"] = 1
        path.write_text(yaml.safe_dump(profile, sort_keys=False))
        return workflow

    return make


@pytest.fixture
def built_here(tmp_path: Path) -> Workflow:
    """A checkout with the demo's Table 1, as this machine makes it without a cluster.

    What `make demo` left is taken where it is; what is missing or stale there is made.
    """
    workflow = checkout(tmp_path / "local")
    for name in ("results/demo", ".snakemake/metadata"):
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, workflow.folder / name)
    run = workflow.snakemake("results/demo/table1.csv", "--configfile", "config/demo.yaml")
    assert run.returncode == 0, run.stdout + run.stderr
    return workflow
