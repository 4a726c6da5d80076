"""The configuration of the reproduction: the paper's cells of CBT, from files with checksums."""

import csv
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from textvae.config import queries
from textvae.config.checks import check
from textvae.config.removal import remove_nulls
from textvae.corpora.sources import load_sources
from textvae.errors import InputError

ROOT = Path(__file__).parents[1]
NAMES = ("config/config", "reproduction/cbt")
SOURCES = load_sources(ROOT / "config/sources.yaml")


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The configuration in a folder with three other files of these names."""
    files = [yaml.safe_load((ROOT / f"{name}.yaml").read_text()) for name in NAMES]
    merged = {}
    for file in files:
        update_config(merged, file)
    # As Snakemake lists them.
    remove_nulls(merged, files[::-1])
    for path in merged["corpora"]["cbt"]["files"].values():
        (tmp_path / path).write_text(f"{path}\n")
    monkeypatch.chdir(tmp_path)
    return merged


def test_other_files_than_those_of_the_reproduction_are_refused(config):
    with pytest.raises(InputError, match=r"corpora.cbt.files.train: cbt_train.txt has the SHA-256"):
        check(config, SOURCES)


def test_cells_are_the_papers_of_cbt(config):
    corpus = config["corpora"]["cbt"]
    corpus["sha256"] = {
        split: sha256(f"{path}\n".encode()).hexdigest() for split, path in corpus["files"].items()
    }
    check(config, SOURCES)
    for name in config["targets"]:
        cells = {str(cell) for cell in queries.cells(config, name)}
        assert cells == {f"cbt/lstm/C{C}/seed1" for C in (3, 15, 100)}


def records(name, run="cbt"):
    return list(csv.DictReader((ROOT / "reproduction" / run / name).read_text().splitlines()))


def test_texts_count_the_numbers_that_the_tables_decide():
    verdicts = Counter(one["verdict"] for one in records("comparison.csv"))
    decided = verdicts["agrees"] + verdicts["deviates"]
    assert decided >= 100
    front = " ".join((ROOT / "README.md").read_text().split())
    assert f"Of the {decided} numbers" in front
    assert f"decides, {verdicts['agrees']} agree." in front


def test_texts_count_the_agreements_that_a_zero_would_have_had():
    """Numbers no larger than their tolerance."""
    weak = Counter(
        one["metric"].partition("_bucket")[0].partition("_all")[0]
        for one in records("comparison.csv")
        if one["verdict"] == "agrees" and abs(float(one["paper"])) <= float(one["tolerance"])
    )
    count = weak.total()
    assert weak == {
        "logdetcov": 2,
        "mean_sq_norm": 2,
        "rouge4": 6,
        "pairwise_bleu4": 5,
        "fce_standard_deviation": 4,
    }
    front, page = (
        " ".join((ROOT / name).read_text().split())
        for name in ("README.md", "reproduction/README.md")
    )
    assert f"({count} of these are no larger than their tolerance" in front
    assert f"{count} are no larger than their tolerance" in page


def test_texts_count_the_numbers_of_six_epochs():
    """They decide nothing, because the paper has ten."""
    run = [
        one
        for one in records("comparison.csv", "cbt-6-epochs")
        if (one["table"], one["C"]) == ("table1", "100") and one["ours"]
    ]
    assert {one["verdict"] for one in run} == {"other corpus"}
    within = sum(abs(float(one["difference"])) <= float(one["tolerance"]) for one in run)
    for name in ("README.md", "reproduction/README.md"):
        text = " ".join((ROOT / name).read_text().split())
        assert f"{within} of the {len(run)} numbers" in text


def test_texts_have_the_numbers_of_table_3():
    of_greedy = {
        one["metric"]: float(one["ours"])
        for one in records("table3.csv")
        if (one["C"], one["decoding"]) == ("3", "greedy") and one["ours"]
    }
    text = " ".join((ROOT / "reproduction/README.md").read_text().split())
    deviate = sum(
        (one["table"], one["verdict"]) == ("table3", "deviates")
        for one in records("comparison.csv")
    )
    for sentence in (
        f"Of Table 3 all but {deviate} numbers agree",
        f"{of_greedy['vocabulary_size']:.0f} with greedy decoding",
        f"**Greedy FCE at C = 3**, {of_greedy['fce_nats']:.1f} nats",
        f"{of_greedy['distinct_sentences']:,.0f} different sentences among"
        f" {of_greedy['synthetic_sentences']:,.0f}",
        f"a 5-gram model gives {of_greedy['kn5_fce_nats']:.1f}",
    ):
        assert sentence in text


def test_text_has_the_numbers_of_the_smaller_model():
    text = (ROOT / "reproduction/README.md").read_text()
    found = {
        (one["model"], one["metric"]): float(one["ours"])
        for one in records("table1.csv", "active-units")
        if one["ours"]
    }
    places = {"distortion_nats": 1, "rate_nats": 1, "logdetcov": 2, "active_units": 0}
    for model in ("lstm", "lstm-fast"):
        shown = [f"{found[model, name]:.{digits}f}" for name, digits in places.items()]
        assert f"| {model} | {' | '.join(shown)} |".replace("-2.", "−2.") in text
    whole = {
        one["metric"]: float(one["ours"])
        for one in records("table1.csv")
        if one["C"] == "15" and one["ours"]
    }
    shown = [f"{whole[name]:.{digits}f}" for name, digits in places.items()]
    assert f"| the whole model, above | {' | '.join(shown)} |".replace("-0.", "−0.") in text
