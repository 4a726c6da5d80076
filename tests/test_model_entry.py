"""A model's entry inherits by `base`; what decides a training are the settings of its parts."""

import copy
from pathlib import Path

import pytest
import yaml

from textvae.cells import Cell
from textvae.config import model_entry, queries
from textvae.config.checks import check
from textvae.corpora.sources import load_sources
from textvae.errors import InputError
from textvae.registry import DECODERS, Declaration
from textvae.spec import Spec

ROOT = Path(__file__).parents[1]
PAPER = yaml.safe_load((ROOT / "config/config.yaml").read_text())
SOURCES = load_sources(ROOT / "config/sources.yaml")


@pytest.fixture
def config():
    return copy.deepcopy(PAPER)


def complaint(config):
    with pytest.raises(InputError) as error:
        check(config, SOURCES)
    assert "\n" not in str(error.value)
    return str(error.value)


def settings(config, model):
    return queries.training_settings(config, Cell("cbt", model, 3, 1))


def test_an_entry_inherits_what_it_does_not_give(config):
    config["models"] |= {
        "small": {"hidden": 8, "epochs": 2, "decay": 0.5},
        "smaller": {"base": "small", "hidden": 4},
        "smallest": {"base": "smaller", "epochs": 1, "encoder": "gru"},
    }
    check(config, SOURCES)
    written_out = {"encoder": "gru", "hidden": 4, "epochs": 1, "decay": 0.5}
    config["models"]["written-out"] = written_out
    assert settings(config, "smallest") == settings(config, "written-out")
    assert settings(config, "smallest")["decoder"] == "lstm"
    assert queries.work(config, "cbt", "smallest") == queries.work(config, "cbt", "written-out")
    assert queries.language_model_settings(config, "smallest")["hidden"] == 4
    assert queries.without_code_settings(config, "smallest")["decay"] == 0.5


def test_an_override_is_laid_over_what_is_inherited(config):
    config["models"]["mine"] = {"base": "cnn", "beta": 2}
    config["overrides"] = {"cbt/mine/C3/seed1": {"beta": 3, "learning_rate": 0.5}}
    check(config, SOURCES)
    own = settings(config, "mine")
    assert (own["beta"], own["learning_rate"], own["decoder"]) == (3.0, 0.5, "cnn")


def test_a_base_that_is_not_an_entry(config):
    config["models"]["mine"] = {"base": "lstm-wid"}
    assert complaint(config).startswith("models.mine.base: got 'lstm-wid', expected one of lstm, ")
    assert complaint(config).endswith("(did you mean 'lstm-wide'?)")
    config["models"]["mine"] = {"base": 7}
    assert complaint(config) == "models.mine.base: got 7, expected a text"


def test_bases_in_a_circle(config):
    config["models"] |= {"a": {"base": "b"}, "b": {"base": "c"}, "c": {"base": "a"}}
    assert complaint(config) == (
        "models.c.base: a -> b -> c -> a is circular, expected a chain that ends"
    )
    config["models"] |= {"a": {"base": "a"}}
    assert complaint(config).startswith("models.a.base: a -> a is circular,")


def test_a_misspelt_key_beside_a_base(config):
    config["models"]["mine"] = {"base": "lstm", "bade": "gru"}
    assert complaint(config).startswith("models.mine: unknown key 'bade', expected one of ")
    assert complaint(config).endswith("(did you mean 'base'?)")


def test_an_override_has_no_base(config):
    config["overrides"] = {"cbt/lstm/C3/seed1": {"base": "gru"}}
    assert complaint(config).startswith(
        "overrides.cbt/lstm/C3/seed1: unknown key 'base', expected one of encoder, "
    )


@pytest.fixture
def mine(monkeypatch):
    """A decoder of one's own, registered as an extension would."""
    own = Spec("heads", "int", 4, "heads of its attention", ge=1)
    declared = dict(DECODERS.declared()) | {
        "attending": Declaration("decoder", "attending", "Attention", "mine.py", (own,))
    }
    monkeypatch.setattr(DECODERS, "declared", lambda: declared)
    return declared


def test_settings_of_parts_that_are_not_selected_decide_nothing(config, mine):
    other = settings(config, "lstm")
    assert "heads" not in other
    config["models"]["lstm"]["heads"] = 8
    assert settings(config, "lstm") == other
    config["models"]["lstm"]["decoder"] = "attending"
    assert settings(config, "lstm") == other | {"decoder": "attending", "heads": 8}
    del config["models"]["lstm"]["heads"]
    assert settings(config, "lstm")["heads"] == 4
    assert model_entry.owners("heads") == (("decoder", "attending"),)
    assert model_entry.owners("hidden") == ()


def test_two_parts_declare_a_setting_alike_or_not_at_all(mine):
    again = Declaration("decoder", "other", "Other", "other.py", mine["attending"].specs)
    mine["other"] = again
    assert [one.name for one in model_entry.known_keys()].count("heads") == 1
    different = Spec("heads", "int", 5, "heads of its attention", ge=1)
    mine["other"] = Declaration("decoder", "other", "Other", "other.py", (different,))
    with pytest.raises(InputError) as error:
        model_entry.known_keys()
    assert str(error.value) == (
        "other.py: the decoder 'other' declares the setting 'heads' differently from the decoder"
        " 'attending'"
    )
