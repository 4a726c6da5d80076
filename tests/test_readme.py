"""What the README tells a reader to type is there to be typed."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from textvae import cli
from textvae.config import checks as configuration_check
from textvae.corpora.sources import load_sources

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def commands():
    """The `textvae` commands of the README, continued lines joined."""
    text = README.replace("\\\n", " ")
    return [
        line.split("#")[0].strip() for line in text.splitlines() if line.startswith("    textvae ")
    ]


@pytest.mark.parametrize("command", commands())
def test_commands_parse(command):
    words = shlex.split(command)[1:]
    cli.build_parser(words[0]).parse_args(words)


def test_there_are_commands():
    assert len(commands()) >= 6


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("https:"):
            assert (ROOT / target).exists(), target


def test_make_targets_are_there():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^    make (\w+)", README, re.MULTILINE):
        assert f"\n{target}:" in makefile


def test_the_example_of_ones_own_corpus_is_a_right_configuration(tmp_path, monkeypatch):
    example = yaml.safe_load(re.search(r"```yaml\n(.*?)```", README, re.DOTALL)[1])
    paper = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    sources = load_sources(ROOT / "config/sources.yaml")
    corpora = paper["corpora"] | example["corpora"]
    table1 = paper["experiments"]["table1"] | example["experiments"]["table1"]
    experiments = paper["experiments"] | {"table1": table1}
    config = paper | {"corpora": corpora, "experiments": experiments}
    monkeypatch.chdir(tmp_path)
    for path in example["corpora"]["mine"]["files"].values():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).touch()
    configuration_check.check(config, sources)
