"""What the configuration is asked: its cells, their settings, the flags they become."""

import copy
from pathlib import Path

import pytest
import yaml

from textvae.cells import Cell
from textvae.config import queries as configuration

PAPER = yaml.safe_load((Path(__file__).parents[1] / "config/config.yaml").read_text())


@pytest.fixture
def config():
    return copy.deepcopy(PAPER)


def test_groups_of_cells_take_what_they_do_not_say_from_the_experiment(config):
    config["experiments"]["table1"] |= {
        "corpora": ["cbt"],
        "C": [3],
        "plus": [{"models": ["gru"]}, {"C": [5], "seeds": [7]}],
    }
    assert [str(cell) for cell in configuration.cells(config, "table1")] == [
        "cbt/lstm/C3/seed1",
        "cbt/gru/C3/seed1",
        "cbt/lstm/C5/seed7",
    ]


def test_cells_that_differ_in_C_alone_share_a_dictionary(config):
    config["experiments"]["table3"] |= {"corpora": ["cbt"], "seeds": [2, 1], "C": [15, 3, 2.5]}
    assert configuration.groups_by_C(config, "table3") == [
        ("cbt", "lstm", 2, "2.5-3-15"),
        ("cbt", "lstm", 1, "2.5-3-15"),
    ]


def test_language_models_have_the_sizes_of_the_decoder(config):
    settings = configuration.language_model_settings(config, "lstm-wide")
    assert (settings["embedding"], settings["hidden"]) == (256, 1048)
    assert settings["patience"] == 1


def test_a_language_model_without_code_is_trained_as_the_model_is(config):
    config["models"]["lstm"] |= {"hidden": 100, "epochs": 3, "batch": 7, "decay": 0.5}
    settings = configuration.without_code_settings(config, "lstm")
    assert (settings["hidden"], settings["epochs"], settings["batch"]) == (100, 3, 7)
    assert (settings["learning_rate"], settings["decay"]) == (8.5e-4, 0.5)
    # When to stop early is for all language models to say.
    config["language_model"] |= {"patience": 4, "held_out": 0.1, "epochs": 50}
    told = configuration.without_code_settings(config, "lstm")
    assert told == settings | {"patience": 4, "held_out": 0.1}
    assert set(told) == set(configuration.language_model_settings(config, "lstm"))


def test_what_reads_more_words_takes_longer(config):
    assert configuration.work(config, "cbt", "lstm") == 10 * 192 * 30
    config["models"]["brief"] = {"epochs": 1}
    assert configuration.work(config, "wiki", "brief") == 2000 * 30
    config["corpora"]["made"] = {"grammar": {"train": 40_000}, "longest": 20}
    assert configuration.work(config, "made", "brief") == 40 * 20
    # All there are of WIKI, up to 50 words; documents are longer than sentences.
    falling = [
        configuration.work(config, name, "lstm")
        for name in ("wiki50", "wiki", "webtext", "yahoo", "cbt")
    ]
    assert falling == sorted(set(falling), reverse=True)


def test_what_shows_an_experiment():
    shown_as = configuration.shown_as
    assert shown_as("figure1") == shown_as("figure1-mine") == "figure1"
    assert shown_as("collapse") == "collapse"
    assert shown_as("figure10") is shown_as("mine") is None


def test_an_override_is_of_one_cell_in_any_spelling_of_C(config):
    config["overrides"] = {"cbt/lstm/C15.0/seed1": {"learning_rate": 0.5}}
    settings = configuration.training_settings
    assert settings(config, Cell("cbt", "lstm", 15, 1))["learning_rate"] == 0.5
    assert settings(config, Cell("cbt", "lstm", 3, 1))["learning_rate"] == 8.5e-4
    assert config["models"]["lstm"]["learning_rate"] == 8.5e-4


def test_what_means_the_same_is_the_same(config):
    cell = Cell("cbt", "lstm", 15, 1)
    full = configuration.training_settings(config, cell)
    config["models"]["lstm"] = {"hidden": 512.0, "decoder": "lstm"}
    assert configuration.flags(configuration.training_settings(config, cell)) == (
        configuration.flags(full)
    )


def test_flags():
    settings = {"learning_rate": 1e-4, "steps": ["a", "b c"], "on": True, "off": False, "no": None}
    assert configuration.flags(settings) == "--learning-rate 0.0001 --steps a 'b c' --on"
