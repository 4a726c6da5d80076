"""One tiny run of everything, from the grammar to the table."""

import csv
import json

import pytest

from textvae.cells import Cell
from textvae.paper import measurements

CELL = "results/models/little/tiny/C3/seed1"


def table(built):
    with (built.folder / "results/table1.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["C"], row["metric"]): row["ours"] for row in rows}


def test_the_table_says_what_the_measurements_say(built):
    measured = json.loads((built.folder / CELL / "rate-distortion.json").read_text())
    assert Cell(**measured["cell"]) == Cell("little", "tiny", 3.0, 1)
    shown = table(built)
    for metric in ("distortion_nats", "rate_nats", "entropy_nats"):
        assert float(shown["3", metric]) == pytest.approx(measured["values"][metric])


def test_the_bound_holds_in_every_row(built):
    shown = table(built)
    for C in ("0", "3"):
        excess = float(shown[C, "bound_excess_nats"])
        assert excess >= -3 * float(shown[C, "bound_excess_standard_error"])


def test_the_table_comes_in_three_forms(built):
    tex = (built.folder / "results/table1.tex").read_text()
    page = (built.folder / "results/table1.html").read_text()
    assert r"\toprule" in tex
    assert "A tiny table." in tex
    assert "A tiny table." in page


@pytest.mark.parametrize(
    ("table", "caption"),
    [
        ("table2", "Lines."),
        ("table3", "Tiny texts."),
        ("table4", "Tiny pairs."),
        ("probe", "Tiny pairs."),
    ],
)
def test_other_tables_come_in_three_forms(built, table, caption):
    results = built.folder / "results"
    assert caption in (results / f"{table}.tex").read_text()
    assert caption in (results / f"{table}.html").read_text()
    assert (results / f"{table}.csv").stat().st_size > 100


def test_all_models_speak_from_the_same_codes(built):
    codes = [path.name for path in (built.folder / "results/codes").rglob("*.npy")]
    assert sorted(codes) == ["copy1.npy", "copy2.npy", "lines.npy"]
    texts = list((built.folder / "results/synthetic").rglob("sentences.txt"))
    assert len(texts) == 4
    assert {len(path.read_text().splitlines()) for path in texts} == {100}


def test_the_cross_entropies_of_a_text_beside_their_floor(built):
    folder = built.folder / "results/fce/little/tiny/C0-3/seed1/sample"
    found = json.loads((folder / "C3/copy2/fce.json").read_text())
    values = found["values"]
    assert (found["cell"]["C"], found["decoding"], found["copy"]) == (3, "sample", 2)
    assert values["excess_nats"] == pytest.approx(values["fce_nats"] - values["floor_nats"])
    words = (folder / "dictionary.txt").read_text().split()
    assert values["vocabulary_size"] == len(words) - 2
    # Large, and made in seconds: not kept.
    assert not list(folder.rglob("*.arpa"))


def test_the_sensitivity_of_each_cell(built):
    with (built.folder / "results/sensitivity.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["C"] for row in rows} == {"0", "3"}
    assert {row["lines"] for row in rows} == {"5"}


def test_the_model_carries_what_it_needs_and_no_checkpoints_are_left(built):
    folder = built.folder / CELL
    config = json.loads((folder / "config.json").read_text())
    assert config["architecture"]["hidden"] == 8
    assert config["training"]["recipe"]["learning_rate"] == 0.01
    assert not (folder.parent / "seed1.checkpoints").exists()


def test_every_job_left_a_log_and_a_benchmark(built):
    for kind, suffix in (("logs", "log"), ("benchmarks", "tsv")):
        files = {
            str(path.relative_to(built.folder / "results" / kind))
            for path in (built.folder / "results" / kind).rglob("*.*")
        }
        assert f"train/little/tiny/C3/seed1.{suffix}" in files
        assert f"measure_split/little/tiny/C0/seed1/posterior.{suffix}" in files
        assert f"table1.{suffix}" in files


def test_replicates_of_measurements_beside_their_table(built):
    folder = built.folder / "results/measurements"
    found = {
        name: measurements.replicates_from_csv(folder / f"{name}.bootstrap.csv")
        for name in ("table1", "table2", "table3", "table4", "section3_2", "collapse")
    }
    assert {len(row.values) for rows in found.values() for row in rows} == {200}
    metrics = {name: {row.metric for row in rows} for name, rows in found.items()}
    assert metrics["table1"] >= {"distortion_nats", "logdetcov", "active_units", "bleu4_all"}
    assert "distinct_interpolation" in metrics["table2"]
    assert {"fce_nats", "floor_nats"} <= metrics["table3"]
    assert any(metric.endswith(".p1_bar") for metric in metrics["table4"])
    values = {row.key: row.value for row in measurements.from_csv(folder / "table1.csv")}
    for row in found["table1"]:
        # As far as replicates may lie from a value: a bias, and the noise of 60 sentences.
        assert min(row.values) - 3 <= values[row.key] <= max(row.values) + 3
