"""Whatever stands in a configuration, the workflow plans by it, or one line says what is wrong."""

from pathlib import Path

import broken
import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from snakemake.common.configfile import load_configfile
from snakemake.exceptions import WorkflowError

from textvae.config import checks as configuration_check
from textvae.config import queries as configuration
from textvae.corpora.sources import load_sources
from textvae.errors import InputError
from workflow_copy import ROOT, TINY

PAPER = yaml.safe_load((ROOT / "config/config.yaml").read_text())
_SOURCES = yaml.safe_load((ROOT / "config/sources.yaml").read_text())["sources"]
SOURCES = {"sources": {name: _SOURCES[name] for name in ("cbt", "authors")}}
DECLARED = load_sources(ROOT / "config/sources.yaml")
# Small, and with something of every section.
CONFIG = TINY | {
    "pathvars": {"results": "results/tiny", "sources": "results/sources"},
    "threads": 1,
    "checkpoint_minutes": 10,
    "corpora": TINY["corpora"]
    | {
        "cbt": {"source": "cbt", "format": "cbt", "normalise": ["lowercase"], "longest": 30},
        "mine": {"files": {"train": "mine.txt", "valid": "mine.txt", "test": "mine.txt"}},
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
def own_files(tmp_path, monkeypatch):
    """The files of one's own that the configuration names."""
    monkeypatch.chdir(tmp_path)
    Path("mine.txt").write_text("a cat\n")
    Path("mine.tsv").write_text("grammatical\tungrammatical\na cat\tcat a\n")


def plan(config: object) -> None:
    """What the workflow does with a configuration before it plans a job."""
    configuration_check.check(config, DECLARED)
    for name in config["experiments"]:
        configuration.shown_as(name)
        configuration.groups_by_C(config, name)
        for cell in configuration.cells(config, name):
            assert configuration.flags(configuration.training_settings(config, cell))
            configuration.language_model_settings(config, cell.model)
            configuration.without_code_settings(config, cell.model)
    for entry in config["corpora"].values():
        configuration.raw_files(entry)


def test_the_configuration_to_break_is_right():
    plan(CONFIG)


def broadly(examples: int) -> settings:
    """So many examples, however long they take."""
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )


@broadly(1500)
@given(config=broken.tree(CONFIG))
def test_a_broken_configuration(refusals, config):
    refusals.call("configuration: a value or a key", lambda: plan(config), repr(config)[:100_000])


@broadly(150)
@given(config=broken.tree(PAPER))
def test_the_papers_configuration_broken(refusals, config):
    refusals.call("configuration: the paper's", lambda: plan(config), repr(config)[:100_000])


@broadly(400)
@given(
    content=st.one_of(
        broken.mutated(yaml.safe_dump(CONFIG).encode()), broken.noise(), broken.yaml_text(CONFIG)
    )
)
def test_a_broken_file_of_a_configuration(refusals, content):
    Path("broken.yaml").write_bytes(content)

    def read() -> None:
        try:
            config = load_configfile("broken.yaml")
        except WorkflowError as error:
            # Snakemake's own refusal, with the file's name in it.
            raise InputError("not YAML") from error
        except (ValueError, RecursionError):
            # What Snakemake says of ten thousand brackets or digits is not ours to mend.
            reject()
        plan(config)

    refusals.call("configuration: a file", read, content)


@broadly(1200)
@given(
    content=st.one_of(
        *[broken.yaml_text(SOURCES)] * 2,
        broken.mutated(yaml.safe_dump(SOURCES).encode()),
        broken.noise(),
    )
)
def test_broken_sources(refusals, content):
    Path("sources.yaml").write_bytes(content)

    def read() -> None:
        load_sources(Path("sources.yaml"))

    refusals.call("sources.yaml", read, content)
