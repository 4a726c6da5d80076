"""Trainings on a full disk: finished work is kept, and messages name the file."""

import os
import signal

import pytest

from small_disk import fill, small_disk
from textvae.errors import InputError
from textvae.fce import training as language_models
from textvae.fce.training import LanguageModelTrainer
from textvae.runtime.signals import Stopped
from textvae.training import cell
from textvae.training.cell import CellTrainer
from tiny import tiny_task
from tiny_language_model import text_task
from training_processes import after_steps, latest_step, outcome, stop_at

TITLE = "tiny/small/C2/seed1"
FULL = ": No space left on device; "
# Enough for some lines of the log, but not for a checkpoint of 40 kilobytes.
LITTLE = 16_384


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        yield disk


def test_failed_checkpoint_is_repeated_when_the_next_is_due(
    tmp_path, disk, expected, monkeypatch, capsys
):
    """Stopped on the full disk, the training resumes from an earlier checkpoint."""
    latest, task = [], tiny_task(tmp_path / "corpus")

    def act(trainer):
        if trainer.step == 6:
            fill(disk, LITTLE)
        elif trainer.step == 8:
            latest.append(latest_step(disk))
            if not latest[1:]:
                os.kill(os.getpid(), signal.SIGTERM)
        elif trainer.step == 9:
            (disk / "filling").unlink()
        elif trainer.step == 10:
            latest.append(latest_step(disk))

    after_steps(monkeypatch, act)
    with pytest.raises(Stopped) as stopped:
        cell.train(task, disk / "model", disk / "model.checkpoints", 0)
    start, end = str(stopped.value).split(FULL)
    assert start.startswith(f"{TITLE}: stopped after step 8; no checkpoint after step 8: {disk}/")
    assert "after step 5" in end
    (disk / "filling").unlink()
    capsys.readouterr()
    cell.train(task, disk / "model", disk / "model.checkpoints", 0)
    lines = capsys.readouterr().err.splitlines()
    assert f"{TITLE}  resuming after step 5 of 21" in lines
    warnings = [line for line in lines if FULL in line]
    for step, line in zip((6, 7, 8), warnings, strict=True):
        path, last = line.removeprefix(f"{TITLE}  no checkpoint after step {step}: ").split(FULL)
        assert path.startswith(f"{disk}/model.checkpoints/")
        assert f"/step{step:09d}-" in path
        assert "/step000000005-" in last
    assert latest == [5, 5, 9]
    assert outcome(disk / "model") == expected


def test_first_checkpoint_that_fails_is_reported_at_a_stop(tmp_path, disk, monkeypatch):
    fill(disk, LITTLE)
    after_steps(monkeypatch, stop_at(3))
    with pytest.raises(Stopped, match=f"{FULL}.*no earlier checkpoint"):
        cell.train(tiny_task(tmp_path), disk / "model", disk / "model.checkpoints", 10)


@pytest.mark.parametrize(
    ("kind", "trainer", "train"),
    [("cell", CellTrainer, cell.train), ("text", LanguageModelTrainer, language_models.train)],
)
def test_model_without_space_is_saved_by_the_next_run(
    tmp_path, disk, monkeypatch, kind, trainer, train
):
    task = tiny_task(tmp_path / "corpus", epochs=1) if kind == "cell" else text_task()
    checkpoints, save = tmp_path / "checkpoints", trainer.save
    train(task, tmp_path / "alone", checkpoints, 10)

    def save_on_a_full_disk(self, folder):
        fill(disk)
        save(self, folder)

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "save", save_on_a_full_disk)
        with pytest.raises(InputError) as error:
            train(task, disk / "model", checkpoints, 0)
    assert f": {disk}/model/model.safetensors{FULL}" in str(error.value)
    assert [path.name for path in (disk / "model").iterdir()] == ["training.jsonl"]
    (disk / "filling").unlink()
    train(task, disk / "model", checkpoints, 0)
    assert outcome(disk / "model") == outcome(tmp_path / "alone")
    assert not checkpoints.exists()
