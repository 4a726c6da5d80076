"""The files, resources and command of one job of each rule, compared with jobs.txt.

Settings of the configuration that are not defaults arrive as flags, and every input is named. After
an intended change copy the file that a failure names over jobs.txt, and read the difference.
"""

import re
from pathlib import Path

import pytest

from workflow_copy import Plan, checkout

EXPECTED = Path(__file__).with_name("jobs.txt")
# Rules that only name files.
NO_COMMAND = {"all", "paper"}
# Fields that the others determine; the paths of log and costs are in the command.
HIDDEN = {"jobid", "wildcards", "log", "reason"}

MODEL = "results/models/little/tiny/C3/seed1"
TEXT = "results/synthetic/little/tiny/C3/seed1"
FCE = "results/fce/little/tiny/C0-3/seed1/sample"
OF_TINY = [
    *("results/corpora/little/raw/train.txt", "results/corpora/little/statistics.json"),
    *("results/corpora/own/split/train.txt", "results/corpora/own/statistics.json"),
    *("results/corpora/files/statistics.json", "results/pairs/new.tsv", f"{MODEL}/config.json"),
    *("results/models/little/tiny-elbo/C0/seed1/config.json", f"{MODEL}/rate-distortion.json"),
    *(f"{MODEL}/posterior.json", "results/models/files/tiny/C3/seed1/rate-distortion.json"),
    "results/models/long/tiny/C3/seed1/syntax/new.json",
    "results/models/long/tiny/C3/seed1/probe/new.json",
    "results/language-models/long/tiny/seed1/config.json",
    *("results/codes/latent4/seed1/little/copy2.npy", "results/codes/latent4/seed1/lines.npy"),
    *(f"{TEXT}/sample/copy2/sentences.txt", f"{TEXT}/sample/copy2/description.json"),
    *(f"{TEXT}/homotopy/table2.json", f"{TEXT}/sensitivity.json", f"{FCE}/dictionary.txt"),
    *(f"{FCE}/C3/copy2/lstm/config.json", f"{FCE}/real/lstm/config.json"),
    *(f"{FCE}/C3/copy2/kneser-ney.arpa", f"{FCE}/real/kneser-ney.arpa", f"{FCE}/C3/copy2/fce.json"),
    "results/measurements/table3.csv",
    *(f"results/{name}.csv" for name in ("table1", "table2", "table3", "table4", "probe")),
    *(f"results/{name}.csv" for name in ("sensitivity", "section3_2", "collapse", "figure1")),
    *(f"results/{name}.csv" for name in ("comparison", "claims", "run/costs")),
    *("results/choices/little/tiny/seed1/fce/choice.json", "results/automatic-C.csv"),
    *("results/curves/table1.png", "results/paper.pdf", "results/run/information.json"),
    "results/archive.zip",
]
# With sources, and with synthetic corpora of the size of the training split.
OF_PAPER = [
    *("results/sources/cbt/manifest.json", "results/corpora/cbt/statistics.json"),
    *("results/corpora/wiki50/statistics.json", "results/pairs/syneval.tsv"),
    "results/codes/latent64/seed1/cbt/copy3.npy",
    "results/synthetic/cbt/lstm/C15/seed1/top5/copy3/description.json",
    "results/fce/cbt/lstm/C3-15-100/seed1/greedy/real/lstm/config.json",
]


def change(config):
    """Set what has a default, and add corpora from the user's own files."""
    config |= {"threads": 3, "cells_per_gpu": 2, "checkpoint_minutes": 0.5}
    config["models"]["tiny"] |= {"learning_rate": 0.25, "precision": "bfloat16"}
    config["experiments"]["table1"]["caption"] = "--html 'x' $(y)"
    config["language_model"]["patience"] = 7
    config["generation"]["self_bleu_sentences"] = 50
    for number, name in enumerate(
        ("rate-distortion", "posterior", "reconstruction", "syntax", "fce", "sensitivity")
    ):
        config["evaluation"].setdefault(name, {})["bootstrap"] = number
    config["corpora"] |= {
        "own": {"text": "own.txt", "seed": 7, "normalise": ["lowercase"], "longest": 9},
        "files": {
            "files": {split: f"{split}.txt" for split in ("train", "valid", "test")},
            "format": "yelp",
            "vocabulary": 10,
        },
    }
    entry = config["experiments"]["figure1"]
    config["experiments"]["mine"] = entry | {
        "models": ["tiny"],
        "corpora": ["own", "files"],
        "measurements": ["rate-distortion"],
    }
    config["choices"] = {"fce": {"by": "fce", "levels": 3, "max_rate": 9}}
    measured = ["rate-distortion", "information", "posterior"]
    config["experiments"]["automatic-C"] = config["experiments"]["table1"] | {
        "measurements": measured,
        "choices": ["fce"],
    }
    config["targets"] += ["mine", "automatic-C"]
    config["stand_ins"] = {"cbt/lstm/C3": "little/tiny/C3"}


