"""How a training resumes: from valid checkpoints of its own settings only."""

import os
import shutil
import signal
import sys
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch

from textvae.errors import InputError
from textvae.io import write_json
from textvae.runtime.signals import Stopped
from textvae.training import cell, completion, loop
from textvae.training.cell import CellTrainer
from textvae.training.checkpoints import Checkpoint, Checkpoints
from textvae.training.completion import remove_done
from textvae.training.fingerprint import digest
from tiny import tiny_task
from training_processes import after_steps, outcome, stop_at

TITLE = "tiny/small/C2/seed1"


@pytest.fixture
def task(tmp_path):
    return tiny_task(tmp_path / "corpus")


@pytest.fixture
def checkpoints(tmp_path):
    return tmp_path / "model.checkpoints"


@pytest.fixture
def train(tmp_path, task, checkpoints, capsys):
    """Train into the folder `model`; return the messages before the first step."""

    def train(task=task):
        capsys.readouterr()
        cell.train(task, tmp_path / "model", checkpoints, 0)
        lines = capsys.readouterr().err.splitlines()
        return [line for line in lines if f"{TITLE}  step " not in line]

    return train


@pytest.fixture
def stopped(task, train, checkpoints):
    """Stop a training after step 9; return the paths of its checkpoints of steps 8 and 9."""

    def stop(task=task):
        with pytest.MonkeyPatch.context() as patch:
            after_steps(patch, stop_at(9, signal.SIGINT))
            with pytest.raises(Stopped, match=f"^{TITLE}: .*step 9") as stop:
                train(task)
        assert stop.value.signal == signal.SIGINT
        return sorted((checkpoints / digest(task.identity)).glob("step*"))

    return stop


def other_rate(task):
    return replace(task, training=task.training.replace(learning_rate=0.02))


def test_one_damaged_checkpoint_costs_one_step(tmp_path, train, stopped, expected, monkeypatch):
    _, newest = stopped()
    newest.write_bytes(newest.read_bytes()[:1000])
    # The partial file of a killed process is removed before the first step.
    partial, existed = newest.with_name(f".{newest.name}.abc.partial"), []
    partial.write_bytes(b"half")
    after_steps(monkeypatch, lambda _: existed.append(partial.exists()))
    refused, resuming = train()
    assert existed == [False] * 13
    assert refused.startswith(f"{newest}: checkpoint not used: ")
    assert resuming == f"{TITLE}  resuming after step 8 of 21"
    assert outcome(tmp_path / "model") == expected


def test_without_a_usable_checkpoint_training_starts_again(
    tmp_path, train, checkpoints, stopped, expected
):
    older, newest = stopped()
    newest.unlink()
    newest.mkdir()
    older.write_bytes(b"")
    *refused, again, missing = train()
    assert [line.split(": ")[0] for line in refused] == [str(newest), str(older)]
    assert again.startswith(f"{TITLE}  warning: ")
    # The checkpoint of step 9 would have the name of the folder.
    assert missing.startswith(f"{TITLE}  no checkpoint after step 9: {newest}: ")
    assert "/step000000008-" in missing
    assert outcome(tmp_path / "model") == expected
    assert not checkpoints.exists()


def test_checkpoint_that_does_not_fit_is_refused(
    tmp_path, task, train, checkpoints, stopped, expected
):
    _, newest = stopped()
    tensors = safetensors.torch.load_file(newest)
    del tensors["sums"]
    newest.unlink()
    forged = Checkpoints(checkpoints, digest(task.identity)).save(Checkpoint(9, tensors))
    refused, resuming = train()
    assert refused == f"{forged}: checkpoint not used: lacks sums"
    assert resuming == f"{TITLE}  resuming after step 8 of 21"
    assert outcome(tmp_path / "model") == expected


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("optimiser.all.3.exp_avg", None, "lacks optimiser.all.3.exp_avg"),
        ("a\nb", lambda _: None, r"has 'a\nb', which is not of this model"),
        ("model.output.bias", lambda bias: bias[1:], r"(21,), expected float32 of shape (22,)"),
        ("sums", lambda sums: sums.float(), "float32 of shape (5,), expected float64"),
    ],
)
def test_misfit_names_the_tensor(task, name, change, reason):
    trainer = CellTrainer(task)
    tensors = trainer.tensors()
    assert trainer.misfit(Checkpoint(9, dict(tensors))) is None
    if change is None:
        del tensors[name]
    else:
        tensors[name] = change(tensors.get(name))
    misfit = trainer.misfit(Checkpoint(9, tensors))
    assert reason in misfit
    assert ascii(name)[1:-1] in misfit


