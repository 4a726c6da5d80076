"""Configurations of trained cells and statistics of corpora, as files hold them."""

import json

import pytest

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.descriptions import ModelConfig, TrainedCell, read_cells, read_config, read_sizes

CONFIG = {
    "cell": {"corpus": "cbt", "model": "cnn", "C": 15.0, "seed": 1},
    "architecture": {"encoder": "lstm", "decoder": "cnn", "hidden": 512, "latent": 64},
    "training": {"recipe": {"objective": "rate-target", "beta": 0, "epochs": 1}},
}
STATISTICS = {
    "name": "mine",
    "vocabulary": {"asked": 12, "reached": 10},
    "splits": {
        "train": {"sentences": 300, "mean_length": 7},
        "valid": {"sentences": 20},
        "test": {"sentences": 60},
    },
}


@pytest.fixture
def write(tmp_path):
    """Write a JSON file in which values are replaced, each given as keys joined by dots."""

    def write(content, file="a.json", /, **changed):
        content = json.loads(json.dumps(content))
        for keys, value in changed.items():
            *outer, last = keys.split(".")
            part = content
            for key in outer:
                part = part[key]
            part[last] = value
        (tmp_path / file).write_text(json.dumps(content))
        return tmp_path / file

    return write


def refusal(read, path):
    """Return the message of an InputError, one line that names the file."""
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
    return str(error.value)


def test_config_is_read(write):
    config = ModelConfig("lstm", "cnn", "rate-target", 0.0)
    trained = TrainedCell(Cell("cbt", "cnn", 15, 1), config, 512, 64, 1)
    assert read_config(write(CONFIG)) == trained
    assert (config.architecture, config.has_target) == ("LSTM-CNN", True)
    elbo = read_config(write(CONFIG, **{"training.recipe.objective": "elbo"})).config
    assert (elbo.has_target, elbo.title) == (False, "ELBO")


def test_cell_with_two_configs_is_refused(write):
    paths = [write(CONFIG), write(CONFIG, "b.json")]
    assert list(read_cells(paths[:1])) == [Cell("cbt", "cnn", 15, 1)]
    assert "cbt/cnn/C15/seed1" in refusal(lambda path: read_cells([*paths]), paths[1])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("cell.C", "x"), ("architecture.encoder", 3), ("architecture.decoder", None)),
        *(("architecture.hidden", 0), ("architecture.latent", 0), ("training", [])),
        *(("training.recipe", None), ("training.recipe.objective", None)),
        *(("training.recipe.objective", "gan"), ("training.recipe.beta", "x")),
        *(("training.recipe.beta", -0.5), ("training.recipe.epochs", 0)),
    ],
)
def test_invalid_config_is_refused_by_key_and_value(write, key, value):
    message = refusal(read_config, write(CONFIG, **{key: value}))
    assert key.rpartition(".")[2] in message
    assert ("nothing" if value is None else repr(value)) in message


def test_config_must_be_an_object(tmp_path):
    path = tmp_path / "config.json"
    path.write_text("[1]")
    assert "[1]" in refusal(read_config, path)


def test_sizes_are_read_by_corpus(write):
    """The vocabulary is the one reached; the mean length is that of the test split."""
    paths = [
        write(STATISTICS),
        write(STATISTICS, "b.json", name="cbt", **{"splits.test.mean_length": 4}),
    ]
    sizes = {"train_sentences": 300, "valid_sentences": 20, "test_sentences": 60}
    sizes |= {"vocabulary_size": 10}
    assert read_sizes(paths) == {"mine": sizes, "cbt": sizes | {"test_mean_length": 4}}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("name", 3), ("splits", None), ("splits.valid", None), ("splits.train.sentences", -1)),
        *(("splits.test.sentences", 10**400), ("splits.test.mean_length", "x")),
        *(("vocabulary", None), ("vocabulary.reached", None)),
    ],
)
def test_invalid_statistics_are_refused_by_key_and_value(write, key, value):
    message = refusal(lambda path: read_sizes([path]), write(STATISTICS, **{key: value}))
    assert f"'{key.rpartition('.')[2]}'" in message
    assert ("nothing" if value is None else f"{value!r:.50}") in message


def test_corpus_with_two_statistics_is_refused(write):
    paths = [write(STATISTICS), write(STATISTICS, "b.json")]
    message = refusal(lambda path: read_sizes(paths), paths[1])
    assert "mine" in message
    assert str(paths[0]) in message
