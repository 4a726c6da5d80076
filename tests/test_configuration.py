"""Queries on the configuration: cells, their settings with inheritance, and command-line flags."""

import copy
from pathlib import Path

import pytest
import yaml

from textvae.cells import Cell
from textvae.config import model_entry, queries
from textvae.errors import InputError
from textvae.registry import DECODERS, Declaration
from textvae.spec import Spec

PAPER = yaml.safe_load((Path(__file__).parents[1] / "config/config.yaml").read_text())


@pytest.fixture
def config():
    return copy.deepcopy(PAPER)


def settings(config, model, cell="cbt/{}/C3/seed1"):
    return queries.training_settings(config, Cell.parse(cell.format(model)))


def test_groups_inherit_missing_lists_from_the_experiment(config):
    plus = [{"models": ["gru"]}, {"C": [5], "seeds": [7]}]
    config["experiments"]["table1"] |= {"corpora": ["cbt"], "C": [3], "plus": plus}
    assert [str(cell) for cell in queries.cells(config, "table1")] == [
        "cbt/lstm/C3/seed1",
        "cbt/gru/C3/seed1",
        "cbt/lstm/C5/seed7",
    ]


def test_cells_that_differ_only_in_C_form_a_group(config):
    config["experiments"]["table3"] |= {"corpora": ["cbt"], "seeds": [2, 1], "C": [15, 3, 2.5]}
    assert queries.groups_across_C(config, "table3") == [
        ("cbt", "lstm", 2, "2.5-3-15"),
        ("cbt", "lstm", 1, "2.5-3-15"),
    ]


def test_exhibit_of_an_experiment_is_the_name_before_a_hyphen():
    assert queries.exhibit_name("figure1") == queries.exhibit_name("figure1-mine") == "figure1"
    assert queries.exhibit_name("figure10") is queries.exhibit_name("mine") is None


def test_claims_use_the_first_of_conflicting_experiments(config):
    names = [name for name in config["targets"] if name != "table3-all-decodings"]
    # The same cells over the same C, but another list of decodings: the same dictionaries.
    assert queries.experiments_for_claims(config) == config["targets"]
    config["experiments"]["table3-all-decodings"]["C"] = [3, 15]
    assert queries.experiments_for_claims(config) == names
    config["experiments"]["table4-mine"] = config["experiments"]["table4"] | {"pairs": "mine"}
    config["targets"] = ["table4-mine", *config["targets"]]
    assert queries.experiments_for_claims(config) == [
        "table4-mine",
        *(n for n in names if n != "table4"),
    ]


def test_language_model_has_the_sizes_of_the_decoder(config):
    settings = queries.language_model_settings(config, "lstm-wide")
    assert (settings["embedding"], settings["hidden"], settings["patience"]) == (256, 1048, 1)


def test_unconditional_language_model_is_trained_like_the_decoder(config):
    config["models"]["lstm"] |= {"hidden": 100, "epochs": 3, "batch": 7, "decay": 0.5}
    settings = queries.unconditional_settings(config, "lstm")
    assert (settings["hidden"], settings["epochs"], settings["batch"]) == (100, 3, 7)
    assert (settings["learning_rate"], settings["decay"]) == (8.5e-4, 0.5)
    # Early stopping is that of all language models.
    config["language_model"] |= {"patience": 4, "held_out": 0.1, "epochs": 50}
    stopped = queries.unconditional_settings(config, "lstm")
    assert stopped == settings | {"patience": 4, "held_out": 0.1}
    assert set(stopped) == set(queries.language_model_settings(config, "lstm"))


def test_work_is_epochs_times_thousands_of_words(config):
    assert queries.work(config, "cbt", "lstm") == 10 * 192 * 30
    config["models"]["brief"] = {"epochs": 1}
    config["corpora"]["made"] = {"grammar": {"train": 40_000}, "longest": 20}
    assert queries.work(config, "made", "brief") == 40 * 20
    # WIKI with all sentences of up to 50 words; documents are longer than sentences.
    assert queries.work(config, "wiki50", "brief") == 3000 * 50
    assert queries.work(config, "yahoo", "brief") == 100 * 200


