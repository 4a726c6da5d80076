"""Training of a cell: it learns, is logged, and never saves weights that are not finite."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from textvae import provenance
from textvae.errors import InputError
from textvae.models import saved
from textvae.models.inference import RateDistortion, rates_and_distortions
from textvae.models.mutual_information import MutualInformation
from textvae.stages import training_roots
from textvae.training import cell
from textvae.training.fingerprint import digest
from textvae.training.trainer import Trainer
from tiny import CPU, tiny_task
from training_processes import after_steps, latest_step

TITLE = "tiny/small/C2/seed1"


def log_of(folder):
    return [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]


def test_training_learns_and_reaches_its_target_rate(tmp_path):
    task = tiny_task(tmp_path / "corpus", epochs=30)
    cell.train(task, tmp_path / "model", tmp_path / "checkpoints", 10)
    valid = [line for line in log_of(tmp_path / "model") if "split" in line]
    assert [line["epoch"] for line in valid] == list(range(1, 31))
    assert valid[-1]["D"] < valid[0]["D"] - 1
    assert valid[-1]["R"] == pytest.approx(2, abs=0.5)
    trained = saved.load(tmp_path / "model", CPU)
    assert str(trained.cell) == TITLE
    assert trained.vocabulary.digest == task.corpus.vocabulary.digest
    assert not (tmp_path / "checkpoints").exists()


def test_log_has_the_values_that_its_caption_names(finished):
    lines = log_of(finished)
    assert [line["step"] for line in lines if "split" not in line] == list(range(1, 22))
    assert [line["step"] for line in lines if "split" in line] == [7, 14, 21]
    assert lines[0]["epoch"] == 0.1429
    caption = (Path(__file__).parents[2] / "workflow/report/training.rst").read_text()
    keys = {key for line in lines for key in line}
    assert keys <= set(re.findall(r"\w+", caption))
    assert set(re.findall(r"\w+_\w+", caption)) <= keys


def test_validation_is_without_dropout(tmp_path):
    task = tiny_task(tmp_path / "corpus", decoder="cnn", epochs=1)
    task = replace(task, model=task.model.replace(dropout=0.5))
    cell.train(task, tmp_path / "model", tmp_path / "checkpoints", 10)
    last = log_of(tmp_path / "model")[-1]
    trained = saved.load(tmp_path / "model", CPU)
    values = rates_and_distortions(trained.model, task.corpus.split("valid"), seed=1)
    assert (last["D"], last["R"]) == (values.distortion.mean(), values.rate.mean())


def train_with_information(tmp_path, monkeypatch, capsys, upper):
    """Train with I <= `upper` at the end, in place of its estimates; return the log and stderr."""
    estimates = MutualInformation(lower=0.01, upper=upper, he2019=None)
    monkeypatch.setattr(cell, "mutual_information", lambda z, posterior: estimates)
    values = RateDistortion(np.full(40, 17.0), np.full(40, 2.0))
    monkeypatch.setattr(cell, "rates_and_distortions", lambda *args, **kwargs: values)
    task = tiny_task(tmp_path / "corpus", epochs=1)
    cell.train(task, tmp_path / "model", tmp_path / "checkpoints", 10)
    return log_of(tmp_path / "model")[-1], capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(("upper", "warned"), [(0.66, True), (0.67, False)])
def test_training_warns_of_a_code_that_carries_less_than_a_third_of_its_rate(
    tmp_path, monkeypatch, capsys, upper, warned
):
    """R is 2 nats."""
    entry, last = train_with_information(tmp_path, monkeypatch, capsys, upper)
    assert (entry["R"], entry["I"], entry["I_upper"]) == (2.0, 0.01, upper)
    assert last.startswith(f"{TITLE}  warning: the code carries at most 0.7 of 2.0 nats") == warned


def test_identity_depends_on_settings_code_and_threads(tmp_path, monkeypatch):
    task = tiny_task(tmp_path)
    own, deeper = digest(task.identity), replace(task, model=task.model.replace(latent=5))
    others = [tiny_task(tmp_path, learning_rate=0.02), tiny_task(tmp_path, C=3.0), deeper]
    assert own not in {digest(other.identity) for other in others}
    roots = training_roots(task.model.model_dump() | task.training.model_dump())
    code = provenance.digest(provenance.SOURCE, *roots)
    assert task.identity["training"]["code"] == code
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    assert digest(task.identity) != own


@pytest.mark.parametrize("step", [4, 20])
def test_weights_that_are_not_finite_are_not_saved(tmp_path, monkeypatch, step):
    """The loss of a step is finite, but the weights after it are not, even after the last step."""

    def ruin(trainer):
        if trainer.step == step + 1:
            with torch.no_grad():
                trainer.model.encoder.recurrence.weight_hh_l0[0, 0] = float("inf")

    after_steps(monkeypatch, ruin)
    task = tiny_task(tmp_path / "corpus")
    with pytest.raises(InputError, match="not finite"):
        cell.train(task, tmp_path / "model", tmp_path / "model.checkpoints", 0)
    assert not (tmp_path / "model").exists()
    assert latest_step(tmp_path) == step


def test_loss_that_is_not_finite_names_cell_step_and_checkpoint(tmp_path, monkeypatch):
    minimise = Trainer.minimise

    def broken(trainer, loss, *names):
        minimise(trainer, loss * float("nan") if trainer.step == 3 else loss, *names)

    monkeypatch.setattr(Trainer, "minimise", broken)
    task = tiny_task(tmp_path / "corpus")
    with pytest.raises(InputError, match=rf"^{TITLE}: .*step 4 of 21.*step000000003"):
        cell.train(task, tmp_path / "model", tmp_path / "checkpoints", 0)
    assert not (tmp_path / "model").exists()