def test_checkpoints_of_other_settings_are_reported_and_kept(
    tmp_path, task, train, checkpoints, stopped, expected
):
    before = stopped(other_rate(task))
    other = before[0].parent
    old = checkpoints / ("0" * 16)
    write_json(old / "identity.json", task.identity | {"training": {"torch": "2.12.0"}})
    reported = dict(zip(sorted([old, other]), train(), strict=True))
    assert all(str(folder) in line for folder, line in reported.items())
    assert "recipe" in reported[old]
    assert "learning_rate is 0.02 there and 0.01 here" in reported[other]
    assert outcome(tmp_path / "model") == expected
    assert sorted(other.glob("step*")) == before


def test_log_is_on_the_disk_before_its_checkpoint(train, monkeypatch):
    """Otherwise a node that dies could leave a checkpoint without the log's last lines."""
    fsync, replace_, flushed, behind = os.fsync, os.replace, {}, []

    def fsync_and_note(descriptor):
        fsync(descriptor)
        status = os.fstat(descriptor)
        flushed[status.st_ino] = status.st_size

    def replace_and_compare(partial, path):
        if Path(path).name.startswith("step"):
            log = Path(path).with_name("training.jsonl").stat()
            behind.append(log.st_size - flushed.get(log.st_ino, 0))
        replace_(partial, path)

    monkeypatch.setattr(os, "fsync", fsync_and_note)
    monkeypatch.setattr(os, "replace", replace_and_compare)
    train()
    assert behind == [0] * 21


def test_kept_last_checkpoint_gives_the_same_model_again(tmp_path, task, checkpoints, capsys):
    """Snakemake deletes the outputs of a job if it dies before the job ends."""
    model = tmp_path / "model"
    cell.train(task, model, checkpoints, 10, keep_last=True)
    contents = {path.name: path.read_bytes() for path in model.iterdir()}
    assert len(list(checkpoints.glob("*/step*"))) == 1
    shutil.rmtree(model)
    cell.train(task, model, checkpoints, 10, keep_last=True)
    assert "resuming after step 21 of 21" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in model.iterdir()} == contents
    remove_done(tmp_path)
    assert not checkpoints.exists()


@contextmanager
def after_another(path, title):
    """Replace `locked` as if another process had held the lock."""
    yield True


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "training.jsonl").unlink(),
        lambda folder: os.truncate(folder / "model.safetensors", 1000),
        lambda folder: write_json(folder / "config.json", {}),
        lambda folder: write_json(folder / "config.json", []),
    ],
    ids=["no log", "half the weights", "no cell", "no mapping"],
)
def test_incomplete_model_of_another_process_is_trained_again(
    tmp_path, train, finished, expected, monkeypatch, damage
):
    shutil.copytree(finished, tmp_path / "model")
    damage(tmp_path / "model")
    monkeypatch.setattr(loop, "locked", after_another)
    train()
    assert outcome(tmp_path / "model") == expected


def test_only_a_model_of_the_same_settings_is_taken_over(
    tmp_path, task, train, expected, monkeypatch, capsys
):
    train(other_rate(task))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "locked", after_another)
        train()
        assert outcome(tmp_path / "model") == expected
        finished = f"{TITLE}  already finished by another process in {tmp_path}/model"
        assert train() == [finished]
    # Without having waited, the process trains: somebody forced a rerun.
    capsys.readouterr()
    cell.train(task, tmp_path / "model", tmp_path / "model.checkpoints", 10)
    assert f"{TITLE}  step 21/21  valid  " in capsys.readouterr().err
    assert outcome(tmp_path / "model") == expected


def test_folder_in_place_of_the_log_is_one_line(task, train, checkpoints):
    log = checkpoints / digest(task.identity) / "training.jsonl"
    log.mkdir(parents=True)
    with pytest.raises(InputError, match=f"^{TITLE}: {log}: Is a directory"):
        train()


def test_cleaning_up_deletes_checkpoints_before_the_log(
    tmp_path, task, train, checkpoints, expected, monkeypatch
):
    """A process killed meanwhile leaves no checkpoint without its log."""
    monkeypatch.setattr(completion.shutil, "rmtree", lambda *_, **__: None)
    train()
    left = sorted(path.name for path in (checkpoints / digest(task.identity)).iterdir())
    assert left == ["identity.json", "training.jsonl"]
    train()
    assert outcome(tmp_path / "model") == expected


@pytest.mark.parametrize("kind", ["full disk", "closed pipe"])
def test_broken_stderr_stops_no_training(tmp_path, task, checkpoints, expected, monkeypatch, kind):
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as stream:
        if kind == "closed pipe":
            reader, writer = os.pipe()
            os.close(reader)
            os.dup2(writer, stream.fileno())
            os.close(writer)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", stream)
            cell.train(task, tmp_path / "model", checkpoints, 0)
    assert outcome(tmp_path / "model") == expected
