"""`textvae train`: flags in, a model folder out."""

import json
import signal

import pytest

from small_disk import read_only
from textvae.cells import Cell
from textvae.cli import main
from textvae.models.architecture import ModelConfig
from textvae.models.kernels import compiled
from textvae.runtime.costs import read
from textvae.runtime.signals import Stopped
from textvae.training import cell
from textvae.training.cell import TrainingJob
from textvae.training.config import TrainingConfig
from tiny import CPU, MODEL, TRAINING, tiny_corpus

CELL = Cell("tiny", "small", 2.0, 1)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return tiny_corpus(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def train(corpus, tmp_path, capsys):
    """Train the tiny cell with changed flags; return the exit status and the lines of stderr.

    A value of None removes a flag. costs: the file of `--costs`, before the command.
    """

    def train(costs=None, **changes):
        flags = {"corpus": corpus.folder, "name": "small", "C": 2, "seed": 1}
        flags |= {"output": tmp_path / "model", **MODEL.model_dump(), **TRAINING.model_dump()}
        argv = [
            word
            for name, value in (flags | changes).items()
            if value is not None
            for word in (f"--{name.replace('_', '-')}", *([str(value)] if value != "" else []))
        ]
        status = main([*(["--costs", str(costs)] if costs else []), "train", *argv])
        printed = capsys.readouterr()
        assert printed.out == ""
        return status, printed.err.splitlines()

    return train


def recorded(folder):
    return json.loads((folder / "config.json").read_text())


def test_flags_are_those_of_the_trained_cell(corpus, train, tmp_path):
    status, lines = train()
    assert status == 0
    assert lines[0].startswith(f"{CELL}  step 1/21  train  loss ")
    # A warning of an empty code may follow.
    assert any(line.startswith(f"{CELL}  step 21/21  valid  D ") for line in lines[-2:])
    task = TrainingJob(CELL, corpus, MODEL, TRAINING, CPU)
    with compiled.compiled():
        cell.train(task, tmp_path / "expected", tmp_path / "checkpoints", 10)
    for name in ("model.safetensors", "config.json", "vocabulary.txt"):
        expected = (tmp_path / "expected" / name).read_bytes()
        assert (tmp_path / "model" / name).read_bytes() == expected, name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["expected", "model"]


def test_flag_of_a_part_that_the_model_has_not_is_told(corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cell, "train", lambda *_: None)
    argv = ["--corpus", str(corpus.folder), "--name", "lstm", "--C", "15", "--seed", "3"]
    argv += ["--output", str(tmp_path / "model"), "--epochs", "3"]
    assert main(["train", *argv, "--mdr-gain", "2", "--dropout", "0.9", "--beta", "2"]) == 0
    told = capsys.readouterr().err
    assert "--mdr-gain: has no effect, it is a setting of the objective mdr" in told
    assert "--dropout: has no effect, it is a setting of the decoder cnn" in told
    assert told.count("no effect") == 2


def test_defaults_are_those_of_the_paper(corpus, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(cell, "train", lambda *arguments: calls.append(arguments))
    argv = ["--corpus", str(corpus.folder), "--name", "lstm", "--C", "15", "--seed", "3"]
    assert main(["train", *argv, "--output", str(tmp_path / "model")]) == 0
    ((task, output, checkpoints, minutes, keep_last),) = calls
    assert task.cell == Cell("tiny", "lstm", 15.0, 3)
    assert task.model == ModelConfig(embedding=256, hidden=512, latent=64)
    assert task.training == TrainingConfig(epochs=10, batch=128, learning_rate=8.5e-4, beta=1.0)
    assert task.training.shared.objective == "rate-target"
    assert task.training.part("objective").ramp_epochs == 2
    assert (output, checkpoints) == (tmp_path / "model", tmp_path / "model.checkpoints")
    assert (minutes, keep_last) == (10, False)


@pytest.mark.parametrize(
    ("number", "grace", "status", "waited"),
    [
        *((signal.SIGTERM, 0, 143, []), (signal.SIGTERM, 300, 143, [300])),
        (signal.SIGINT, 300, 130, []),
    ],
)
def test_exit_status_is_that_of_the_signal_and_costs_are_recorded(
    train, tmp_path, monkeypatch, capsys, number, grace, status, waited
):
    def stopped(*_):
        raise Stopped(f"{CELL}: stopped after step 3", number)

    def sleep(seconds):
        sleeps.append(seconds)
        # Before the wait, during which the process may be killed.
        assert read(tmp_path / "costs.tsv")

    sleeps = []
    monkeypatch.setattr(cell, "train", stopped)
    monkeypatch.setattr("time.sleep", sleep)
    with pytest.raises(SystemExit) as stop:
        train(tmp_path / "costs.tsv", grace=grace)
    assert stop.value.code == status
    assert sleeps == waited
    assert read(tmp_path / "costs.tsv")
    message = capsys.readouterr().err
    assert message.startswith(f"textvae train: {CELL}: stopped after step 3")
    assert ("300 s" in message) == bool(waited)


def test_resumed_training_adds_the_costs_of_earlier_runs(train, tmp_path):
    costs = tmp_path / "costs.tsv"
    assert train(costs, checkpoints=tmp_path / "kept", keep_last="")[0] == 0
    (kept,) = tmp_path.glob("kept/*/costs.tsv")
    assert read(kept).seconds <= read(costs).seconds
    # As if it had taken longer, and had needed 9,000 MiB.
    kept.write_text("seconds\tcpu_seconds\tmemory_mib\n50000.5\t40000.25\t9000.0\n")
    assert train(costs, checkpoints=tmp_path / "kept")[0] == 0
    found = read(costs)
    assert 50_000.5 <= found.seconds < 50_500
    assert found.cpu_seconds >= 40_000.25
    assert found.memory_mib == 9000.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *(({"C": -3}, "C: -3.0 "), ({"seed": -1}, "seed: -1 "), ({"name": "a/b"}, "model 'a/b': ")),
        *(({"decay": 2}, "--decay: 2.0 "), ({"latent": 0}, "--latent: 0 ")),
        *(({"threads": 0}, "--threads: 0 "), ({"device": "tpu"}, "--device: 'tpu' ")),
        ({"checkpoint_minutes": -1}, "--checkpoint-minutes: -1.0 "),
        ({"checkpoint_minutes": "nan"}, "--checkpoint-minutes: nan "),
        *(({"grace": -1}, "--grace: -1.0 "), ({"output": "."}, "--output: . ")),
        ({"corpus": "nowhere"}, "nowhere: "),
    ],
)
def test_invalid_flag_is_one_line(train, tmp_path, changes, message):
    status, (line,) = train(**changes)
    assert status == 1
    assert line.startswith(f"textvae train: {message}")
    assert list(tmp_path.iterdir()) == []


