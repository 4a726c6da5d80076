"""How a training resumes, from valid checkpoints of its own settings only, and a full disk."""

import json
import os
import shutil
import signal
import sys
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import safetensors.torch

from small_disk import fill, small_disk
from textvae.errors import InputError
from textvae.fce import training as language_models
from textvae.fce.training import LanguageModelTrainer
from textvae.io import read_json, write_json
from textvae.runtime.signals import Stopped
from textvae.training import cell, completion, loop
from textvae.training.cell import CellTrainer
from textvae.training.checkpoints import Checkpoint, Checkpoints
from textvae.training.fingerprint import digest
from textvae.training.objectives.rate_target import RateTarget
from textvae.training.trainer import Trainer
from tiny import tiny_task
from tiny_language_model import text_task
from training_processes import after_steps, latest_step, outcome, stop, stop_at

TITLE = "tiny/small/C2/seed1"


@pytest.fixture
def task(tmp_path):
    return tiny_task(tmp_path / "corpus")


@pytest.fixture
def checkpoints(tmp_path):
    return tmp_path / "model.checkpoints"


@pytest.fixture
def train(tmp_path, task, checkpoints, capsys, expected):
    own = task

    def train(task=own):
        """Check the model of a training; return the messages about checkpoints."""
        capsys.readouterr()
        cell.train(task, tmp_path / "model", checkpoints, 0)
        assert task is not own or outcome(tmp_path / "model") == expected
        lines = capsys.readouterr().err.splitlines()
        others = (f"{TITLE}  step ", f"{TITLE}  warning: the code carries ")
        return [line for line in lines if not any(other in line for other in others)]

    return train


@pytest.fixture
def stopped(task, train, checkpoints):
    def stop(task=task):
        """Stop a training after step 9; return the paths of its checkpoints of steps 8 and 9."""
        with pytest.MonkeyPatch.context() as patch:
            after_steps(patch, stop_at(9, signal.SIGINT))
            with pytest.raises(Stopped, match=f"^{TITLE}: .*step 9") as stop:
                train(task)
        assert stop.value.signal == signal.SIGINT
        return sorted((checkpoints / digest(task.identity)).glob("step*"))

    return stop


def other_rate(task):
    return replace(task, training=task.training.replace(learning_rate=0.02))


def test_one_damaged_checkpoint_costs_one_step(train, stopped, monkeypatch):
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


def test_without_a_usable_checkpoint_training_starts_again(task, train, checkpoints, stopped):
    older, newest = stopped()
    tensors = safetensors.torch.load_file(older)
    del tensors["sums"]
    older.unlink()
    forged = Checkpoints(checkpoints, digest(task.identity)).save(Checkpoint(8, tensors))
    newest.unlink(missing_ok=True)
    newest.mkdir()
    refused, unfit, again, missing = train()
    assert refused.startswith(f"{newest}: ")
    assert unfit == f"{forged}: checkpoint not used: lacks sums"
    assert again.startswith(f"{TITLE}  warning: ")
    # The checkpoint of step 9 would have the name of the folder.
    assert missing.startswith(f"{TITLE}  no checkpoint after step 9: {newest}: ")
    assert "/step000000008-" in missing
    assert not checkpoints.exists()


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


def test_checkpoints_of_other_settings_are_reported_and_kept(task, train, checkpoints, stopped):
    before = stopped(other_rate(task))
    other = before[0].parent
    old = checkpoints / ("0" * 16)
    write_json(old / "identity.json", task.identity | {"training": {"torch": "2.12.0"}})
    reported = dict(zip(sorted([old, other]), train(), strict=True))
    assert all(str(folder) in line for folder, line in reported.items())
    assert "recipe" in reported[old]
    assert "learning_rate is 0.02 there and 0.01 here" in reported[other]
    assert sorted(other.glob("step*")) == before


def test_speed_after_a_resumption_is_of_the_steps_since(tmp_path, task, checkpoints, monkeypatch):
    """Each step takes a second, and a line of the log has the mean tokens of a step."""
    now, tokens, advance = [0.0], [], Trainer.advance

    def in_a_second(trainer, batch):
        now[0] += 1
        tokens.append(len(batch.words))
        advance(trainer, batch)

    monkeypatch.setattr(Trainer, "advance", in_a_second)
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(loop, "RECORDS_PER_EPOCH", 1)
    with pytest.MonkeyPatch.context() as patch:
        after_steps(patch, stop_at(9, signal.SIGINT))
        with pytest.raises(Stopped):
            cell.train(task, tmp_path / "model", checkpoints, 0)
    cell.train(task, tmp_path / "model", checkpoints, 0)
    lines = (tmp_path / "model/training.jsonl").read_text().splitlines()
    speeds = [one["tokens_per_second"] for one in map(json.loads, lines) if "split" not in one]
    # Lines of steps 7, 14 and 21, of which the second has five steps of this run.
    steps = tokens[:7], tokens[9:14], tokens[14:]
    assert speeds == [round(sum(each) / len(each), 1) for each in steps]


@pytest.mark.parametrize("name", ["step", "R", "tokens_per_second"])
def test_record_of_an_objective_replaces_nothing_of_the_log(train, monkeypatch, name):
    monkeypatch.setattr(RateTarget, "record", lambda objective, step: {name: 1.0})
    with pytest.raises(InputError, match=f"`record` has {name}, which the log has"):
        train()


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


