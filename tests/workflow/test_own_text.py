"""config/own.yaml, the example of the README: from one text to curve, tables and claims."""

import csv

import pytest
import yaml

import realdata
from workflow_copy import SMALL

WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "cow",
    "sat",
    "lay",
    "ran",
    "on",
    "under",
    "near",
    "mat",
    "grass",
    "hill",
    "and",
    "then",
    "it",
    "was",
    "red",
    "big",
]


@pytest.fixture
def own(fresh):
    """The example as it stands, with a text in its place."""
    sentences = [
        " ".join(WORDS[(7 * i + j * j * (i % 5 + 1)) % len(WORDS)] for j in range(3 + i % 9))
        for i in range(400)
    ]
    (fresh.folder / "my-text.txt").write_text("".join(f"{one}\n" for one in sentences))
    return fresh


def test_it_gives_curve_tables_and_claims(own):
    # Over the example, only what makes it tiny.
    small = {
        "models": {"small": SMALL},
        "evaluation": {"information": {"sentences": 20}, "likelihood": {"sentences": 20}},
        "generation": {"sentences": 60, "copies": 1, "lines": 5, "self_bleu_sentences": 20},
        "language_model": {"epochs": 1},
    }
    (own.folder / "small.yaml").write_text(yaml.safe_dump(small))
    run = own.snakemake("--configfile", "config/own.yaml", "small.yaml")
    assert run.returncode == 0, run.stderr[-3000:]
    results = own.folder / "results/own"
    for name in ("figure1-own.pdf", "table1.html", "table2.tex", "table3.csv", "comparison.html"):
        assert (results / name).stat().st_size
    with (results / "claims.csv").open(newline="") as file:
        verdicts = {record["claim"]: record["places"] for record in csv.DictReader(file)}
    # Of four C there are three steps.
    assert verdicts["distortion-falls"] == "3"


def test_a_text_that_is_not_there(own):
    (own.folder / "my-text.txt").unlink()
    run = own.snakemake("--dry-run", "--configfile", "config/own.yaml")
    assert run.returncode == 1
    line = "configuration: corpora.own.text: no such file: my-text.txt"
    assert run.stderr.splitlines()[-1] == line


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("yahoo/yahoo.val.txt", {}),
        ("webtext/webtext_first63bpe.valid.jsonl", {"format": "webtext"}),
    ],
)
def test_it_takes_real_text(own, name, changes):
    """Prepared only: training takes minutes."""
    text = realdata.real_file(name)
    config = yaml.safe_load((own.folder / "config/own.yaml").read_text())
    config["corpora"]["own"] |= changes
    (own.folder / "my-text.txt").write_bytes(text.read_bytes())
    (own.folder / "own.yaml").write_text(yaml.safe_dump(config))
    asked = "results/own/corpora/own/statistics.json"
    run = own.snakemake("--configfile", "own.yaml", "--", asked)
    assert run.returncode == 0, run.stderr[-3000:]
