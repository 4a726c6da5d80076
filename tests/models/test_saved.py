"""Model folders: complete, portable, and refused with the name of the file that does not fit."""

import json
import shutil
from functools import reduce
from unittest.mock import Mock

import pytest
import safetensors.torch
import torch

import input_errors
from one_by_one import VOCABULARY, lively_model, random_sentences
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.models import folders, saved
from textvae.models.inference import rates_and_distortions
from tiny import CPU

TRAINING = {"recipe": {"epochs": 3}}


@pytest.fixture
def folder(tmp_path):
    saved.save(tmp_path / "model", lively_model(), TRAINING)
    return tmp_path / "model"


def change(folder, **changes):
    """Set entries of config.json; "a.b" is entry b of entry a, None removes it."""
    config = json.loads((folder / "config.json").read_text())
    for path, value in changes.items():
        *parents, last = path.split(".")
        parent = reduce(dict.__getitem__, parents, config)
        parent[last] = value
        if value is None:
            del parent[last]
    (folder / "config.json").write_text(json.dumps(config))


def refusal(folder):
    """Return the message with which a folder is refused, without the name of the folder."""
    message = input_errors.refusal(saved.load, folder, CPU)
    assert message.startswith(f"{folder}/")
    return message.removeprefix(f"{folder}/")


def test_loaded_model_equals_the_saved_one(folder, tmp_path, monkeypatch):
    config = json.loads((folder / "config.json").read_text())
    assert config["cell"] == {"corpus": "tiny", "model": "lively", "C": 2.0, "seed": 1}
    assert config["architecture"]["decoder"] == "lstm"
    assert config["vocabulary"] == {"words": 22, "sha256": VOCABULARY.digest}
    assert config["training"] == TRAINING
    # A folder may be moved.
    shutil.move(folder, tmp_path / "far/away")
    monkeypatch.chdir(tmp_path / "far")
    before, after = lively_model(), saved.load(tmp_path / "far/away", CPU)
    assert (after.cell, after.model.config) == (before.cell, before.model.config)
    assert after.vocabulary.words == VOCABULARY.words
    assert not after.model.training
    values = [rates_and_distortions(x.model, random_sentences(20), seed=1) for x in (before, after)]
    assert values[0].distortion.tolist() == values[1].distortion.tolist()
    saved.save(tmp_path / "again", after, TRAINING)
    for path in (tmp_path / "far/away").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        *(({"architecture.depth": 3}, "depth"), ({"architecture": [1, 2]}, "architecture")),
        *(({"cell": None}, "cell"), ({"cell.seed": None}, "seed"), ({"cell.C": -1.0}, "C: -1.0")),
        *(({"cell.language": "en"}, "language"), ({"vocabulary": None}, "vocabulary")),
        *(({"normalise": steps}, "normalise") for steps in ("lowercase", [1])),
        ({"architecture.decoder": "transformer"}, "transformer"),
        ({"architecture.hidden": 0}, "--hidden: 0"),
    ],
)
def test_invalid_configuration_is_named(folder, changes, named):
    change(folder, **changes)
    message = refusal(folder)
    assert message.startswith("config.json: ")
    assert named in message


def test_settings_of_other_parts_are_ignored(folder):
    """Earlier versions also recorded the settings of parts that a model does not have."""
    before = saved.load(folder, CPU)
    change(folder, **{"architecture.channels": 512, "architecture.filter_width": 20})
    assert saved.load(folder, CPU).model.config == before.model.config


def test_missing_file_or_other_vocabulary_of_the_same_size_is_named(folder):
    for name in ("model.safetensors", "vocabulary.txt"):
        (folder / name).unlink()
        assert refusal(folder).startswith(f"{name}: ")
    Vocabulary(f"v{i}" for i in range(len(VOCABULARY) - 2)).save(folder / "vocabulary.txt")
    assert refusal(folder).startswith("vocabulary.txt: ")
    (folder / "config.json").unlink()
    assert refusal(folder).startswith("config.json: ")


def test_damaged_or_other_weights_are_refused(folder):
    path = folder / "model.safetensors"
    content = path.read_bytes()
    for damaged in (content[:-4], b"", b"{}"):
        path.write_bytes(damaged)
        assert refusal(folder).startswith("model.safetensors: ")
    weights = safetensors.torch.load(content)
    bias = weights["output.bias"]
    safetensors.torch.save_file(weights | {"output.bias": bias + 1}, path)
    assert "SHA-256" in refusal(folder)
    del weights["output.bias"]
    safetensors.torch.save_file(weights, path)
    assert '"output.bias"' in refusal(folder)
    path.write_bytes(content)
    change(folder, **{"architecture.latent": 5})
    assert "size mismatch for" in refusal(folder)


def test_folder_without_its_last_file_is_incomplete(folder, monkeypatch):
    monkeypatch.setattr(Vocabulary, "save", Mock(side_effect=OSError(28, "No space")))
    with pytest.raises(OSError, match="No space"):
        saved.save(folder, lively_model(seed=2), TRAINING)
    assert refusal(folder).startswith("config.json: ")


@pytest.mark.parametrize(
    ("products", "fast", "expected"),
    [
        ("bfloat16", True, torch.bfloat16),
        ("bfloat16", False, torch.float32),
        ("float32", True, torch.float32),
        *((None, True, torch.float32), (["bfloat16"], True, torch.float32)),
    ],
)
def test_model_is_used_in_the_precision_of_its_training(
    folder, monkeypatch, products, fast, expected
):
    monkeypatch.setattr(folders, "multiplies_bfloat16", lambda _: fast)
    change(folder, training={"products": products})
    model = saved.load(folder, CPU).model
    assert model.inference_precision is expected
    sentences = Sentences.of([*map(list, random_sentences(30))])
    values = rates_and_distortions(model, sentences, seed=1)
    exact = rates_and_distortions(lively_model().model, sentences, seed=1)
    assert (values.distortion == exact.distortion).all() == (expected is torch.float32)
    assert values.distortion.sum() == pytest.approx(exact.distortion.sum(), rel=1e-2)
    assert values.rate.sum() == pytest.approx(exact.rate.sum(), rel=1e-2)
