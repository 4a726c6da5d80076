"""Jobs that are left in SLURM's queue are cancelled by the name of their run."""

from types import SimpleNamespace

import pytest

from textvae.run.cluster_jobs import cancel_jobs_left


@pytest.fixture
def scancel(tmp_path, monkeypatch):
    """Return a function that puts a scancel that ends with a status in front of the PATH."""

    def make(status):
        program = tmp_path / "scancel"
        program.write_text(
            f'#!/bin/sh\necho "$@" >> {tmp_path}/asked; echo "no slurmctld" >&2\nexit {status}\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return tmp_path / "asked"

    return make


def of_run(**executor):
    return SimpleNamespace(_executor=SimpleNamespace(**executor))


def test_jobs_of_the_run_are_cancelled(scancel):
    asked = scancel(0)
    cancel_jobs_left(of_run(run_uuid="textvae_1"))
    assert asked.read_text() == "--name=textvae_1\n"


def test_nothing_is_cancelled_of_other_runs(scancel, monkeypatch, tmp_path):
    asked = scancel(0)
    cancel_jobs_left(of_run())
    cancel_jobs_left(SimpleNamespace())
    assert not asked.exists()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    cancel_jobs_left(of_run(run_uuid="textvae_1"))


def test_jobs_that_cannot_be_cancelled_are_named(scancel, capsys):
    scancel(1)
    cancel_jobs_left(of_run(run_uuid="textvae_1"))
    assert capsys.readouterr().out.count("\n") == 1
    scancel(1)
    cancel_jobs_left(of_run(run_uuid="textvae_1"))
    assert "no slurmctld): scancel --name=textvae_1" in capsys.readouterr().out