def test_unusable_paths_are_refused_before_training(train, tmp_path):
    corpus = tiny_corpus(tmp_path / "corpus")
    (corpus.folder / "train.tokens.npy").unlink()
    status, (line,) = train(corpus=corpus.folder)
    assert (status, line.split(": ")[1]) == (1, f"{corpus.folder}/train.tokens.npy")
    (tmp_path / "model").write_text("mine")
    status, (line,) = train()
    assert status == 1
    assert line.startswith(f"textvae train: --output: {tmp_path}/model ")
    with read_only(tmp_path / "results") as results:
        status, (line,) = train(output=results / "model")
        assert status == 1
        assert f"{results}/model.lock: Read-only file system" in line


def test_folder_of_other_files_is_refused_before_the_corpus_is_read(train, tmp_path):
    corpus = tiny_corpus(tmp_path / "corpus")
    status, (line,) = train(corpus=corpus.folder, output=corpus.folder)
    assert (status, line.split(": ")[1]) == (1, str(corpus.folder))
    (tmp_path / "model").mkdir()
    (tmp_path / "model/vocabulary.txt").write_text("mine")
    status, (line,) = train(corpus="nowhere")
    assert (status, line.split(": ")[1]) == (1, f"{tmp_path}/model/vocabulary.txt")
    assert (tmp_path / "model/vocabulary.txt").read_text() == "mine"


def test_ramp_longer_than_the_training_is_refused_and_as_long_is_warned_of(train):
    status, (line,) = train(epochs=1, ramp_epochs=1.5)
    assert status == 1
    assert line.startswith("textvae train: --ramp-epochs: ")
    status, lines = train(epochs=1, ramp_epochs=1)
    assert status == 0
    assert lines[0].startswith("warning: ramp_epochs ")


def test_rate_without_weight_is_warned_of(train):
    status, lines = train(beta=0)
    assert status == 0
    assert lines[0].startswith("warning: beta is 0, so that the rate has no weight")


def test_training_without_a_compiler_is_reported_and_recorded(train, tmp_path, monkeypatch):
    monkeypatch.setattr(compiled, "why_not", lambda *_: "there is no C compiler")
    monkeypatch.setattr(compiled, "kernel", lambda *_: None)
    status, lines = train(epochs=1, ramp_epochs=0.5)
    assert status == 0
    assert lines[0].startswith("textvae train: there is no C compiler: ")
    assert sum("compiler" in line for line in lines) == 1
    assert recorded(tmp_path / "model")["training"]["compiled"] is False
