"""A model folder: whole, portable, and refused by name where something does not fit."""

import json
import shutil

import pytest
import safetensors.torch
import torch

from one_by_one import VOCABULARY, lively_model, random_sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.models import saved
from textvae.models.inference import rates_and_distortions

CPU = torch.device("cpu")
TRAINING = {"recipe": {"epochs": 3}}


@pytest.fixture
def folder(tmp_path):
    saved.save(tmp_path / "model", lively_model(), TRAINING)
    return tmp_path / "model"


def change(folder, **changes):
    """Set entries of config.json; "a.b" is the entry b of the entry a, None takes it away."""
    config = json.loads((folder / "config.json").read_text())
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = config
        for parent in parents:
            place = place[parent]
        if value is None:
            del place[last]
        else:
            place[last] = value
    (folder / "config.json").write_text(json.dumps(config))


def refusal(folder):
    with pytest.raises(InputError) as error:
        saved.load(folder, CPU)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_what_comes_back_is_what_went_in_bit_for_bit(folder):
    before, after = lively_model(), saved.load(folder, CPU)
    assert after.cell == before.cell
    assert after.vocabulary.words == VOCABULARY.words
    assert after.model.architecture == before.model.architecture
    weights = after.model.state_dict()
    assert weights.keys() == before.model.state_dict().keys()
    for name, weight in before.model.state_dict().items():
        assert weights[name].equal(weight), name
    assert not after.model.training
    sentences = random_sentences(20)
    one, other = (
        rates_and_distortions(trained.model, sentences, seed=1) for trained in (before, after)
    )
    assert one.distortion.tolist() == other.distortion.tolist()
    assert one.rate.tolist() == other.rate.tolist()


def test_saving_again_writes_the_same_bytes(folder, tmp_path):
    saved.save(tmp_path / "again", saved.load(folder, CPU), TRAINING)
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_copy_elsewhere_is_a_model_too(folder, tmp_path, monkeypatch):
    shutil.copytree(folder, tmp_path / "far" / "away")
    shutil.rmtree(folder)
    monkeypatch.chdir(tmp_path / "far")
    assert len(saved.load(tmp_path / "far/away", CPU).vocabulary) == len(VOCABULARY)


def test_a_person_can_read_what_it_is(folder):
    config = json.loads((folder / "config.json").read_text())
    assert config["cell"] == {"corpus": "tiny", "model": "lively", "C": 2.0, "seed": 1}
    assert config["architecture"]["decoder"] == "lstm"
    assert config["vocabulary"] == {"words": 22, "sha256": VOCABULARY.digest}
    assert config["training"] == TRAINING


def test_a_folder_half_written_over_an_older_model_is_not_taken_for_whole(folder, monkeypatch):
    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Vocabulary, "save", no_space)
    with pytest.raises(OSError, match="No space"):
        saved.save(folder, lively_model(seed=2), TRAINING)
    assert "config.json: no such file" in refusal(folder)


@pytest.mark.parametrize("name", ["config.json", "vocabulary.txt", "model.safetensors"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert refusal(folder) == f"{folder / name}: no such file"


def test_no_folder_at_all(tmp_path):
    assert refusal(tmp_path / "nowhere") == f"{tmp_path}/nowhere/config.json: no such file"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"architecture.depth": 3}, "depth"),
        ({"cell.language": "en"}, "language"),
        ({"cell": None}, "cell"),
        ({"cell.seed": None}, "seed"),
        ({"cell.C": "three"}, "C: 'three' is not a number"),
        ({"cell.C": -1.0}, "C: -1.0 is not a number of at least 0"),
        ({"vocabulary": None}, "vocabulary"),
        ({"architecture": [1, 2]}, "mapping"),
        # Of a later version, say.
        ({"architecture.decoder": "transformer"}, "the decoder 'transformer' is not registered"),
        ({"architecture.hidden": 0}, "--hidden: 0 is not a number of at least 1"),
    ],
)
def test_a_configuration_of_something_else_is_named(folder, changes, named):
    change(folder, **changes)
    message = refusal(folder)
    assert message.startswith(f"{folder}/config.json: not the configuration of a model (")
    assert named in message


def test_settings_of_parts_that_it_does_not_have_are_passed_over(folder):
    """Earlier versions wrote the CNN's sizes for an LSTM too."""
    before = saved.load(folder, CPU)
    change(folder, **{"architecture.channels": 512, "architecture.filter_width": 20})
    assert saved.load(folder, CPU).model.config == before.model.config


def test_a_configuration_that_is_not_json(folder):
    (folder / "config.json").write_text('{"cell": ')
    assert refusal(folder).startswith(f"{folder}/config.json: not JSON")


def test_another_vocabulary_is_refused(folder):
    """As many words, but not these: every number would stand for another word."""
    Vocabulary(f"v{i}" for i in range(len(VOCABULARY) - 2)).save(folder / "vocabulary.txt")
    expected = f"{folder}/vocabulary.txt: not the vocabulary the model was trained with"
    assert refusal(folder) == expected


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-4], lambda b: b[:20], lambda b: b"", lambda b: b"{}"]
)
def test_truncated_weights_are_refused(folder, damage):
    path = folder / "model.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    assert refusal(folder).startswith(f"{path}: not the weights that config.json describes (")


def test_weights_of_other_sizes_are_refused_with_the_name_of_one(folder):
    change(folder, **{"architecture.latent": 5})
    message = refusal(folder)
    assert message.startswith(f"{folder}/model.safetensors: not the weights that config.json")
    assert "size mismatch for" in message


def test_weights_of_another_model_are_refused(folder):
    path = folder / "model.safetensors"
    weights = safetensors.torch.load_file(path)
    del weights["output.bias"]
    safetensors.torch.save_file(weights, path)
    assert 'Missing key(s) in state_dict: "output.bias"' in refusal(folder)
