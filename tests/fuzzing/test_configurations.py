"""A corrupted configuration is refused in one line, or the workflow can be planned with it."""

from pathlib import Path

import broken
import pytest
import yaml
from hypothesis import given, reject
from hypothesis import strategies as st
from snakemake.common.configfile import load_configfile
from snakemake.exceptions import WorkflowError

from textvae.config import queries
from textvae.config.checks import check
from textvae.corpora.sources import load_sources
from textvae.errors import InputError
from workflow_copy import ROOT, TINY

PAPER = yaml.safe_load((ROOT / "config/config.yaml").read_text())
DECLARED = load_sources(ROOT / "config/sources.yaml")
_SOURCES = yaml.safe_load((ROOT / "config/sources.yaml").read_text())["sources"]
SOURCES = {"sources": {name: _SOURCES[name] for name in ("cbt", "authors")}}
# Small, with entries in every section.
CONFIG = TINY | {
    "pathvars": {"results": "results/tiny", "sources": "results/sources"},
    "threads": 1,
    "checkpoint_minutes": 10,
    "corpora": TINY["corpora"]
    | {
        "cbt": {"source": "cbt", "format": "cbt", "normalise": ["lowercase"], "longest": 30},
        "mine": {"files": {"train": "mine.txt", "valid": "held.txt", "test": "held.txt"}},
    },
    "pairs": TINY["pairs"] | {"syneval": {"source": "syneval"}, "mine": {"file": "mine.tsv"}},
    "experiments": {
        name: {"measurements": PAPER["experiments"][name]["measurements"]} | entry
        for name, entry in TINY["experiments"].items()
    },
    "generation": TINY["generation"] | {"self_bleu_sentences": 50},
    "extensions": [],
    "models": TINY["models"] | {"tiny-longer": {"base": "tiny", "epochs": 2}},
    "overrides": {"little/tiny/C3/seed1": {"learning_rate": 0.1}},
}


@pytest.fixture(autouse=True)
def user_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mine.txt", "held.txt"):
        Path(name).write_text("a cat\n")
    Path("mine.tsv").write_text("grammatical\tungrammatical\na cat\tcat a\n")


def plan(config: object) -> None:
    """Query a configuration as the workflow does before it plans a job."""
    check(config, DECLARED)
    for name in config["experiments"]:
        queries.exhibit_name(name)
        queries.groups_across_C(config, name)
        for cell in queries.cells(config, name):
            assert queries.flags(queries.training_settings(config, cell))
            queries.language_model_settings(config, cell.model)
            queries.unconditional_settings(config, cell.model)
    for entry in config["corpora"].values():
        queries.raw_files(entry)


def test_intact_configuration_is_planned():
    plan(CONFIG)


@broken.examples(1500)
@given(config=broken.tree(CONFIG))
def test_corrupted_tree_is_one_line(refusals, config):
    refusals.call("configuration: a value or a key", lambda: plan(config), repr(config)[:100_000])


@broken.examples(150)
@given(config=broken.tree(PAPER))
def test_corrupted_tree_of_the_paper_is_one_line(refusals, config):
    refusals.call("configuration: the paper's", lambda: plan(config), repr(config)[:100_000])


def yaml_files(value: object) -> st.SearchStrategy[bytes]:
    content = yaml.safe_dump(value).encode()
    return st.one_of(broken.yaml_text(value), broken.mutated(content), broken.noise())


@broken.examples(400)
@given(content=yaml_files(CONFIG))
def test_corrupted_file_is_one_line(refusals, content):
    Path("broken.yaml").write_bytes(content)

    def read() -> None:
        try:
            config = load_configfile("broken.yaml")
        except WorkflowError as error:
            raise InputError("not YAML") from error
        except (ValueError, RecursionError):
            # Ten thousand brackets or digits are Snakemake's to refuse.
            reject()
        plan(config)

    refusals.call("configuration: a file", read, content)


@broken.examples(1200)
@given(content=st.one_of(broken.yaml_text(SOURCES), yaml_files(SOURCES)))
def test_corrupted_sources_are_one_line(refusals, content):
    Path("sources.yaml").write_bytes(content)
    refusals.call("sources.yaml", lambda: load_sources(Path("sources.yaml")), content)
