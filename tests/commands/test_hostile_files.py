"""Arrays and weights that contain pickles are refused by name, and no pickle is executed."""

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


class MakeFolder:
    """An object whose unpickling makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.folder),)


def save_object_array(path: Path, trap: MakeFolder) -> None:
    with path.open("wb") as file:
        np.save(file, np.array([trap], dtype=object), allow_pickle=True)


def save_pickle(path: Path, trap: MakeFolder) -> None:
    path.write_bytes(pickle.dumps(trap))


def save_zip(path: Path, trap: MakeFolder) -> None:
    """NumPy opens a zip of any name as several arrays."""
    save_object_array(path, trap)
    array = path.read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tokens.npy", array)


def save_torch(path: Path, trap: MakeFolder) -> None:
    torch.save({"weight": trap}, path)


def save_safetensors(path: Path, trap: MakeFolder) -> None:
    """Write a valid header of safetensors before a pickle."""
    content = pickle.dumps(trap).ljust(64, b"\0")
    tensor = {"dtype": "U8", "shape": [len(content)], "data_offsets": [0, len(content)]}
    header = json.dumps({"embedding.weight": tensor}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    saved.save(folder / "model", lively_model(), {})
    tiny_corpus(folder / "corpus")
    return folder


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("corpus/test.tokens.npy", save_object_array),
        ("corpus/test.offsets.npy", save_pickle),
        ("corpus/test.tokens.npy", save_zip),
        ("model/model.safetensors", save_pickle),
        ("model/model.safetensors", save_torch),
        ("model/model.safetensors", save_safetensors),
    ],
)
def test_pickle_is_refused_and_not_executed(folder, tmp_path, capsys, name, save):
    command = ["measure", "rate-distortion"]
    files = [f"--model={folder}/model", f"--corpus={folder}/corpus"]
    path = folder / name
    valid = path.read_bytes()
    path.unlink()
    try:
        save(path, MakeFolder(tmp_path / "executed"))
        assert main([*command, *files]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"textvae measure: {path}: ")
        assert not (tmp_path / "executed").exists()
    finally:
        path.write_bytes(valid)
    assert main([*command, *files]) == 0


def test_unpickling_would_make_the_folder(tmp_path):
    pickle.loads(pickle.dumps(MakeFolder(tmp_path / "executed")))
    assert (tmp_path / "executed").is_dir()
