"""What a configuration beside a model's weights says, and what is refused."""

import json

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.descriptions import ModelConfig, TrainedCell, read_config


@pytest.fixture
def write(tmp_path):
    """Write a configuration with parts set otherwise ("recipe" is below "training"); its path."""

    def write(**changes):
        content = {
            "cell": {"corpus": "cbt", "model": "cnn", "C": 15.0, "seed": 1},
            "architecture": {"encoder": "lstm", "decoder": "cnn", "hidden": 512, "latent": 64},
            "training": {"recipe": {"objective": "rate-target", "beta": 2.0, "epochs": 10}},
        }
        recipe = content["training"]["recipe"] | changes.pop("recipe", {})
        content["training"]["recipe"] = recipe
        path = tmp_path / "config.json"
        path.write_text(json.dumps(content | changes))
        return path

    return write


def test_what_a_configuration_says(write):
    config = ModelConfig("lstm", "cnn", "rate-target", 2.0)
    assert read_config(write()) == TrainedCell(Cell("cbt", "cnn", 15, 1), config, 512, 64, 10)
    assert config.architecture == "LSTM-CNN"


@pytest.mark.parametrize(("objective", "has_target"), [("rate-target", True), ("elbo", False)])
def test_the_plain_elbo_alone_has_no_target(write, objective, has_target):
    assert read_config(write(recipe={"objective": objective})).config.has_target == has_target


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cell": {}}, "'corpus' must be a text, got nothing"),
        ({"cell": {"corpus": "a/b", "model": "m", "C": 1, "seed": 1}}, "corpus 'a/b': a name is"),
        (
            {"cell": {"corpus": "a", "model": "m", "C": "x", "seed": 1}},
            "C of the cell must be a finite number, got 'x'",
        ),
        ({"architecture": {"encoder": "lstm"}}, "'decoder' must be a text, got nothing"),
        ({"training": {}}, "'recipe' must be a JSON object, got nothing"),
        ({"training": []}, "'training' must be a JSON object, got []"),
        ({"recipe": {"objective": None}}, "'objective' must be a text, got nothing"),
        (
            {"recipe": {"objective": "gan"}},
            "'objective': got 'gan', expected one of elbo, rate-target",
        ),
        ({"recipe": {"beta": "x"}}, "'beta' must be a finite number, got 'x'"),
        ({"recipe": {"beta": -1}}, "beta -1.0 is not a number of at least 0"),
        ({"recipe": {"beta": float("nan")}}, "'beta' must be a finite number, got nan"),
        ({"recipe": {"epochs": "1"}}, "'epochs' must be a whole number of at least 1, got '1'"),
        ({"recipe": {"epochs": 0}}, "'epochs' must be a whole number of at least 1, got 0"),
    ],
)
def test_what_is_no_configuration(write, changes, reason):
    path = write(**changes)
    with pytest.raises(InputError) as error:
        read_config(path)
    assert str(error.value).startswith(f"{path}: not the configuration of a model ({reason}")
    assert "\n" not in str(error.value)


def test_a_file_of_something_else(tmp_path):
    path = tmp_path / "config.json"
    path.write_text("[1]")
    with pytest.raises(InputError, match=r"of a model \(the file must be a JSON object, got \[1"):
        read_config(path)