def after_another(path, title):
    """Replace `locked` as if another process had held the lock."""
    return nullcontext(True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "training.jsonl").unlink(),
        lambda folder: os.truncate(folder / "model.safetensors", 1000),
        lambda folder: (folder / "vocabulary.txt").write_text("w1\n"),
        # Stopped while it was saved.
        lambda folder: (folder / "config.json").unlink(),
    ],
    ids=["no log", "half the weights", "other words", "no config"],
)
def test_incomplete_model_is_trained_again(tmp_path, train, finished, monkeypatch, damage):
    shutil.copytree(finished, tmp_path / "model")
    damage(tmp_path / "model")
    monkeypatch.setattr(loop, "locked", after_another)
    train()


def test_only_a_model_of_the_same_settings_is_taken_over(
    tmp_path, task, train, monkeypatch, capsys
):
    train(other_rate(task))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "locked", after_another)
        with pytest.raises(InputError, match=r"learning_rate is \S+ there and \S+ here"):
            train()
        shutil.rmtree(tmp_path / "model")
        train()
        finished = f"{TITLE}  already finished by another process in {tmp_path}/model"
        assert train() == [finished]
    # Without having waited, too.
    assert train() == [f"{TITLE}  already finished in {tmp_path}/model"]


@pytest.mark.parametrize("kind", ["cell", "text"])
def test_finished_training_takes_no_further_step(tmp_path, task, monkeypatch, capsys, kind):
    task, folder = task if kind == "cell" else text_task(), tmp_path / "model"
    learn(task, folder)
    before, steps = outcome(folder), []
    after_steps(monkeypatch, steps.append)
    capsys.readouterr()
    learn(task, folder)
    assert capsys.readouterr().err.endswith(f"  already finished in {folder}\n")
    assert (outcome(folder), steps) == (before, [])
    # As the workflow does before a job.
    shutil.rmtree(folder)
    learn(task, folder)
    assert outcome(folder) == before
    assert steps


def test_finished_model_of_another_training_is_not_overwritten(tmp_path, task, train):
    train()
    weights = (tmp_path / "model" / "model.safetensors").read_bytes()
    with pytest.raises(InputError, match=f"^{TITLE}: {tmp_path}/model contains a finished model"):
        train(other_rate(task))
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == weights


@pytest.mark.parametrize("damaged", [False, True])
def test_model_of_the_other_kind_is_not_overwritten(tmp_path, task, damaged):
    for name, one, other in (("vae", task, text_task()), ("lm", text_task(), task)):
        folder = tmp_path / name
        learn(one, folder)
        if damaged:
            (folder / "vocabulary.txt").write_text("w1\n")
        before = (folder / "model.safetensors").read_bytes()
        kind = "language model" if name == "lm" else "text VAE"
        with pytest.raises(InputError, match=f"{folder} contains a {kind}, expected a new folder"):
            learn(other, folder)
        assert (folder / "model.safetensors").read_bytes() == before


def learn(task, folder):
    train = cell.train if hasattr(task, "cell") else language_models.train
    train(task, folder, folder.with_name("checkpoints"), 10)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "vocabulary.txt").write_text("w1\n"),
        # A part of an extension that is not loaded.
        lambda folder: change_config(folder, "architecture", decoder="mine"),
    ],
    ids=["other words", "unknown decoder"],
)
def test_other_model_that_does_not_load_is_not_overwritten(tmp_path, task, train, finished, change):
    shutil.copytree(finished, tmp_path / "model")
    change(tmp_path / "model")
    before = (tmp_path / "model/model.safetensors").read_bytes()
    with pytest.raises(InputError, match="contains a finished model of another training"):
        train(other_rate(task))
    assert (tmp_path / "model/model.safetensors").read_bytes() == before


def change_config(folder, section, **values):
    config = read_json(folder / "config.json")
    config[section] |= values
    write_json(folder / "config.json", config)


def test_model_of_other_circumstances_is_trained_again(tmp_path, train):
    """A new version of torch, for example, changes weights but no setting."""
    train()
    config = read_json(tmp_path / "model" / "config.json")
    config["training"]["torch"] = "1.0"
    write_json(tmp_path / "model" / "config.json", config)
    assert train() == []
    assert read_json(tmp_path / "model" / "config.json")["training"]["torch"] != "1.0"


def test_folder_in_place_of_the_log_is_one_line(task, train, checkpoints):
    log = checkpoints / digest(task.identity) / "training.jsonl"
    log.mkdir(parents=True)
    with pytest.raises(InputError, match=f"^{TITLE}: {log}: Is a directory"):
        train()


def test_cleaning_up_deletes_checkpoints_before_the_log(task, train, checkpoints, monkeypatch):
    """A process killed meanwhile leaves no checkpoint without its log."""
    monkeypatch.setattr(completion.shutil, "rmtree", lambda *_, **__: None)
    train()
    left = sorted(path.name for path in (checkpoints / digest(task.identity)).iterdir())
    assert left == ["identity.json", "training.jsonl"]
    train()


@pytest.mark.parametrize("kind", ["full disk", "closed pipe"])
def test_broken_stderr_stops_no_training(tmp_path, train, expected, monkeypatch, kind):
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as stream:
        if kind == "closed pipe":
            reader, writer = os.pipe()
            os.close(reader)
            os.dup2(writer, stream.fileno())
            os.close(writer)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", stream)
            train()
    assert outcome(tmp_path / "model") == expected


FULL = ": No space left on device; "
# Enough for some lines of the log, but not for a checkpoint of 40 kilobytes.
LITTLE = 16_384


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 1) as disk:
        yield disk


def test_failed_checkpoint_is_repeated(tmp_path, disk, expected, monkeypatch, capsys):
    """Stopped on the full disk, the training resumes from an earlier checkpoint."""
    latest, task = [], tiny_task(tmp_path / "corpus")

    def act(trainer):
        if trainer.step == 6:
            fill(disk, LITTLE)
        elif trainer.step == 8:
            latest.append(latest_step(disk))
            if not latest[1:]:
                stop(trainer)
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
