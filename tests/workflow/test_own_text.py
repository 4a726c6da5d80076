"""Texts of the user: the example config/own.yaml, and paths and captions with shell syntax."""

import csv

import pytest
import yaml

import realdata
from workflow_copy import SMALL

WORDS = (
    *("the", "a", "cat", "dog", "cow", "sat", "lay", "ran", "on", "under"),
    *("near", "mat", "grass", "hill", "and", "then", "it", "was", "red", "big"),
)
CAPTION = (
    "$(touch pwned) `touch pwned`; touch pwned\n' \" {wildcards} {input} {0} {{}} %s \\input{x}"
    " <script>alert(1)</script> --tex pwned"
)
FOLDER = "own $(touch pwned) 'texts'; touch pwned #"


def test_example_makes_tables_figure_and_claims(fresh):
    sentences = [
        " ".join(WORDS[(7 * i + j * j * (i % 5 + 1)) % len(WORDS)] for j in range(3 + i % 9))
        for i in range(400)
    ]
    (fresh.folder / "my-text.txt").write_text("".join(f"{one}\n" for one in sentences))
    # What makes the example tiny.
    small = {
        "models": {"small": SMALL},
        "evaluation": {"information": {"sentences": 20}, "likelihood": {"sentences": 20}},
        "generation": {"sentences": 60, "copies": 1, "lines": 5, "self_bleu_sentences": 20},
        "language_model": {"epochs": 1},
    }
    (fresh.folder / "small.yaml").write_text(yaml.safe_dump(small))
    first = "results/own/table1-first.html"
    run = fresh.snakemake("--configfile", "config/own.yaml", "small.yaml", "--", first, "all")
    assert run.returncode == 0, run.stderr[-3000:]
    results = fresh.folder / "results/own"
    for name in (
        "figure1-own.pdf",
        "table1-first.html",
        "table1.html",
        "table2.tex",
        "table3.csv",
        "comparison.html",
    ):
        assert (results / name).stat().st_size
    with (results / "claims.csv").open(newline="") as file:
        verdicts = {row["claim"]: row["places"] for row in csv.DictReader(file)}
    # Four C have three steps.
    assert verdicts["distortion-falls"] == "3"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("yahoo/yahoo.val.txt", {}),
        ("webtext/webtext_first63bpe.valid.jsonl", {"format": "webtext"}),
    ],
)
def test_example_prepares_real_text(fresh, name, changes):
    text = realdata.real_file(name)
    config = yaml.safe_load((fresh.folder / "config/own.yaml").read_text())
    config["corpora"]["own"] |= changes
    (fresh.folder / "my-text.txt").write_bytes(text.read_bytes())
    (fresh.folder / "own.yaml").write_text(yaml.safe_dump(config))
    file = "results/own/corpora/own/statistics.json"
    run = fresh.snakemake("--configfile", "own.yaml", "--", file)
    assert run.returncode == 0, run.stderr[-3000:]


def test_shell_syntax_in_captions_and_paths_is_not_run(fresh):
    files = {split: f"{FOLDER}/{split}.txt" for split in ("train", "valid", "test")}
    (fresh.folder / FOLDER).mkdir()
    for file in files.values():
        (fresh.folder / file).write_text("$(touch pwned) a cat\n`touch pwned` a dog\n")

    def change(config):
        config["corpora"]["mine"] = {"files": files}
        entry = {"corpora": ["mine"], "C": [3], "measurements": ["rate-distortion"]}
        config["experiments"]["table1"] |= entry | {"caption": CAPTION}
        config["targets"] = ["table1"]

    fresh.configure(change)
    run = fresh.snakemake("--configfile", "tiny.yaml", "--", "all")
    assert run.returncode == 0, run.stdout + run.stderr
    assert not list(fresh.folder.rglob("pwned"))
    page = (fresh.folder / "results/table1.html").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; --tex pwned" in page
    assert "$(touch pwned) `touch pwned`; touch pwned &#x27; &quot; {wildcards} {input}" in page
