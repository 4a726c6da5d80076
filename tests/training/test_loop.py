"""How a training goes on: from what it believes, and never from what it does not."""

import errno
import os
import shutil
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch

from textvae.errors import InputError
from textvae.io import write_json
from textvae.runtime.signals import Stopped
from textvae.training import cell, loop
from textvae.training import completion as done
from textvae.training.checkpoints import Checkpoint, Checkpoints, step_of
from textvae.training.completion import remove_done
from textvae.training.fingerprint import digest
from textvae.training.trainer import Trainer
from tiny import tiny_task
from training_processes import outcome

TITLE = "tiny/small/C2/seed1"


@pytest.fixture
def task(tmp_path):
    return tiny_task(tmp_path / "corpus")


@pytest.fixture
def keep(tmp_path):
    return tmp_path / "keep"


@pytest.fixture
def undisturbed(tmp_path, task):
    cell.train(task, tmp_path / "undisturbed", tmp_path / "elsewhere", 10)
    return outcome(tmp_path / "undisturbed")


@pytest.fixture
def stopped(tmp_path, task, keep, capsys):
    """A training that was stopped after step 9, with checkpoints of steps 8 and 9: their paths."""

    def stop(task=task):
        with pytest.MonkeyPatch.context() as patch:
            advance = Trainer.advance

            def advance_and_be_stopped(training, batch):
                advance(training, batch)
                if training.step == 9:
                    os.kill(os.getpid(), signal.SIGTERM)

            patch.setattr(Trainer, "advance", advance_and_be_stopped)
            with pytest.raises(Stopped, match="stopped after step 9, will go on from there"):
                cell.train(task, tmp_path / "model", keep, 0)
        capsys.readouterr()
        return sorted((keep / digest(task.identity)).glob("step*"))

    return stop


def finished(tmp_path, task, keep, capsys):
    """Train to the end: what it said before its first step."""
    cell.train(task, tmp_path / "model", keep, 0)
    lines = capsys.readouterr().err.splitlines()
    return [line for line in lines if f"{TITLE}  step " not in line]


def test_one_damaged_checkpoint_costs_a_step(tmp_path, task, keep, stopped, undisturbed, capsys):
    _, newest = stopped()
    newest.write_bytes(newest.read_bytes()[:1000])
    assert finished(tmp_path, task, keep, capsys) == [
        f"{newest}: checkpoint not used: damaged, its content does not match the hash in its name",
        f"{TITLE}  resuming after step 8 of 21",
    ]
    assert outcome(tmp_path / "model") == undisturbed


def test_where_all_are_damaged_it_begins_anew(tmp_path, task, keep, stopped, undisturbed, capsys):
    older, newest = stopped()
    newest.unlink()
    newest.mkdir()
    older.write_bytes(b"")
    *refused, anew, missing = finished(tmp_path, task, keep, capsys)
    assert refused == [
        f"{newest}: checkpoint not used: not a file",
        f"{older}: checkpoint not used: damaged, its content does not match the hash in its name",
    ]
    assert anew == f"{TITLE}  warning: no checkpoint is usable, training starts from the beginning"
    # It comes to the same state as before, of the same name.
    missing, last = missing.split("; training continues ")
    folder = f"{newest}: is a folder, expected the name of a file"
    assert missing == f"{TITLE}  no checkpoint after step 9: {folder}"
    assert "/step000000008-" in last
    assert outcome(tmp_path / "model") == undisturbed
    assert not keep.exists()


def without(name):
    return lambda tensors: {n: tensor for n, tensor in tensors.items() if n != name}


