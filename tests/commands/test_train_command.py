"""`textvae train`: flags in, a model folder out."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

from small_disk import fill, read_only, small_disk
from textvae.cells import Cell
from textvae.cli import main
from textvae.models import saved
from textvae.models.architecture import ModelConfig
from textvae.models.kernels import compiled as native
from textvae.models.kernels import precision
from textvae.models.kernels.compiled import Built
from textvae.runtime.signals import Stopped
from textvae.training import cell
from textvae.training.cell import TrainingJob
from textvae.training.config import TrainingConfig
from tiny import CPU, MODEL, TRAINING, tiny_corpus

CELL = Cell("tiny", "small", 2.0, 1)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return tiny_corpus(tmp_path_factory.mktemp("tiny"))


def as_flags(settings):
    pairs = settings.model_dump().items()
    return [word for name, value in pairs for word in (f"--{name.replace('_', '-')}", str(value))]


@pytest.fixture
def command(corpus, tmp_path):
    """The tiny cell as a command line, some of its flags changed; None takes a flag out."""

    def build(**changes):
        flags = ["--corpus", str(corpus.folder), "--name", "small", "--C", "2", "--seed", "1"]
        flags += ["--output", str(tmp_path / "model"), *as_flags(MODEL), *as_flags(TRAINING)]
        for name, value in changes.items():
            flag = f"--{name.replace('_', '-')}"
            if flag in flags:
                del flags[flags.index(flag) : flags.index(flag) + 2]
            if value is not None:
                flags += [flag, str(value)]
        return ["train", *flags]

    return build


def test_what_the_flags_say_is_what_is_trained(corpus, command, tmp_path, capsys):
    assert main(command()) == 0
    task = TrainingJob(CELL, corpus, MODEL, TRAINING, CPU)
    with native.compiled():
        cell.train(task, tmp_path / "by_hand", tmp_path / "keep", 10)
    for name in ("model.safetensors", "config.json", "vocabulary.txt"):
        by_hand = (tmp_path / "by_hand" / name).read_bytes()
        assert (tmp_path / "model" / name).read_bytes() == by_hand, name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["by_hand", "model"]
    assert capsys.readouterr().out == ""


def test_a_log_of_plain_lines(command, capsys):
    assert main(command(epochs=1)) == 0
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first.startswith("tiny/small/C2/seed1  step 1/7  train  loss ")
    assert last.startswith("tiny/small/C2/seed1  step 7/7  valid  D ")


def test_what_is_trained_can_be_measured(corpus, command, tmp_path, capsys):
    assert main(command()) == 0
    capsys.readouterr()
    model = ["--model", str(tmp_path / "model"), "--corpus", str(corpus.folder)]
    assert (
        main(["measure", "rate-distortion", *model, "--split", "valid", "--noise-seed", "1"]) == 0
    )
    values = json.loads(capsys.readouterr().out)["values"]
    # The last line of the record is the validation of these weights, with the cell's seed.
    last = json.loads((tmp_path / "model/training.jsonl").read_text().splitlines()[-1])
    assert (values["distortion_nats"], values["rate_nats"]) == (last["D"], last["R"])


def test_one_cell_however_C_is_spelt(command, tmp_path):
    weights = []
    for number, C in enumerate(("2", "2.0", "3")):
        output = tmp_path / f"model{number}"
        assert main(command(C=C, epochs=1, ramp_epochs=0, output=output)) == 0
        weights.append((output / "model.safetensors").read_bytes())
    assert weights[0] == weights[1] != weights[2]


def test_C_may_be_zero(command, tmp_path):
    assert main(command(C=0, epochs=1)) == 0
    assert json.loads((tmp_path / "model/config.json").read_text())["cell"]["C"] == 0


def test_without_flags_it_is_the_papers_model(corpus, tmp_path, monkeypatch):
    tasks = []
    monkeypatch.setattr(cell, "train", lambda task, *_: tasks.append(task))
    argv = ["--corpus", str(corpus.folder), "--name", "lstm", "--C", "15", "--seed", "3"]
    assert main(["train", *argv, "--output", str(tmp_path / "model")]) == 0
    (task,) = tasks
    assert task.cell == Cell("tiny", "lstm", 15.0, 3)
    assert task.model == ModelConfig(embedding=256, hidden=512, latent=64)
    assert task.training == TrainingConfig(epochs=10, batch=128, learning_rate=8.5e-4, beta=1.0)
    assert task.training.shared.objective == "rate-target"
    assert task.training.part("objective").ramp_epochs == 2


@pytest.mark.parametrize("where", [None, "elsewhere"])
def test_checkpoints_lie_beside_the_model_or_where_they_are_told_to(
    command, tmp_path, monkeypatch, where
):
    kept = []
    monkeypatch.setattr(cell, "train", lambda task, output, folder, *_: kept.append(folder))
    assert main(command(checkpoints=where and tmp_path / where)) == 0
    assert kept == [tmp_path / (where or "model.checkpoints")]


@pytest.mark.parametrize(("asked_by", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_asked_to_stop_it_says_what_will_be(command, monkeypatch, capsys, asked_by, status):
    def stopped(*_):
        raise Stopped(f"{CELL}: stopped after step 3, will go on from there", asked_by)

    monkeypatch.setattr(cell, "train", stopped)
    with pytest.raises(SystemExit) as stop:
        main(command())
    # As a process that the signal ended: 128 and its number.
    assert stop.value.code == status
    expected = "textvae train: tiny/small/C2/seed1: stopped after step 3, will go on from there\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT])
def test_with_grace_it_waits_to_be_killed_where_sigterm_stopped_it(
    command, monkeypatch, capsys, asked_by
):
    def stopped(*_):
        raise Stopped(f"{CELL}: stopped after step 3", asked_by)

    waited = []
    monkeypatch.setattr(cell, "train", stopped)
    monkeypatch.setattr("time.sleep", waited.append)
    with pytest.raises(SystemExit) as stop:
        main(command(grace=300))
    assert stop.value.code == 128 + asked_by
    said = capsys.readouterr().err
    assert "stopped after step 3" in said
    of_sigterm = asked_by == signal.SIGTERM
    assert waited == ([300] if of_sigterm else [])
    assert ("; waiting at most 300 s to be killed" in said) == of_sigterm


def test_a_training_that_explodes_is_one_line(command, tmp_path, capsys):
    assert main(command(learning_rate=1e30)) == 1
    *_, said = capsys.readouterr().err.splitlines()
    assert said.startswith("textvae train: tiny/small/C2/seed1: the loss is not finite at step ")
    assert "a lower learning rate may help (last good checkpoint: none yet)" in said
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"C": -3}, "C: -3.0 is not a number of at least 0"),
        ({"C": "nan"}, "C: nan is not a number of at least 0"),
        ({"seed": -1}, "seed: -1 is not a number from 0 to 4294967295"),
        ({"name": "a/b"}, "model 'a/b': a name is made of letters, digits, '-', '_' and '.'"),
        ({"epochs": 0}, "--epochs: 0 is not a number of at least 1"),
        ({"learning_rate": 0}, "--learning-rate: 0.0 is not a number above 0"),
        ({"learning_rate": "inf"}, "--learning-rate: inf is not a number above 0"),
        ({"decay": 2}, "--decay: 2.0 is not a number from 0 to 1"),
        ({"latent": 0}, "--latent: 0 is not a number of at least 1"),
        ({"threads": 0}, "--threads: 0 is not a number from 1 to 1024"),
        ({"device": "tpu"}, "--device: 'tpu' is not cpu, cuda, cuda:N or auto"),
        ({"checkpoint_minutes": -1}, "--checkpoint-minutes: -1.0 is not a number of at least 0"),
        ({"checkpoint_minutes": "nan"}, "--checkpoint-minutes: nan is not a number of at least 0"),
        ({"output": "."}, "--output: . is not a name for a new folder"),
    ],
)
def test_a_setting_out_of_bounds_is_one_line(command, tmp_path, capsys, changes, message):
    assert main(command(**changes)) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"textvae train: {message}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"C": "three"},
        {"seed": None},
        {"decoder": "transformer"},
        {"objective": "vae"},
        {"epochs": 2.5},
        {"learning_rat": 0.1},
    ],
)
def test_a_flag_that_cannot_be_read_is_told_with_the_usage(command, tmp_path, capsys, changes):
    with pytest.raises(SystemExit) as stop:
        main(command(**changes))
    assert stop.value.code == 2
    assert "usage: textvae" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_no_corpus_there(command, tmp_path, capsys):
    assert main(command(corpus=tmp_path / "nowhere")) == 1
    expected = f"{tmp_path}/nowhere: not a prepared corpus (`textvae prepare` makes one)"
    assert capsys.readouterr().err == f"textvae train: {expected}\n"


def test_a_file_in_the_place_of_the_folder_is_met_before_training(command, tmp_path, capsys):
    (tmp_path / "model").write_text("mine")
    assert main(command()) == 1
    expected = f"--output: {tmp_path}/model is a file, expected a folder or a new name"
    assert capsys.readouterr().err == f"textvae train: {expected}\n"


def test_half_a_corpus(command, tmp_path, capsys):
    corpus = tiny_corpus(tmp_path / "corpus")
    (corpus.folder / "train.tokens.npy").unlink()
    assert main(command(corpus=corpus.folder)) == 1
    expected = f"{corpus.folder}/train.tokens.npy: no such file (`textvae prepare` makes it)"
    assert capsys.readouterr().err == f"textvae train: {expected}\n"


def test_bfloat16_products_and_float32_weights(command, tmp_path):
    assert main(command(precision="bfloat16", epochs=1)) == 0
    weights = safetensors.torch.load_file(tmp_path / "model/model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.float32}
    config = json.loads((tmp_path / "model/config.json").read_text())
    training = TRAINING.replace(precision="bfloat16", epochs=1).model_dump()
    assert config["training"]["recipe"] == training


def test_a_disk_that_is_full_is_one_line_and_with_room_it_goes_on(
    command, tmp_path, monkeypatch, capsys
):
    assert main(command(output=tmp_path / "alone")) == 0
    with small_disk(tmp_path / "disk", 1) as disk:
        save = saved.save

        def save_on_a_full_disk(*arguments, **more):
            fill(disk)
            save(*arguments, **more)

        flags = {"output": disk / "model", "checkpoint_minutes": 0}
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(saved, "save", save_on_a_full_disk)
            assert main(command(**flags)) == 1
        *_, said = capsys.readouterr().err.splitlines()
        full = f"{disk}/model/model.safetensors: No space left on device"
        advice = "free disk space and run this again: finished work is kept (last good checkpoint: "
        assert said.startswith(f"textvae train: {CELL}: {full}; {advice}{disk}/model.checkpoints/")
        (disk / "filling").unlink()
        assert main(command(**flags)) == 0
        assert f"{CELL}  resuming after step 21 of 21\n" in capsys.readouterr().err
        for name in ("model.safetensors", "config.json"):
            assert (disk / "model" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_a_read_only_folder_is_met_before_training(command, tmp_path, capsys):
    with read_only(tmp_path / "results") as results:
        assert main(command(output=results / "model")) == 1
        advice = "choose a writable folder, and run this again"
        full = f"{results}/model.lock: Read-only file system; {advice}"
        expected = f"textvae train: {CELL}: {full} (last good checkpoint: none yet)\n"
        assert capsys.readouterr().err == expected


# Trains in as much memory as the process has by then, and some megabytes more.
TRAIN_IN_LITTLE_MEMORY = """
import resource, sys
from textvae import cli
from textvae.training import cell
import torch._dynamo  # by the first optimiser, so that it is not that which finds no room
with open("/proc/self/statm") as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 200_000_000,) * 2)
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are those of Linux")
def test_too_little_memory_is_one_line(command, tmp_path):
    wide = command(hidden=4000, embedding=4000)
    source = Path(__file__).parents[2] / "src"
    ended = subprocess.run(
        [sys.executable, "-c", TRAIN_IN_LITTLE_MEMORY, *wide],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(source)},
        check=False,
    )
    (said,) = ended.stderr.splitlines()
    assert said.startswith("textvae train: memory ran out; ask for more (on a cluster, `mem_mb` of")
    assert said.endswith("a smaller `batch`")
    assert (ended.returncode, ended.stdout) == (1, "")


def test_too_little_memory_of_a_gpu_is_one_line(command, tmp_path, monkeypatch, capsys):
    def run_out(*_):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(cell.CellTrainer, "losses", run_out)
    assert main(command()) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("textvae train: the memory of the GPU ran out; take a GPU with more, ")
    # The next one need not wait for it.
    assert not (tmp_path / "model.lock").exists()


def test_without_a_compiler_it_trains_and_says_so(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(native, "_built", lambda _: Built(why_not="there is no C compiler"))
    monkeypatch.setattr(native, "_kernels", lambda _: {})
    assert main(command()) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[0] == (
        "textvae train: there is no C compiler: training is slower without compiled kernels"
    )
    assert sum("compiler" in line for line in said) == 1
    told = json.loads((tmp_path / "model/config.json").read_text())["training"]
    assert told["compiled"] is False


def test_precision_is_chosen_by_the_hardware_and_told(command, tmp_path, monkeypatch):
    for found, expected in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(precision, "multiplies_bfloat16", lambda _, found=found: found)
        assert main(command(precision="auto", output=tmp_path / expected)) == 0
        told = json.loads((tmp_path / expected / "config.json").read_text())["training"]
        assert (told["recipe"]["precision"], told["products"]) == ("auto", expected)
