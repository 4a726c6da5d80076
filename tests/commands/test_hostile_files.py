"""Arrays and weights that are in truth programs are refused by name, and nothing of them is run."""

import json
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from one_by_one import lively_model
from textvae.cli import main
from textvae.models import saved
from tiny import tiny_corpus


class Trap:
    """Unpickled, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.folder),)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a sound `model` and the `corpus` of its words."""
    saved.save(tmp_path / "model", lively_model(), {})
    tiny_corpus(tmp_path / "corpus")
    return tmp_path


def evaluate(place: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    argv = ["measure", "rate-distortion", "--model", str(place / "model")]
    status = main([*argv, "--corpus", str(place / "corpus")])
    return status, capsys.readouterr().err


def objects(path: Path, trap: Trap) -> None:
    """An array of objects, which NumPy keeps as a pickle behind its own header."""
    with path.open("wb") as file:
        np.save(file, np.array([trap], dtype=object), allow_pickle=True)


def bare_pickle(path: Path, trap: Trap) -> None:
    path.write_bytes(pickle.dumps(trap))


def zipped_objects(path: Path, trap: Trap) -> None:
    """NumPy opens a zip under any name as several arrays."""
    objects(path, trap)
    array = path.read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tokens.npy", array)


def torch_pickle(path: Path, trap: Trap) -> None:
    torch.save({"weight": trap}, path)


def pickle_behind_a_header(path: Path, trap: Trap) -> None:
    """A header of safetensors that is right, of one tensor whose bytes are a pickle."""
    content = pickle.dumps(trap).ljust(64, b"\0")
    tensor = {"dtype": "U8", "shape": [len(content)], "data_offsets": [0, len(content)]}
    header = json.dumps({"embedding.weight": tensor}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + content)


def test_the_trap_works(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Trap(tmp_path / "ran")))
    assert (tmp_path / "ran").is_dir()


@pytest.mark.parametrize("part", ["tokens", "offsets"])
@pytest.mark.parametrize("hostile", [objects, bare_pickle, zipped_objects])
def test_an_array_of_a_corpus(
    place: Path, capsys: pytest.CaptureFixture[str], hostile, part: str
) -> None:
    path = place / "corpus" / f"test.{part}.npy"
    path.unlink()
    hostile(path, Trap(place / "ran"))
    status, said = evaluate(place, capsys)
    assert status == 1
    assert said.startswith(f"textvae measure: {path}: not a whole .npy array")
    assert said.count("\n") == 1
    assert not (place / "ran").exists()


@pytest.mark.parametrize("hostile", [torch_pickle, bare_pickle, pickle_behind_a_header])
def test_the_weights_of_a_model(place: Path, capsys: pytest.CaptureFixture[str], hostile) -> None:
    path = place / "model" / "model.safetensors"
    hostile(path, Trap(place / "ran"))
    status, said = evaluate(place, capsys)
    assert status == 1
    assert said.startswith(f"textvae measure: {path}: not the weights that config.json describes")
    assert said.count("\n") == 1
    assert not (place / "ran").exists()


def test_sound_ones_are_read(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(place, capsys) == (0, "")
