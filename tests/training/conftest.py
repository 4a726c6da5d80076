"""Shared fixtures: trainings in other processes, and a training that was not interrupted."""

from functools import cache

import pytest

from textvae.training import cell
from tiny import tiny_task
from training_processes import outcome, start, wait


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory):
    @cache
    def train(kind):
        folder = tmp_path_factory.mktemp(kind)
        assert wait(start(kind, folder, folder / "log")) == 0
        return outcome(folder / "model")

    return train


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The model folder of `tiny_task` after a training in this process; not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    cell.train(tiny_task(folder / "corpus"), folder / "model", folder / "checkpoints", 10)
    return folder / "model"


@pytest.fixture(scope="session")
def expected(finished):
    """The outcome that every training of `tiny_task` must have."""
    return outcome(finished)