def test_measurement_settings_come_from_evaluation_and_generation(config):
    assert queries.measurement_settings(config, "description") == {"self_bleu_sentences": 10000}
    config["evaluation"]["sensitivity"] = {"points": 5}
    assert queries.measurement_settings(config, "sensitivity") == {"points": 5}


def test_override_applies_to_one_cell_in_any_spelling_of_C(config):
    config["overrides"] = {"cbt/lstm/C15.0/seed1": {"learning_rate": 0.5}}
    for C, rate in ((15, 0.5), (3, 8.5e-4)):
        cell = Cell("cbt", "lstm", C, 1)
        assert queries.training_settings(config, cell)["learning_rate"] == rate
    assert config["models"]["lstm"]["learning_rate"] == 8.5e-4


def test_captions_name_cells_with_other_settings_than_their_model(config):
    """An override with the model's own value is none."""
    config["overrides"] = {
        "cbt/lstm/C15/seed1": {"learning_rate": 0.5, "epochs": 10},
        "cbt/lstm/C3/seed1": {"epochs": 10},
    }
    assert queries.overrides_note(config, "table1") == (
        "With other settings than their model: cbt/lstm/C15/seed1 (learning_rate 0.5)."
    )
    assert queries.overrides_note(config, "figure1") == ""


def test_equivalent_entries_give_the_same_flags(config):
    full = queries.flags(settings(config, "lstm"))
    config["models"]["lstm"] = {"hidden": 512.0, "decoder": "lstm"}
    assert queries.flags(settings(config, "lstm")) == full


def test_flags_join_lists_and_leave_out_null():
    values = {"learning_rate": 1e-4, "steps": ["a", "b c"], "on": True, "off": False, "no": None}
    assert queries.flags(values | {"empty": []}) == (
        "--learning-rate 0.0001 --steps a 'b c' --on true --off false"
    )
    assert queries.flags({"words": ("b", "c"), "none": (), "mark": "-x", "least": -1.5}) == (
        "--words b c --mark=-x --least=-1.5"
    )


def test_entry_inherits_what_it_does_not_give(config):
    config["models"] |= {
        "small": {"hidden": 8, "epochs": 2, "decay": 0.5},
        "smaller": {"base": "small", "hidden": 4},
        "smallest": {"base": "smaller", "epochs": 1, "encoder": "gru"},
        "written-out": {"encoder": "gru", "hidden": 4, "epochs": 1, "decay": 0.5},
    }
    assert settings(config, "smallest") == settings(config, "written-out")
    assert settings(config, "smallest")["decoder"] == "lstm"
    for query in (queries.language_model_settings, queries.unconditional_settings):
        assert query(config, "smallest") == query(config, "written-out")
    assert queries.work(config, "cbt", "smallest") == queries.work(config, "cbt", "written-out")
    config["overrides"] = {"cbt/smallest/C3/seed1": {"decay": 0.25}}
    assert settings(config, "smallest") == settings(config, "written-out") | {"decay": 0.25}


@pytest.fixture
def declared(monkeypatch):
    """The declared decoders, with one more that an extension might register."""
    own = Spec("heads", "int", 4, "heads of its attention", ge=1)
    declared = dict(DECODERS.declared()) | {
        "attending": Declaration("decoder", "attending", "Attention", "mine.py", (own,))
    }
    monkeypatch.setattr(DECODERS, "declared", lambda: declared)
    return declared


def test_settings_of_unselected_parts_have_no_effect(config, declared):
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


def test_two_parts_declare_a_setting_identically_or_are_refused(declared):
    (own,) = declared["attending"].specs
    declared["other"] = Declaration("decoder", "other", "Other", "other.py", (own,))
    assert [one.name for one in model_entry.known_keys()].count("heads") == 1
    different = Spec("heads", "int", 5, "heads of its attention", ge=1)
    declared["other"] = Declaration("decoder", "other", "Other", "other.py", (different,))
    with pytest.raises(InputError, match=r"^other\.py: .*'other' .*'heads' .*'attending'; "):
        model_entry.known_keys()
