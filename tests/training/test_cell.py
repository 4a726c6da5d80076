"""A cell in the training loop: it learns, it repeats itself, and it survives being stopped."""

import json
import os
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from textvae.errors import InputError
from textvae.models import saved
from textvae.models.inference import rates_and_distortions
from textvae.runtime.signals import Stopped
from textvae.training import cell
from textvae.training.fingerprint import digest
from textvae.training.schedule import Schedule
from textvae.training.trainer import Trainer
from tiny import tiny_task

CPU = torch.device("cpu")


def outcome(folder):
    """All that must be the same, bit for bit: the weights, the config, the record but for speed."""
    lines = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("tokens_per_second", None)
    weights = (folder / "model.safetensors").read_bytes()
    return weights, (folder / "config.json").read_text(), lines


def send_after_each_step(monkeypatch, number):
    """Have the training's own process get a signal after every step."""
    advance = Trainer.advance

    def advance_and_be_signalled(training, batch):
        advance(training, batch)
        os.kill(os.getpid(), number)

    monkeypatch.setattr(Trainer, "advance", advance_and_be_signalled)


@pytest.fixture
def undisturbed(tmp_path):
    task = tiny_task(tmp_path / "corpus")
    cell.train(task, tmp_path / "undisturbed", tmp_path / "keep", 10)
    return outcome(tmp_path / "undisturbed")


def test_a_model_learns_and_is_saved_with_all_it_needs(tmp_path):
    task = tiny_task(tmp_path / "corpus", epochs=30)
    cell.train(task, tmp_path / "model", tmp_path / "keep", 10)
    lines = [
        json.loads(line) for line in (tmp_path / "model/training.jsonl").read_text().splitlines()
    ]
    valid = [line for line in lines if "split" in line]
    assert [line["epoch"] for line in valid] == list(range(1, 31))
    assert valid[-1]["D"] < valid[0]["D"] - 1
    assert valid[-1]["R"] == pytest.approx(2, abs=0.5)
    trained = saved.load(tmp_path / "model", CPU)
    assert str(trained.cell) == "tiny/small/C2/seed1"
    assert trained.vocabulary.digest == task.corpus.vocabulary.digest
    assert not (tmp_path / "keep").exists()


def test_the_same_cell_gives_the_same_bits_twice(tmp_path, undisturbed):
    cell.train(tiny_task(tmp_path / "corpus"), tmp_path / "again", tmp_path / "keep", 10)
    assert outcome(tmp_path / "again") == undisturbed


@pytest.mark.parametrize("decoder", ["lstm", "gru", "cnn"])
def test_stopped_after_every_step_and_resumed_it_gives_the_same_bits(
    tmp_path, monkeypatch, capsys, decoder
):
    # The CNN drops channels in training: those draws, too, are of the step and not of the run.
    task = tiny_task(tmp_path / "corpus", decoder=decoder)
    cell.train(task, tmp_path / "undisturbed", tmp_path / "keep", 10)
    send_after_each_step(monkeypatch, signal.SIGTERM)
    stops = 0
    while not (tmp_path / "model/config.json").exists():
        try:
            cell.train(task, tmp_path / "model", tmp_path / "keep", 10)
        except Stopped:
            stops += 1
    assert stops == Schedule(task.training.shared, 100).steps - 1
    assert "tiny/small/C2/seed1  resuming after step 20 of 21\n" in capsys.readouterr().err
    assert outcome(tmp_path / "model") == outcome(tmp_path / "undisturbed")


def test_nothing_drops_out_of_a_model_that_is_validated(tmp_path):
    task = tiny_task(tmp_path / "corpus", decoder="cnn")
    task = replace(task, model=task.model.replace(dropout=0.5))
    cell.train(task, tmp_path / "model", tmp_path / "keep", 10)
    said = json.loads((tmp_path / "model/training.jsonl").read_text().splitlines()[-1])
    trained = saved.load(tmp_path / "model", CPU)
    sent = rates_and_distortions(trained.model, task.corpus.split("valid"), seed=1)
    assert (said["D"], said["R"]) == (sent.distortion.mean(), sent.rate.mean())


