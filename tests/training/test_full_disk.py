"""A disk that is full costs no more than the room it lacks: what was finished is kept."""

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
from textvae.training.trainer import Trainer
from tiny import tiny_task
from tiny_language_model import text_task
from training_processes import latest_step, outcome

TITLE = "tiny/small/C2/seed1"
ADVICE = "free disk space and run this again: finished work is kept"

# Of a disk of a megabyte: some lines of the record, but no checkpoint of 40 kilobytes.
LITTLE = 16_384


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        yield disk


@pytest.fixture
def undisturbed(tmp_path):
    task = tiny_task(tmp_path / "corpus")
    cell.train(task, tmp_path / "alone/model", tmp_path / "alone/model.checkpoints", 10)
    return outcome(tmp_path / "alone/model")


def after_steps(monkeypatch, **actions):
    """Do something after a step: step5=function."""
    advance = Trainer.advance

    def advance_and_act(training, batch):
        advance(training, batch)
        actions.get(f"step{training.step}", lambda: None)()

    monkeypatch.setattr(Trainer, "advance", advance_and_act)


def test_a_checkpoint_that_finds_no_room_is_tried_again_when_the_next_is_due(
    tmp_path, disk, undisturbed, monkeypatch, capsys
):
    task = tiny_task(tmp_path / "corpus")
    soundly = []

    def make_room():
        soundly.append(latest_step(disk))
        (disk / "filling").unlink()

    after_steps(
        monkeypatch,
        step6=lambda: fill(disk, LITTLE),
        step9=make_room,
        step10=lambda: soundly.append(latest_step(disk)),
    )
    cell.train(task, disk / "model", disk / "model.checkpoints", 0)
    warnings = [line for line in capsys.readouterr().err.splitlines() if "no checkpoint" in line]
    for step, line in zip((6, 7, 8), warnings, strict=True):
        start, end = line.split(": No space left on device; ")
        before, path = start.split(": ")
        assert before == f"{TITLE}  no checkpoint after step {step}"
        assert path.startswith(f"{disk}/model.checkpoints/")
        assert f"/step{step:09d}-" in path
        assert end.startswith(f"training continues (last good checkpoint: {disk}/")
        assert "/step000000005-" in end
    assert soundly == [5, 9]
    assert outcome(disk / "model") == undisturbed


@pytest.mark.parametrize("before", [True, False])
def test_asked_to_stop_on_a_full_disk_it_says_where_it_will_go_on_from(
    tmp_path, disk, undisturbed, monkeypatch, capsys, before
):
    task = tiny_task(tmp_path / "corpus")
    with monkeypatch.context() as patch:
        stop = {"step8": lambda: os.kill(os.getpid(), signal.SIGTERM)}
        after_steps(patch, step6=lambda: fill(disk, LITTLE), **stop)
        with pytest.raises(Stopped) as stopped:
            cell.train(task, disk / "model", disk / "model.checkpoints", 0 if before else 10)
    start, end = str(stopped.value).split(": No space left on device; ")
    assert start.startswith(f"{TITLE}: stopped after step 8; no checkpoint after step 8: {disk}/")
    expected = "go on after step 5" if before else "begin anew, there is no earlier one"
    assert end == f"will {expected}"
    (disk / "filling").unlink()
    cell.train(task, disk / "model", disk / "model.checkpoints", 0)
    assert (f"{TITLE}  resuming after step 5 of 21" in capsys.readouterr().err) == before
    assert outcome(disk / "model") == undisturbed


def test_a_record_that_finds_no_room(tmp_path, disk, monkeypatch):
    # 70 lines: more than the first 4 kilobytes, which the disk has given already.
    task = tiny_task(tmp_path / "corpus", epochs=10)
    cell.train(task, tmp_path / "alone", tmp_path / "keep", 10)
    with monkeypatch.context() as patch:
        after_steps(patch, step20=lambda: fill(disk))
        with pytest.raises(InputError) as error:
            cell.train(task, disk / "model", disk / "model.checkpoints", 0)
    (record,) = disk.glob("model.checkpoints/*/training.jsonl")
    start, last = str(error.value).split(" (last good checkpoint: ")
    assert start == f"{TITLE}: {record}: No space left on device; {ADVICE}"
    assert "/step000000019-" in last
    (disk / "filling").unlink()
    cell.train(task, disk / "model", disk / "model.checkpoints", 0)
    assert outcome(disk / "model") == outcome(tmp_path / "alone")


KINDS = {
    "cell": (TITLE, CellTrainer, cell.train, tiny_task),
    "text": ("tiny/text", LanguageModelTrainer, language_models.train, lambda _: text_task()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_finds_no_room(tmp_path, disk, monkeypatch, capsys, kind):
    title, training, train, task_in = KINDS[kind]
    task, keep = task_in(tmp_path / "corpus"), tmp_path / "keep"
    train(task, tmp_path / "alone", keep, 10)
    save = training.save

    def save_on_a_full_disk(self, folder):
        fill(disk)
        save(self, folder)

    with monkeypatch.context() as patch:
        patch.setattr(training, "save", save_on_a_full_disk)
        with pytest.raises(InputError) as error:
            train(task, disk / "model", keep, 0)
    start = f"{title}: {disk}/model/model.safetensors: No space left on device; {ADVICE} ("
    assert str(error.value).startswith(start)
    assert [path.name for path in (disk / "model").iterdir()] == ["training.jsonl"]
    (disk / "filling").unlink()
    train(task, disk / "model", keep, 0)
    assert "resuming after step 21 of 21" in capsys.readouterr().err or kind == "text"
    assert outcome(disk / "model") == outcome(tmp_path / "alone")
    assert not keep.exists()
