"""`precision: auto`: chosen once for a training, kept by its checkpoints, and recorded."""

import json
import signal
from dataclasses import replace

import pytest

from textvae.errors import InputError
from textvae.fce import training as language_models
from textvae.models.kernels import precision
from textvae.runtime.signals import Stopped
from textvae.training import cell
from textvae.training.precision import with_recorded_choice
from tiny import TRAINING, tiny_task
from tiny_language_model import text_task
from training_processes import after_steps, outcome, stop_at

FASTER = {
    "float32": {"float32": 300.0, "bfloat16": 200.0},
    "bfloat16": {"float32": 200.0, "bfloat16": 300.0},
}


@pytest.fixture
def probe(monkeypatch):
    """Make up what the probe measures."""

    def faster(name):
        monkeypatch.setattr(precision, "multiplies_bfloat16", lambda _: True)
        monkeypatch.setattr(precision, "probe", lambda *_: FASTER[name])

    return faster


@pytest.fixture
def task(tmp_path):
    return replace(tiny_task(tmp_path / "corpus"), training=TRAINING.replace(precision="auto"))


def train(task, folder):
    trains = cell if hasattr(task, "cell") else language_models
    trains.train(task, folder, folder.with_name(f"{folder.name}.checkpoints"), 10)
    return json.loads((folder / "config.json").read_text())


def stop(task, folder):
    with pytest.MonkeyPatch.context() as patch:
        after_steps(patch, stop_at(5, signal.SIGTERM))
        with pytest.raises(Stopped):
            train(task, folder)


def text_with_auto(_):
    job = text_task()
    return replace(job, recipe=job.recipe.model_copy(update={"precision": "auto"}))


@pytest.mark.parametrize("chosen", ["float32", "bfloat16"])
def test_choice_and_speeds_are_logged_and_recorded(task, probe, tmp_path, capsys, chosen):
    probe(chosen)
    config = train(task, tmp_path / "model")
    assert config["training"]["products"] == chosen
    assert config["precision"]["chosen"] == chosen
    assert config["precision"]["tokens_per_second"] == FASTER[chosen]
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "precision auto" in line)
    assert f"is {chosen}: 300 tokens/s against 200 " in line


@pytest.mark.parametrize("kind", ["cell", "language model"])
@pytest.mark.parametrize(("first", "second"), [("float32", "bfloat16"), ("bfloat16", "float32")])
def test_resumed_training_keeps_its_precision_whatever_a_probe_measures(
    task, probe, tmp_path, capsys, kind, first, second
):
    job = task if kind == "cell" else text_with_auto(tmp_path)
    probe(first)
    train(job, tmp_path / "whole")
    stop(job, tmp_path / "model")
    probe(second)
    capsys.readouterr()
    config = train(job, tmp_path / "model")
    assert outcome(tmp_path / "model") == outcome(tmp_path / "whole")
    assert (config["precision"]["chosen"], config["precision"]["tokens_per_second"]) == (
        first,
        FASTER[first],
    )
    lines = capsys.readouterr().err.splitlines()
    assert any(f"precision auto is {first}: as in its checkpoint" in line for line in lines)
    assert any("resuming after step 5" in line for line in lines)


def test_damaged_record_of_the_probe_does_not_matter(task, probe, tmp_path):
    probe("bfloat16")
    stop(task, tmp_path / "model")
    (record,) = (tmp_path / "model.checkpoints").glob("*/precision.json")
    record.write_text("{")
    probe("float32")
    config = train(task, tmp_path / "model")
    assert config["precision"]["chosen"] == "bfloat16"
    assert config["precision"]["tokens_per_second"] is None


def test_training_in_a_set_precision_is_not_probed(task, monkeypatch, tmp_path):
    monkeypatch.setattr(precision, "probe", lambda *_: pytest.fail("probed"))
    config = train(replace(task, training=TRAINING), tmp_path / "model")
    assert "precision" not in config


def test_real_probe_leaves_the_weights_as_they_are_without_it(task, tmp_path):
    chosen = train(task, tmp_path / "auto")["training"]["products"]
    train(replace(task, training=TRAINING.replace(precision=chosen)), tmp_path / "set")
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("auto", "set")]
    assert weights[0] == weights[1]


def test_recorded_precision_is_that_of_all_trainings_of_a_search(task, probe, tmp_path):
    probe("bfloat16")
    path = tmp_path / "precision.json"
    first = with_recorded_choice(task, path, lambda: None)
    probe("float32")
    again = with_recorded_choice(task, path, lambda: None)
    assert first.choice.name == again.choice.name == "bfloat16"
    assert train(again, tmp_path / "model")["training"]["products"] == "bfloat16"
    path.write_text('{"chosen": "int8"}')
    with pytest.raises(InputError, match="'int8', expected float32 or bfloat16"):
        with_recorded_choice(task, path, lambda: None)