def changed(name, change):
    return lambda tensors: tensors | {name: change(tensors[name])}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without("model.output.bias"), "lacks model.output.bias"),
        (without("optimiser.all.3.exp_avg"), "lacks optimiser.all.3.exp_avg"),
        (without("sums"), "lacks sums"),
        (lambda t: t | {"a\nb": t["sums"].clone()}, r"has 'a\nb', which is not of this model"),
        (
            changed("model.output.bias", lambda bias: bias[1:].clone()),
            "model.output.bias is float32 of shape (21,), expected float32 of shape (22,)",
        ),
        (
            changed("sums", lambda sums: sums.float()),
            "sums is float32 of shape (5,), expected float64 of shape (5,)",
        ),
    ],
)
def test_a_checkpoint_whose_tensors_do_not_fit_is_one_that_is_damaged(
    tmp_path, task, keep, stopped, undisturbed, capsys, change, reason
):
    _, newest = stopped()
    tensors = change(safetensors.torch.load_file(newest))
    newest.unlink()
    forged = Checkpoints(keep, digest(task.identity)).save(Checkpoint(9, tensors))
    refused, going_on = finished(tmp_path, task, keep, capsys)
    assert refused == f"{forged}: checkpoint not used: {reason}"
    assert going_on == f"{TITLE}  resuming after step 8 of 21"
    assert outcome(tmp_path / "model") == undisturbed


def other_rate(task):
    return replace(task, training=task.training.replace(learning_rate=0.02))


def test_a_checkpoint_of_other_settings_is_refused_where_it_was_copied_to(
    tmp_path, task, keep, stopped, undisturbed, capsys
):
    _, copied = stopped(other_rate(task))
    here = keep / digest(task.identity)
    here.mkdir()
    copied = copied.rename(here / copied.name)
    said = finished(tmp_path, task, keep, capsys)
    assert f"{copied}: checkpoint not used: from a training with other settings" in said
    assert outcome(tmp_path / "model") == undisturbed


def test_checkpoints_of_other_settings_are_told_and_left_alone(
    tmp_path, task, keep, stopped, undisturbed, capsys
):
    before = stopped(other_rate(task))
    other = before[0].parent
    # Of an earlier release of the code.
    old = keep / ("0" * 16)
    write_json(old / "identity.json", task.identity | {"training": {"torch": "2.12.0"}})
    assert finished(tmp_path, task, keep, capsys) == [
        f"{TITLE}  checkpoints in {folder} are not used ({reason}); they may be deleted"
        for folder, reason in sorted(
            [
                (old, "recipe is missing there"),
                (other, "learning_rate is 0.02 there and 0.01 here"),
            ]
        )
    ]
    assert outcome(tmp_path / "model") == undisturbed
    assert sorted(other.glob("step*")) == before


def test_what_a_killed_writer_left_is_removed(tmp_path, task, keep, stopped, monkeypatch):
    newest = stopped()[-1]
    half = newest.with_name(f".{newest.name}.abc.partial")
    half.write_bytes(b"half")
    seen = []
    monkeypatch.setattr(loop, "_run", lambda *_: seen.append(half.exists()))
    cell.train(task, tmp_path / "model", keep, 0)
    assert seen == [False]


def test_no_checkpoint_is_on_the_disk_before_the_lines_of_the_record(
    tmp_path, task, keep, monkeypatch
):
    """Or a node that dies could leave one that is newer than they are."""
    fsync, replace_, flushed, behind = os.fsync, os.replace, {}, []

    def fsync_and_note(descriptor):
        fsync(descriptor)
        written = os.fstat(descriptor)
        flushed[written.st_ino] = written.st_size

    def replace_and_look(partial, path):
        if Path(path).name.startswith("step"):
            record = Path(path).with_name("training.jsonl").stat()
            behind.append(record.st_size - flushed.get(record.st_ino, 0))
        replace_(partial, path)

    monkeypatch.setattr(os, "fsync", fsync_and_note)
    monkeypatch.setattr(os, "replace", replace_and_look)
    cell.train(task, tmp_path / "model", keep, 0)
    assert behind == [0] * 21


