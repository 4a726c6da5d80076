"""One tiny run of everything: its results, and what is recorded of the run itself."""

import csv
import json
import zipfile

import pytest
import yaml

import textvae
from textvae.cells import Cell
from textvae.paper import measurements
from workflow_copy import HAS_LATEX, TINY

CELL = "results/models/little/tiny/C3/seed1"


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_table_contains_measurements_and_bound_holds(built):
    measured = json.loads((built.folder / CELL / "rate-distortion.json").read_text())
    assert Cell(**measured["cell"]) == Cell("little", "tiny", 3.0, 1)
    table = rows(built.folder / "results/table1.csv")
    shown = {(row["C"], row["metric"]): float(row["ours"] or "nan") for row in table}
    for metric in ("distortion_nats", "rate_nats", "entropy_nats"):
        assert shown["3", metric] == pytest.approx(measured["values"][metric])
    for C in ("0", "3"):
        excess = shown[C, "bound_excess_nats"]
        assert excess >= -3 * shown[C, "bound_excess_standard_error"]


@pytest.mark.parametrize(
    ("table", "caption"),
    [
        *(("table1", "A tiny table."), ("table2", "Lines."), ("table3", "Tiny texts.")),
        *(("table4", "Tiny pairs."), ("probe", "Tiny pairs.")),
    ],
)
def test_table_comes_in_three_forms(built, table, caption):
    results = built.folder / "results"
    tex = (results / f"{table}.tex").read_text()
    assert caption in tex
    assert r"\toprule" in tex
    assert caption in (results / f"{table}.html").read_text()
    assert (results / f"{table}.csv").stat().st_size > 100


def test_synthetic_corpora_share_codes(built):
    codes = [path.name for path in (built.folder / "results/codes").rglob("*.npy")]
    assert sorted(codes) == ["copy1.npy", "copy2.npy", "lines.npy"]
    texts = list((built.folder / "results/synthetic").rglob("sentences.txt"))
    assert len(texts) == 4
    assert {len(path.read_text().splitlines()) for path in texts} == {100}
    sensitivity = rows(built.folder / "results/sensitivity.csv")
    assert {(row["C"], row["lines"]) for row in sensitivity} == {("0", "5"), ("3", "5")}


def test_cross_entropy_is_measured_over_the_common_dictionary(built):
    folder = built.folder / "results/fce/little/tiny/C0-3/seed1/sample"
    measured = json.loads((folder / "C3/copy2/fce.json").read_text())
    values = measured["values"]
    assert (measured["cell"]["C"], measured["decoding"], measured["copy"]) == (3, "sample", 2)
    assert values["excess_nats"] == pytest.approx(values["fce_nats"] - values["floor_nats"])
    words = (folder / "dictionary.txt").read_text().split()
    assert values["vocabulary_size"] == len(words) - 2
    # Temporary, because large and quick to make.
    assert not list(folder.rglob("*.arpa"))


def test_model_folder_is_complete_without_checkpoints(built):
    folder = built.folder / CELL
    config = json.loads((folder / "config.json").read_text())
    assert config["architecture"]["hidden"] == 8
    assert config["training"]["recipe"]["learning_rate"] == 0.01
    assert config["normalise"] == []
    assert not (folder.parent / "seed1.checkpoints").exists()


def test_replicates_are_gathered_beside_their_values(built):
    folder = built.folder / "results/measurements"
    gathered = {
        name: measurements.replicates_from_csv(folder / f"{name}.bootstrap.csv")
        for name in ("table1", "table2", "table3", "table4", "section3_2", "collapse")
    }
    assert {len(row.values) for rows in gathered.values() for row in rows} == {200}
    metrics = {name: {row.metric for row in rows} for name, rows in gathered.items()}
    assert metrics["table1"] >= {"distortion_nats", "logdetcov", "active_units", "bleu4_all"}
    assert "distinct_interpolation" in metrics["table2"]
    assert {"fce_nats", "floor_nats"} <= metrics["table3"]
    assert any(metric.endswith(".p1_bar") for metric in metrics["table4"])
    values = {row.key: row.value for row in measurements.from_csv(folder / "table1.csv")}
    for row in gathered["table1"]:
        # Replicates differ from a value by a bias and the noise of 60 sentences.
        assert min(row.values) - 3 <= values[row.key] <= max(row.values) + 3


