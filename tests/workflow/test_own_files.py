"""Files of your own decide about reruns by their content, not by their date."""

import hashlib
import json
import os
import shutil

import pytest
import yaml

from workflow_copy import SMALL, Plan, checkout, jobs

STATISTICS = "results/corpora/{}/statistics.json"


def lines(word):
    return "".join(f"the {word} sees {i % 7} birds\n" for i in range(120))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A checkout in which one text is prepared, and three files without and with checksums."""
    workflow = checkout(tmp_path_factory.mktemp("own") / "checkout")
    splits = ("train", "valid", "test")
    for name in ("text", *splits):
        (workflow.folder / f"{name}.txt").write_text(lines(name))
        known = workflow.folder / "known" / f"{name}.txt"
        known.parent.mkdir(exist_ok=True)
        known.write_text(lines(name))
    files = {split: f"{split}.txt" for split in splits}
    digests = {split: hashlib.sha256(lines(split).encode()).hexdigest() for split in splits}
    config = {
        "corpora": {
            "text": {"text": "text.txt"},
            "files": {"files": files},
            "known": {"files": {s: f"known/{s}.txt" for s in splits}, "sha256": digests},
        },
        "models": {"tiny": SMALL},
        "device": "cpu",
    }
    (workflow.folder / "own.yaml").write_text(yaml.safe_dump(config))
    done = workflow.snakemake(
        "--configfile", "own.yaml", "--", *map(STATISTICS.format, config["corpora"])
    )
    assert done.returncode == 0, done.stderr
    return workflow


def plan(workflow, corpus):
    return jobs(
        workflow.snakemake("--dry-run", "--configfile", "own.yaml", "--", STATISTICS.format(corpus))
    )


@pytest.mark.parametrize(
    ("corpus", "name", "rules"),
    [
        ("text", "text.txt", {"split_text": 1, "prepare": 1}),
        ("files", "valid.txt", {"prepare": 1}),
    ],
)
def test_older_file_with_other_content_reruns_and_newer_copy_does_not(
    prepared, tmp_path, corpus, name, rules
):
    path = prepared.folder / name
    kept = shutil.copy2(path, tmp_path)
    path.write_text(path.read_text())
    assert plan(prepared, corpus) == {}
    path.write_text(lines("wolf"))
    os.utime(path, (1e9, 1e9))
    assert plan(prepared, corpus) == rules
    shutil.copy2(kept, path)
    assert plan(prepared, corpus) == {}


def test_corpus_of_the_paper_may_come_from_files(prepared):
    files = {split: f"{split}.txt" for split in ("train", "valid", "test")}
    removed = dict.fromkeys(("source", "train_size"))
    config = {"corpora": {"cbt": {"files": files, **removed}}}
    (prepared.folder / "cbt.yaml").write_text(yaml.safe_dump(config))
    asked = ("--dry-run", "-p", "--configfile", "cbt.yaml", "--", STATISTICS.format("cbt"))
    (job,) = Plan(prepared.snakemake(*asked)).of_rule("prepare")
    assert set(job.files("input")) == set(files.values())
    assert "-size" not in job.command


def test_exchanged_file_of_a_source_stops_planning(prepared):
    folder = prepared.folder / "results/sources/authors"
    entries = []
    for split in ("train", "valid", "test"):
        path = folder / "cbt" / f"{split}.unk.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lines(split))
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        entries.append({"file": f"cbt/{path.name}", "bytes": len(content), "sha256": digest})
    manifest = {"source": "authors", "files": entries}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    asked = ("--dry-run", "--configfile", "config/authors.yaml", "--", STATISTICS.format("cbt"))
    assert jobs(prepared.snakemake(*asked)) == {"prepare": 1}
    (folder / "cbt/valid.unk.txt").write_text(lines("wolf"))
    stopped = prepared.snakemake(*asked)
    assert stopped.returncode == 1
    assert "authors/cbt/valid.unk.txt: not the file that was checked" in stopped.stderr