def shown(job):
    """Return a job as text; long lists of files are counted, long quoted texts left out."""
    lines = [job.rule]
    for name, value in job.fields.items():
        if name == "resources":
            value = re.sub(r"tmpdir=\S+?(, |$)", "", value)
        elif name == "input" and len(job.files(name)) > 60:
            value = f"{len(job.files(name))} files"
        if value and name not in HIDDEN:
            lines.append(f"  {name}: {value}")
    quoted = r"""'(?:[^']|'"'"')*'"""
    command = re.sub(quoted, lambda text: text[0] if len(text[0]) < 40 else "'...'", job.command)
    if job.rule in ("claims", "comparison"):
        # The package's own captions may be reworded.
        command = re.sub(quoted, "'...'", command)
    return "\n".join([*lines, f"  {command.strip()}"])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    workflow = checkout(tmp_path_factory.mktemp("jobs") / "checkout")
    workflow.configure(change)
    for name in ("own", "train", "valid", "test"):
        (workflow.folder / f"{name}.txt").write_text("a\n")
    return Plan(workflow.dry_run("all", "archive", "paper"))


def test_job_of_each_rule_is_as_expected(tiny, paper, tmp_path):
    jobs = [tiny.maker(path) for path in OF_TINY] + [paper.maker(path) for path in OF_PAPER]
    text = "\n\n".join(map(shown, jobs)) + "\n"
    (tmp_path / "jobs.txt").write_text(text)
    assert text == EXPECTED.read_text(), f"if intended: cp {tmp_path}/jobs.txt {EXPECTED}"
    assert {job.rule for job in tiny.jobs + paper.jobs} - NO_COMMAND == {job.rule for job in jobs}


def test_each_job_records_its_costs_in_a_file_of_its_own(tiny, paper):
    for plan in (tiny, paper):
        jobs = [job for job in plan.jobs if job.rule not in NO_COMMAND]
        found = [re.search(r"^(?:exec )?textvae --costs (\S+) ", job.command) for job in jobs]
        paths = [match[1] for match in found]
        assert len(paths) == len(set(paths))
        for path, job in zip(paths, jobs, strict=True):
            assert path == job.files("log")[1]
            # The path of its log, but for folder and suffix.
            log = job.files("log")[0].removesuffix(".log").replace("/logs/", "/costs/")
            assert path == f"{log}.tsv"


def test_record_of_the_run_follows_everything_else(tiny):
    (everything,) = tiny.of_rule("all")
    for rule in ("costs", "run_information"):
        (job,) = tiny.of_rule(rule)
        written = {
            file
            for name in ("costs", "run_information")
            for file in tiny.of_rule(name)[0].files("output")
        }
        assert set(job.files("input")) == set(everything.files("input")) - written


def test_jobs_of_a_rule_differ_in_their_wildcards_only(tiny):
    """A seed, copy or corpus reaches the command of its own job."""
    for C in ("0", "3"):
        command = tiny.maker(f"results/models/little/tiny/C{C}/seed1/config.json").command
        assert f" --C {C} --seed 1 " in command
    for copy in ("1", "2"):
        command = tiny.maker(f"{TEXT}/sample/copy{copy}/sentences.txt").command
        assert f" --seed 1 --copy {copy} " in command
        assert f" --seed {copy} " in tiny.maker(f"{FCE}/C3/copy{copy}/lstm/config.json").command