def test_at_C_of_0_the_objective_is_the_elbo(tmp_path):
    # Rates are never negative, so D + beta |R - 0| is D + beta R, to the bit.
    for objective in ("rate-target", "elbo"):
        task = tiny_task(tmp_path / "corpus", C=0.0, objective=objective)
        cell.train(task, tmp_path / objective, tmp_path / "keep", 10)
    ours, plain = (outcome(tmp_path / objective)[0] for objective in ("rate-target", "elbo"))
    assert ours == plain


def latest_step(keep):
    """Of the newest checkpoint, whatever task it is of."""
    names = [path.name for path in keep.glob("*/step*")]
    return max((int(name[4:13]) for name in names), default=0)


@pytest.mark.parametrize("change", ["code", "threads"])
def test_a_checkpoint_of_other_code_or_threads_is_not_used(tmp_path, monkeypatch, change):
    task = tiny_task(tmp_path / "corpus")
    before = digest(task.identity)
    if change == "code":
        monkeypatch.setattr("textvae.training.fingerprint._code", lambda *_: "another")
    else:
        monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    assert digest(task.identity) != before


def test_an_interrupt_from_the_keyboard_keeps_the_work(tmp_path, monkeypatch):
    task = tiny_task(tmp_path / "corpus")
    send_after_each_step(monkeypatch, signal.SIGINT)
    with pytest.raises(Stopped, match="stopped after step 1") as stopped:
        cell.train(task, tmp_path / "model", tmp_path / "keep", 10)
    assert stopped.value.signal == signal.SIGINT
    assert latest_step(tmp_path / "keep") == 1


@pytest.mark.parametrize("step", [4, 20])
def test_weights_that_are_not_finite_are_not_saved(tmp_path, monkeypatch, step):
    # The loss of a step is fine; what the step made of the weights is not, even in the last one.
    task = tiny_task(tmp_path / "corpus")
    advance = Trainer.advance

    def advance_and_ruin(training, batch):
        advance(training, batch)
        if training.step == step + 1:
            with torch.no_grad():
                training.model.encoder.recurrence.weight_hh_l0[0, 0] = float("inf")

    monkeypatch.setattr(Trainer, "advance", advance_and_ruin)
    with pytest.raises(InputError, match="not finite"):
        cell.train(task, tmp_path / "model", tmp_path / "keep", 0)
    assert not (tmp_path / "model").exists()
    assert latest_step(tmp_path / "keep") == step


def test_checkpoints_of_other_settings_are_not_used(tmp_path):
    task, other = (tiny_task(tmp_path / "corpus", learning_rate=rate) for rate in (0.01, 0.02))
    assert digest(task.identity) != digest(other.identity)


def test_a_loss_that_is_not_finite_names_cell_step_and_checkpoint(tmp_path, monkeypatch):
    task = tiny_task(tmp_path / "corpus")
    advance = Trainer.advance

    def advance_into_the_void(training, batch):
        if training.step == 3:
            with torch.no_grad():
                training.model.output.bias.fill_(float("nan"))
        advance(training, batch)

    monkeypatch.setattr(Trainer, "advance", advance_into_the_void)
    with pytest.raises(InputError) as error:
        cell.train(task, tmp_path / "model", tmp_path / "keep", 0)
    assert "tiny/small/C2/seed1: the loss is not finite at step 4 of 21" in str(error.value)
    assert "step000000003" in str(error.value)
    assert not (tmp_path / "model").exists()


def test_the_log_has_what_its_caption_in_the_report_names(tmp_path):
    cell.train(tiny_task(tmp_path / "corpus"), tmp_path / "model", tmp_path / "keep", 10)
    lines = (tmp_path / "model/training.jsonl").read_text().splitlines()
    keys = {key for line in lines for key in json.loads(line)}
    caption = (Path(__file__).parents[2] / "workflow/report/training.rst").read_text()
    assert keys <= set(re.findall(r"\w+", caption))
    assert set(re.findall(r"\w+_\w+", caption)) <= keys
