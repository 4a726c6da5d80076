"""The excerpt of a run: its small files, in the layout of the results."""

import json
from hashlib import sha256

import pytest

from finished_run import MODEL_FOLDER, RESULTS, write_finished_run
from textvae.cli import main
from textvae.run.excerpt import MAX_LINES, thinned

MODEL = MODEL_FOLDER.removeprefix(f"{RESULTS}/")
RECORD = f"{MODEL}/training.jsonl"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A finished run in the current folder."""
    write_finished_run(tmp_path)
    monkeypatch.chdir(tmp_path)
    lines = [{"step": 1}, {"step": 2}, {"step": 2, "split": "valid"}]
    (tmp_path / RESULTS / RECORD).write_text("".join(json.dumps(one) + "\n" for one in lines))
    return tmp_path


def test_excerpt_has_tables_measurements_and_checksums_but_no_model(run):
    (run / RESULTS / "costs/train").mkdir(parents=True, exist_ok=True)
    (run / RESULTS / "costs/train/one.tsv").write_text("seconds\n1\n")
    (run / RESULTS / "choices/cbt").mkdir(parents=True)
    (run / RESULTS / "choices/cbt/choice.json").write_text("{}\n")
    # A page with the library that draws it.
    (run / RESULTS / "frontier.html").write_text(" " * 2**21)
    assert main(["excerpt", RESULTS, "--output", "kept"]) == 0
    found = {path.relative_to(run / "kept").as_posix() for path in run.glob("kept/**/*.*")}
    assert found == {
        *("table1.csv", "run/configuration.yaml", "run/information.json", "run/jobs.csv"),
        *("corpora/tiny/statistics.json", f"{MODEL}/config.json", RECORD, "models.sha256"),
        *("costs/train/one.tsv", "choices/cbt/choice.json", "excerpt.sha256"),
    }
    weights = json.loads((run / MODEL_FOLDER / "config.json").read_text())["weights"]
    checksums = (run / "kept/models.sha256").read_text()
    assert checksums == f"{weights}  {MODEL}/model.safetensors\n"
    listing = [line.split("  ") for line in (run / "kept/excerpt.sha256").read_text().splitlines()]
    assert {name for _, name in listing} == found - {"excerpt.sha256"}
    for digest, name in listing:
        assert sha256((run / "kept" / name).read_bytes()).hexdigest() == digest


def test_second_excerpt_replaces_the_first_and_keeps_other_files(run):
    main(["excerpt", RESULTS, "--output", "kept"])
    mine = [run / "kept" / name for name in ("notes.md", "photo.png", "extra.csv", "run/mine.txt")]
    for path in mine:
        path.write_text("of mine\n")
    (run / RESULTS / "table1.csv").unlink()
    (run / RESULTS / "table2.csv").write_text("C\n3\n")
    assert main(["excerpt", RESULTS, "--output", "kept"]) == 0
    assert not (run / "kept/table1.csv").exists()
    assert (run / "kept/table2.csv").read_text() == "C\n3\n"
    assert {path.read_text() for path in mine} == {"of mine\n"}


def test_files_of_experiments_of_another_configuration_are_left_out(run, capsys):
    """Probabilities of minimal pairs are made with Table 4, and curves with every experiment."""
    (run / RESULTS / "run/configuration.yaml").write_text("experiments: {table1: {}, mine: {}}\n")
    kept = ["claims.csv", "curves/table1.png", "measurements/mine.csv", "notes.csv", "table1.html"]
    others = ["curves/table4.png", "probe.csv", "table1-of-others.csv", "table4.tex"]
    for name in kept + others:
        (run / RESULTS / name).parent.mkdir(exist_ok=True)
        (run / RESULTS / name).write_text("C\n")
    assert main(["excerpt", RESULTS, "--output", "kept"]) == 0
    assert f"left out {', '.join(others)}, of experiments" in capsys.readouterr().err
    assert all((run / "kept" / name).exists() for name in kept)
    assert not any((run / "kept" / name).exists() for name in others)
    (run / RESULTS / "run/configuration.yaml").write_text("experiments: {table4: {}}\n")
    assert main(["excerpt", RESULTS, "--output", "kept"]) == 0
    assert (run / "kept/probe.csv").exists()
    assert not (run / "kept/table1.html").exists()


def test_folder_of_other_files_is_refused(run, capsys):
    (run / "mine").mkdir()
    (run / "mine/table1.csv").write_text("of mine\n")
    assert main(["excerpt", RESULTS, "--output", "mine"]) == 1
    assert "mine: has files, but no excerpt.sha256" in capsys.readouterr().err
    assert (run / "mine/table1.csv").read_text() == "of mine\n"


def test_record_that_was_cut_is_refused(run, capsys):
    (run / RESULTS / RECORD).write_text('{"step": 1}\n{"ste')
    assert main(["excerpt", RESULTS, "--output", "kept"]) == 1
    assert f"{RECORD}: not a training record" in capsys.readouterr().err
    assert not (run / "kept").exists()


def test_unfinished_run_is_refused(run, capsys):
    (run / RESULTS / "run/jobs.csv").unlink()
    assert main(["excerpt", RESULTS, "--output", "kept"]) == 1
    assert f"{RESULTS}: has no run/jobs.csv" in capsys.readouterr().err


def test_thinned_record_keeps_validations_and_the_last_line():
    steps = [f'{{"step": {step}}}\n' for step in range(1, 5 * MAX_LINES + 1)]
    valid = '{"step": 7, "split": "valid"}\n'
    lines = thinned("".join([*steps[:7], valid, *steps[7:]])).splitlines(keepends=True)
    assert lines == [steps[4], valid, *steps[9::5]]
    assert len(lines) == MAX_LINES + 1