def test_the_last_checkpoint_stays_if_asked_and_gives_the_same_again(tmp_path, task, capsys):
    """Snakemake deletes what a job made whose end it did not live to see."""
    keep = tmp_path / "model.checkpoints"
    cell.train(task, tmp_path / "model", keep, 10, keep_last=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    assert len(list(keep.glob("*/step*"))) == 1
    shutil.rmtree(tmp_path / "model")
    capsys.readouterr()
    cell.train(task, tmp_path / "model", keep, 10, keep_last=True)
    assert "resuming after step 21 of 21" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == made
    remove_done(tmp_path)
    assert not keep.exists()


@contextmanager
def after_another(path, title):
    """As though another process had held the lock before."""
    yield True


def spoil(folder, name):
    (folder / name).unlink()


SPOILT = {
    "without weights": lambda folder: spoil(folder, "model.safetensors"),
    "without a record": lambda folder: spoil(folder, "training.jsonl"),
    "without words": lambda folder: spoil(folder, "vocabulary.txt"),
    "without a config": lambda folder: spoil(folder, "config.json"),
    "with half the weights": lambda folder: os.truncate(folder / "model.safetensors", 1000),
    "with a config of nothing": lambda folder: write_json(folder / "config.json", {}),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_model_that_is_not_whole_is_not_taken_from_another(
    tmp_path, task, keep, undisturbed, monkeypatch, fault
):
    folder = tmp_path / "undisturbed"
    SPOILT[fault](folder)
    monkeypatch.setattr(loop, "held", after_another)
    cell.train(task, folder, keep, 10)
    assert outcome(folder) == undisturbed


def test_a_model_of_other_settings_is_not_taken_from_another(
    tmp_path, task, keep, undisturbed, monkeypatch, capsys
):
    cell.train(other_rate(task), tmp_path / "model", keep, 10)
    monkeypatch.setattr(loop, "held", after_another)
    capsys.readouterr()
    cell.train(task, tmp_path / "model", keep, 10)
    assert outcome(tmp_path / "model") == undisturbed
    # This one now is the very model.
    capsys.readouterr()
    cell.train(task, tmp_path / "model", keep, 10)
    expected = f"{TITLE}  already finished by another process in {tmp_path}/model\n"
    assert capsys.readouterr().err == expected


def test_who_did_not_wait_trains(tmp_path, task, keep, undisturbed, capsys):
    """A forced rerun is one that somebody wants."""
    capsys.readouterr()
    cell.train(task, tmp_path / "undisturbed", keep, 10)
    assert f"{TITLE}  step 21/21  valid  " in capsys.readouterr().err
    assert outcome(tmp_path / "undisturbed") == undisturbed


def test_a_folder_in_the_place_of_a_file_is_one_line(tmp_path, task, keep):
    record = keep / digest(task.identity) / "training.jsonl"
    record.mkdir(parents=True)
    with pytest.raises(InputError) as error:
        cell.train(task, tmp_path / "model", keep, 0)
    assert str(error.value).startswith(f"{TITLE}: {record}: Is a directory")


def test_the_end_leaves_no_checkpoint_without_its_record(
    tmp_path, task, keep, undisturbed, monkeypatch
):
    """Killed while it cleans up, it has left nothing that another could go on from wrongly."""
    monkeypatch.setattr(done.shutil, "rmtree", lambda *_, **__: None)
    cell.train(task, tmp_path / "model", keep, 0)
    left = sorted(path.name for path in (keep / digest(task.identity)).iterdir())
    assert left == ["identity.json", "training.jsonl"]
    cell.train(task, tmp_path / "model", keep, 0)
    assert outcome(tmp_path / "model") == undisturbed


def test_the_step_of_a_checkpoint_is_in_its_name(stopped):
    assert [step_of(path) for path in stopped()] == [8, 9]


class NobodyReads:
    """A log on a full disk, or one whose reader was stopped first."""

    encoding = "utf-8"

    def __init__(self, error):
        self.error = error

    def isatty(self):
        return False

    def write(self, _):
        raise self.error

    flush = write


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(errno.ENOSPC, "No space left")])
def test_a_log_that_takes_no_lines_stops_no_training(
    tmp_path, task, keep, undisturbed, monkeypatch, error
):
    monkeypatch.setattr(sys, "stderr", NobodyReads(error))
    cell.train(task, tmp_path / "model", keep, 0)
    assert outcome(tmp_path / "model") == undisturbed