def test_every_claim_and_printed_number_has_a_verdict(built, workflow):
    claims = rows(built.folder / "results/claims.csv")
    assert {row["verdict"] for row in claims} <= {"holds", "does not hold", "not enough data"}
    by_name = {row["claim"]: row for row in claims}
    assert by_name["rate-meets-its-target"]["basis"] == "one seed; 200 resamples of 60"
    assert by_name["log-det-covariance-falls"]["printed_verdict"] == "not decidable as printed"
    table = "results/comparison.csv"
    assert {row["verdict"] for row in rows(built.folder / table)} == {"not run"}
    workflow.configure(lambda config: config.update(stand_ins={"cbt/lstm/C3": "little/tiny/C3"}))
    run = workflow.snakemake("--configfile", "tiny.yaml", "--", table)
    assert run.returncode == 0, run.stderr
    compared = {
        (row["row"], row["metric"])
        for row in rows(workflow.folder / table)
        if row["verdict"] == "other corpus"
    }
    assert {("CBT C=3", "rate_nats"), ("CBT", "train_sentences")} <= compared


def test_recorded_configuration_repeats_the_run(workflow):
    path = workflow.folder / "results/run/configuration.yaml"
    recorded = yaml.safe_load(path.read_text())
    # With the entries of the paper's configuration, without settings that change no result.
    assert TINY["experiments"]["table1"].items() <= recorded["experiments"]["table1"].items()
    assert recorded["targets"] == TINY["targets"]
    assert "cbt" in recorded["corpora"]
    assert "device" not in recorded
    information = json.loads((workflow.folder / "results/run/information.json").read_text())
    assert information["software"]["snakemake"]
    assert information["machine"]["cores"] >= 1
    (workflow.folder / "again.yaml").write_text(path.read_text())
    run = workflow.snakemake("--dry-run", "--configfile", "again.yaml")
    assert "Nothing to be done" in run.stdout + run.stderr


def test_each_job_has_a_log_and_is_counted_once_in_the_costs(built):
    results = built.folder / "results"
    jobs = rows(results / "run/jobs.csv")
    rules = {row["rule"]: int(row["jobs"]) for row in rows(results / "run/costs.csv")}
    logs, recorded = (
        {
            path.relative_to(results / kind).with_suffix("").as_posix()
            for path in (results / kind).rglob("*.*")
            if path.is_file()
        }
        for kind in ("logs", "costs")
    )
    assert logs == recorded
    assert {"train/little/tiny/C3/seed1", "table1"} <= logs
    assert "measure_split/little/tiny/C0/seed1/posterior" in logs
    # Without those that ran after the table was made.
    later = {name for name in recorded if name.startswith(("run/", "document", "archive"))}
    assert {job["job"] for job in jobs} - later == recorded - later
    # Each job ran for a moment, and needed memory.
    assert all(float(job["seconds"]) > 0 and float(job["memory_mib"]) > 10 for job in jobs)
    assert sum(rules.values()) == len(jobs)
    # Each by the name of its rule, also where several rules share a folder.
    assert (rules["train"], rules["lines"], rules["codes"]) == (9, 1, 2)
    assert (rules["language_model"], rules["kneser_ney"], rules["measure_fce"]) == (5, 5, 4)


def test_archive_has_every_job_and_model_of_the_run(built):
    path = built.folder / "results/archive.zip"
    with zipfile.ZipFile(path) as file:
        entities = json.loads(file.read("ro-crate-metadata.json"))["@graph"]
    jobs = {one["name"]: one for one in entities if one["@id"].startswith("#job/")}
    later = ("archive", "document")
    assert {one["job"] for one in rows(built.folder / "results/run/jobs.csv")} - {*later} <= {*jobs}
    assert all("endTime" in job and "result" in job for job in jobs.values())
    assert {one["@id"] for one in jobs["train/little/tiny/C3/seed1"]["result"]} == {
        f"{CELL}/{name}"
        for name in ("model.safetensors", "config.json", "vocabulary.txt", "training.jsonl")
    }
    assert (built.folder / "results/logs/archive.log").read_text() == ""
    assert textvae.load(path / CELL).cell == Cell("little", "tiny", 3.0, 1)


@pytest.mark.skipif(not HAS_LATEX, reason="pdflatex is not installed")
def test_pdf_is_written_and_made_again_only_on_request(workflow):
    pdf = workflow.folder / "results/paper.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    assert workflow.plan("paper") == {}
    pdf.unlink()
    assert workflow.plan() == {}
    assert workflow.plan("paper") == {"document": 1, "paper": 1}
