"""Training as a whole: it learns, it repeats itself, and it survives being stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from textvae.errors import InputError
from textvae.models import saved
from textvae.training import checkpoints, loop
from textvae.training.recipe import Schedule
from textvae.training.state import Training
from tiny import tiny_task

CPU = torch.device("cpu")


def outcome(folder):
    """All that must be the same, bit for bit: the weights, the config, the record but for speed."""
    lines = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    for line in lines:
        line.pop("tokens_per_second", None)
    weights = (folder / "model.safetensors").read_bytes()
    return weights, (folder / "config.json").read_text(), lines


@pytest.fixture
def undisturbed(tmp_path):
    task = tiny_task(tmp_path / "corpus")
    loop.train(task, tmp_path / "undisturbed", tmp_path / "keep", 10, CPU)
    return outcome(tmp_path / "undisturbed")


def test_a_model_learns_and_is_saved_with_all_it_needs(tmp_path):
    task = tiny_task(tmp_path / "corpus", epochs=30)
    loop.train(task, tmp_path / "model", tmp_path / "keep", 10, CPU)
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
    loop.train(tiny_task(tmp_path / "corpus"), tmp_path / "again", tmp_path / "keep", 10, CPU)
    assert outcome(tmp_path / "again") == undisturbed


def test_stopped_after_every_step_and_resumed_it_gives_the_same_bits(
    tmp_path, undisturbed, monkeypatch
):
    task = tiny_task(tmp_path / "corpus")
    advance = Training.advance

    def advance_and_be_asked_to_stop(training, batch):
        advance(training, batch)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Training, "advance", advance_and_be_asked_to_stop)
    stops = 0
    while not (tmp_path / "model/config.json").exists():
        try:
            loop.train(task, tmp_path / "model", tmp_path / "keep", 10, CPU)
        except loop.Stopped:
            stops += 1
    assert stops == Schedule(task.recipe, 100).steps - 1
    assert outcome(tmp_path / "model") == undisturbed


def test_killed_at_any_moment_and_resumed_it_gives_the_same_bits(tmp_path, undisturbed):
    code = (
        "import sys, torch; from pathlib import Path; from tiny import tiny_task;"
        "from textvae.training import loop;"
        "base = Path(sys.argv[1]); task = tiny_task(base / 'corpus'); print('ready', flush=True);"
        # A checkpoint after every step, so that most kills meet one being written.
        "loop.train(task, base / 'model', base / 'keep', 0, torch.device('cpu'))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    for delay in (0.02, 0.06, None):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        process.stdout.readline()
        if delay is None:
            assert process.wait(timeout=60) == 0
        else:
            time.sleep(delay)
            process.kill()
            process.wait(timeout=60)
        process.stdout.close()
    assert outcome(tmp_path / "model") == undisturbed


def test_checkpoints_of_other_settings_are_not_used(tmp_path):
    task, other = (tiny_task(tmp_path / "corpus", learning_rate=rate) for rate in (0.01, 0.02))
    assert checkpoints.digest(task.identity) != checkpoints.digest(other.identity)


def test_a_loss_that_is_not_finite_names_cell_step_and_checkpoint(tmp_path, monkeypatch):
    task = tiny_task(tmp_path / "corpus")
    advance = Training.advance

    def advance_into_the_void(training, batch):
        if training.step == 3:
            with torch.no_grad():
                training.model.output.bias.fill_(float("nan"))
        advance(training, batch)

    monkeypatch.setattr(Training, "advance", advance_into_the_void)
    with pytest.raises(InputError) as error:
        loop.train(task, tmp_path / "model", tmp_path / "keep", 0, CPU)
    assert "tiny/small/C2/seed1: the loss is not finite at step 4 of 21" in str(error.value)
    assert "step000000003" in str(error.value)
    assert not (tmp_path / "model").exists()
