"""null in a configuration file removes a key that another file gives, and nothing else."""

import copy
from pathlib import Path

import pytest
import yaml

from textvae.config import removal
from textvae.config.checks import check
from textvae.config.removal import remove_nulls, with_removals
from textvae.corpora.sources import load_sources
from textvae.errors import InputError

ROOT = Path(__file__).parents[1]
BASE = yaml.safe_load((ROOT / "config/config.yaml").read_text())
SOURCES = load_sources(ROOT / "config/sources.yaml")


def merged(base, changes):
    """Merge two configurations as Snakemake does."""
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        base[key] = merged(base[key], value) if both else value
    return base


def without_nulls(text):
    changes = yaml.safe_load(text)
    config = merged(copy.deepcopy(BASE), copy.deepcopy(changes))
    remove_nulls(config, [changes, BASE])
    return config


def test_corpus_of_the_paper_is_replaced_by_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").touch()
    Path("b.txt").touch()
    config = without_nulls(
        "corpora: {cbt: {source: null, files: {train: a.txt, valid: b.txt, test: b.txt},"
        " train_size: null}, yelp: {seed: 2}}"
    )
    assert not {"source", "train_size"} & config["corpora"]["cbt"].keys()
    assert config["corpora"]["cbt"]["longest"] == 30
    assert config["corpora"]["yelp"] == BASE["corpora"]["yelp"] | {"seed": 2}
    check(config, SOURCES)


def test_null_of_the_command_line_removes_a_key_of_a_file():
    # Snakemake reads the values of --config as text.
    config = {"corpora": {"mine": {"files": "null", "format": "null", "name": "null"}}}
    own = {"corpora": {"mine": {"files": {"test": "a.txt"}, "name": "null"}}}
    remove_nulls(config, [own, BASE])
    assert config == {"corpora": {"mine": {"format": "null", "name": "null"}}}


def test_section_that_is_given_again_after_a_null_begins_anew():
    """The null of an earlier file is gone from what Snakemake merges; --config still overrides."""
    first = {"corpora": {"cbt": None, "wiki": None}, "models": {"lstm": {"beta": None}}}
    second = {"corpora": {"cbt": {"text": "a.txt", "longest": 9}}}
    config = merged(copy.deepcopy(BASE), copy.deepcopy(first))
    merged(config, copy.deepcopy(second) | {"models": {"lstm": {"hidden": 8}}})
    given = {"corpora": {"cbt": {"longest": 7, "seed": 3}}}
    merged(config, given)
    remove_nulls(config, [first, second | {"models": {"lstm": {"hidden": 8}}}, BASE])
    assert config["corpora"]["cbt"] == {"text": "a.txt", "longest": 7, "seed": 3}
    assert "wiki" not in config["corpora"]
    lstm = {name: value for name, value in BASE["models"]["lstm"].items() if name != "beta"}
    assert config["models"]["lstm"] == lstm | {"hidden": 8}


def test_recorded_configuration_gives_the_same_when_it_is_merged_again():
    config = without_nulls(
        "corpora: {cbt: {source: null, files: {train: a, valid: b, test: c}},"
        " wiki: {longest: null}, yelp: null}\nmodels: {lstm: {ramp_epochs: null, hidden: 8}}\n"
        "evaluation: {rate-distortion: {bootstrap: null}}\nexperiments: {mine: {C: [1]}}"
    )
    recorded = with_removals(config, BASE)
    assert recorded["corpora"]["wiki"]["longest"] is recorded["corpora"]["yelp"] is None
    again = merged(copy.deepcopy(BASE), copy.deepcopy(recorded))
    assert again != config
    remove_nulls(again, [recorded, BASE])
    assert again == config == removal.without_nulls(recorded)
    assert with_removals(BASE, BASE) == BASE


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("models: {mine: {base: lstm, epochs: null}}", "models.mine.epochs: got null"),
        ("corpora: {yahoo: {shortest: null}}", "corpora.yahoo.shortest: got null"),
        ("corpora: {mine: null}", "corpora.mine: got null"),
        ("targets: [null]", "targets[0]: got null"),
        ("targets: null", "the key 'targets' is missing"),
        ("corpora: {cbt: {source: null}}", "corpora.cbt: got no origin"),
        ("corpora: {cbt: null}", "experiments.table1.corpora[0]: got 'cbt'"),
    ],
)
def test_null_that_removes_nothing_or_too_much_is_refused(text, key):
    with pytest.raises(InputError) as error:
        check(without_nulls(text), SOURCES)
    assert key in str(error.value)
