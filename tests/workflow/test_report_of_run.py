"""What is said of the run itself: its configuration, what it cost, and the paper as one PDF."""

import csv
import json
import shutil

import pytest
import yaml

from workflow_copy import TINY

PLAN = ("--configfile", "tiny.yaml", "--dry-run")


def planned(workflow, *flags):
    """The rules of which a dry run plans jobs."""
    run = workflow.snakemake(*PLAN, *flags)
    assert run.returncode == 0, run.stdout + run.stderr
    names = ("costs", "run_information", "train", "table1", "document")
    return {name for name in names if f"rule {name}:" in run.stdout}


def test_the_configuration_is_the_one_that_ran(built):
    text = (built.folder / "results/run/configuration.yaml").read_text()
    found = yaml.safe_load(text)
    # What the paper's configuration has besides is part of it; what changes nothing is not.
    assert TINY["experiments"]["table1"].items() <= found["experiments"]["table1"].items()
    assert found["targets"] == TINY["targets"]
    assert "cbt" in found["corpora"]
    assert "device" not in found
    known = json.loads((built.folder / "results/run/information.json").read_text())
    assert known["software"]["snakemake"]
    assert known["machine"]["cores"] >= 1


def test_it_can_be_run_again_and_changes_nothing(workflow):
    shutil.copy(workflow.folder / "results/run/configuration.yaml", workflow.folder / "again.yaml")
    run = workflow.snakemake("--dry-run", "--configfile", "again.yaml")
    assert "Nothing to be done" in run.stdout + run.stderr


def test_each_job_with_a_benchmark_is_counted_once(built):
    results = built.folder / "results"
    with (results / "run/jobs.csv").open(newline="") as file:
        jobs = list(csv.DictReader(file))
    with (results / "run/costs.csv").open(newline="") as file:
        rules = {row["rule"]: int(row["jobs"]) for row in csv.DictReader(file)}
    files = {
        path.relative_to(results / "benchmarks").with_suffix("").as_posix()
        for path in (results / "benchmarks").rglob("*.tsv")
    }
    # Not those that came after.
    own = {name for name in files if name.startswith("run/")}
    assert {job["job"] for job in jobs} - own == files - own
    assert sum(rules.values()) == len(jobs)
    # Each by its rule's name, also where several rules share a folder.
    assert (rules["train"], rules["lines"], rules["codes"]) == (9, 1, 2)
    assert (rules["language_model"], rules["kneser_ney"], rules["measure_fce"]) == (5, 5, 4)


def test_a_change_of_what_was_run_is_written_down(workflow):
    workflow.configure(lambda c: c["experiments"]["table1"].update(caption="Another caption."))
    assert planned(workflow) == {"table1", "costs", "run_information"}


def test_where_it_runs_is_no_part_of_it(workflow):
    workflow.configure(lambda c: c.update(threads=1, checkpoint_minutes=5))
    assert planned(workflow) == set()


def test_the_pdf_is_made_where_it_is_asked_for(workflow):
    assert planned(workflow) == set()
    assert planned(workflow, "results/paper.pdf") == {"document"}
    if not shutil.which("pdflatex"):
        pytest.skip("pdflatex is not installed")
    run = workflow.snakemake("paper", "--configfile", "tiny.yaml")
    assert run.returncode == 0, run.stdout + run.stderr
    assert (workflow.folder / "results/paper.pdf").read_bytes().startswith(b"%PDF")
    assert planned(workflow, "paper") == set()
    # And is in the report then.
    run = workflow.snakemake("--configfile", "tiny.yaml", "--report", "r.html", "all", "paper")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "results/paper.pdf" in (workflow.folder / "r.html").read_text()
