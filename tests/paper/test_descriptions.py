"""Configurations of trained cells and statistics of corpora, as files hold them."""

import pytest
from json_files import check_refused, write

from textvae.cells import Cell
from textvae.paper.descriptions import ModelConfig, TrainedCell, read_cells, read_config, read_sizes

CONFIG = {
    "cell": {"corpus": "cbt", "model": "cnn", "C": 15.0, "seed": 1},
    "architecture": {"encoder": "lstm", "decoder": "cnn", "hidden": 512, "latent": 64},
    "training": {"recipe": {"objective": "rate-target", "beta": 0, "epochs": 1}},
}
SPLITS = {
    "train": {"sentences": 300, "mean_length": 7},
    "valid": {"sentences": 20},
    "test": {"sentences": 60},
}
STATISTICS = {"name": "mine", "vocabulary": {"asked": 12, "reached": 10}, "splits": SPLITS}


def test_config_is_read(tmp_path):
    path = write(tmp_path / "a.json", CONFIG)
    config = ModelConfig("lstm", "cnn", "rate-target", 0.0)
    assert read_config(path) == TrainedCell(Cell("cbt", "cnn", 15, 1), config, 512, 64, 1)
    assert (config.architecture, config.has_target) == ("LSTM-CNN", True)
    elbo = read_config(write(path, CONFIG, {"training.recipe.objective": "elbo"})).config
    assert (elbo.has_target, elbo.title) == (False, "ELBO")


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
def test_invalid_config_is_refused_by_key_and_value(tmp_path, key, value):
    path = write(tmp_path / "a.json", CONFIG, {key: value})
    check_refused(read_config, path, key.split(".")[-1], "nothing" if value is None else value)


def test_sizes_are_read_by_corpus(tmp_path):
    """The vocabulary is the one reached; the mean length is that of the test split."""
    a = write(tmp_path / "a.json", STATISTICS)
    b = write(tmp_path / "b.json", STATISTICS, {"name": "cbt", "splits.test.mean_length": 4})
    sizes = {"train_sentences": 300, "valid_sentences": 20, "test_sentences": 60}
    sizes |= {"vocabulary_size": 10}
    assert read_sizes([a, b]) == {"mine": sizes, "cbt": sizes | {"test_mean_length": 4}}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("name", 3), ("splits", None), ("splits.valid", None), ("splits.train.sentences", -1)),
        *(("splits.test.sentences", 10**400), ("splits.test.mean_length", "x")),
        *(("vocabulary", None), ("vocabulary.reached", None)),
    ],
)
def test_invalid_statistics_are_refused_by_key_and_value(tmp_path, key, value):
    path = write(tmp_path / "a.json", STATISTICS, {key: value})
    shown = "nothing" if value is None else f"{value!r:.50}"
    check_refused(lambda path: read_sizes([path]), path, f"'{key.split('.')[-1]}'", shown)


def test_second_file_of_a_cell_or_corpus_is_refused(tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    check_refused(read_config, tmp_path / "list.json", "[1]")
    for content, read, name in (
        (CONFIG, read_cells, "cbt/cnn/C15/seed1"),
        (STATISTICS, read_sizes, "mine"),
    ):
        first, second = (write(tmp_path / name, content) for name in ("a.json", "b.json"))
        check_refused(lambda path, read=read, first=first: read([first, path]), second, name)
