"""The excerpt of a run: its small files, in the layout of the results."""

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from zipfile import ZipFile

import pytest

from finished_run import MODEL_FOLDER, RESULTS, write_finished_run
from textvae.cells import Cell
from textvae.cli import main
from textvae.io import write_json
from textvae.paper.measurements import Measured, to_csv
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
    # A page with the library that draws it, and images of many panels, of which the PDF is kept.
    (run / RESULTS / "curves").mkdir(exist_ok=True)
    for name in ("frontier.html", "curves/frontier.svg", "curves/frontier.png"):
        (run / RESULTS / name).write_text(" " * 2**21)
    (run / RESULTS / "curves/frontier.pdf").write_text(" " * 2**21)
    # A bitmap of what an SVG shows.
    for name in ("curves/table1.svg", "curves/table1.png"):
        (run / RESULTS / name).write_text("C\n")
    assert main(["excerpt", RESULTS, "--output", "kept"]) == 0
    found = {path.relative_to(run / "kept").as_posix() for path in run.glob("kept/**/*.*")}
    assert found == {
        *("table1.csv", "run/configuration.yaml", "run/information.json", "run/jobs.csv"),
        *("corpora/tiny/statistics.json", f"{MODEL}/config.json", RECORD, "models.sha256"),
        *("costs/train/one.tsv", "choices/cbt/choice.json", "excerpt.sha256"),
        *("curves/frontier.pdf", "curves/table1.svg"),
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


def test_changed_excerpt_is_not_excerpted_again(run, capsys):
    """Its files would have good checksums once more."""
    main(["excerpt", RESULTS, "--output", "kept"])
    assert main(["excerpt", "kept", "--output", "again"]) == 0
    table = run / "kept/table1.csv"
    table.write_text(table.read_text() + "C\n")
    assert main(["excerpt", "kept", "--output", "third"]) == 1
    assert "kept/table1.csv: has changed since " in capsys.readouterr().err
    assert not (run / "third").exists()


def kept_files(run, command):
    """Return the files below the results in the folder, or in the archive, that was written."""
    if command == "excerpt":
        return {path.relative_to(run / "kept").as_posix() for path in run.glob("kept/**/*.*")}
    with ZipFile(run / "kept.zip") as archive:
        return {name.removeprefix(f"{RESULTS}/") for name in archive.namelist()}


CONFIGURATION = """
experiments:
  table1: {corpora: [tiny], models: [small], C: [2], seeds: [1]}
  table4-v1.2: {corpora: [mine], models: [small], C: [2], seeds: [1]}
  frontier-t: {corpora: [tiny], models: [small], C: [2], seeds: [1]}
  automatic-C: {corpora: [tiny], models: [small], C: [2], seeds: [1], choices: [a]}
"""


@pytest.mark.parametrize("command", ["excerpt", "archive"])
def test_results_of_another_configuration_are_left_out(run, capsys, command):
    """Probabilities of minimal pairs are made with Table 4, and curves with every experiment."""
    (run / RESULTS / "run/configuration.yaml").write_text(CONFIGURATION)
    kept = ["claims.csv", "curves/table4-v1.2.png", "measurements/frontier-t.csv", "notes.csv"]
    kept += ["table1.html", "table4-v1.2.csv", "probe-v1.2.tex", "frontier-table-t.csv"]
    kept += ["curves/frontier-t.pdf", "measurements/frontier-t.bootstrap.csv"]
    kept += ["corpora/mine/statistics.json", "choices/tiny/small/seed1/a/choice.json"]
    others = ["curves/old.png", "probe.csv", "probe-v1.tex", "table1-v2.csv", "table4.tex"]
    others += ["measurements/old.csv", "measurements/old.bootstrap.csv", "frontier-table.csv"]
    others += ["choices/tiny/small/seed1/b/choice.json", "corpora/old/statistics.json"]
    others += ["synthetic/tiny/small/C3/seed1/homotopy/table2.json"]
    # Costs are in excerpts, language models in archives.
    kept.append("costs/train/tiny/small/C2/seed1.tsv")
    others.append("costs/train/tiny/small/C3/seed1.tsv")
    if command == "archive":
        kept[-1] = "fce/tiny/small/C2/seed1/greedy/real/lstm/config.json"
        kept.append("language-models/mine/small/seed1/config.json")
        others[-1] = "fce/tiny/small/C2-3/seed1/greedy/real/lstm/config.json"
        others.append("language-models/mine/small/seed2/config.json")
    for name in kept + others:
        (run / RESULTS / name).parent.mkdir(parents=True, exist_ok=True)
        table = name.startswith("measurements/") and "bootstrap" not in name
        (run / RESULTS / name).write_text(to_csv([]) if table else "C\n")
    (run / RESULTS / "synthetic/tiny/small/C2/seed1/homotopy").mkdir(parents=True)
    shutil.copytree(run / MODEL_FOLDER, run / MODEL_FOLDER.replace("C2", "C5"))
    output = "kept" if command == "excerpt" else "kept.zip"
    assert main([command, RESULTS, "--output", output]) == 0
    told = " ".join(capsys.readouterr().err.split())
    owners = ["choices/tiny/small/seed1/b", "corpora/old", "curves/old"]
    assert f"left out {', '.join(owners)}, f" in told
    assert "more, which run/configuration.yaml does not have" in told
    found = kept_files(run, command)
    if command == "excerpt":
        assert "C5" not in (run / "kept/models.sha256").read_text()
    assert set(kept) <= found
    assert not set(others) & found
    assert not any("/C5/" in name for name in found)


@pytest.mark.parametrize("command", ["excerpt", "archive"])
def test_model_that_was_trained_again_is_refused(run, capsys, command):
    config = run / MODEL_FOLDER / "config.json"
    cell = Cell("tiny", "small", 2.0, 1)
    row = Measured(cell, "posterior", "test", 5, "active_units", 3.0)
    path = run / RESULTS / "measurements/table1.csv"
    path.parent.mkdir()
    path.write_text(to_csv([replace(row, weights=json.loads(config.read_text())["weights"][:12])]))
    assert main([command, RESULTS, "--output", "kept"]) == 0
    write_json(config, json.loads(config.read_text()) | {"weights": "0" * 64})
    assert main([command, RESULTS, "--output", "other"]) == 1
    assert f"{MODEL}/config.json: of another training of tiny/small/C2" in capsys.readouterr().err


def test_measurements_decodings_copies_and_pairs_of_another_configuration_are_left_out(run, capsys):
    """Your own files beside them are kept."""
    entry = {"corpora": ["tiny"], "models": ["small"], "C": [2], "seeds": [1], "pairs": "new"}
    entry |= {"measurements": ["posterior", "syntax", "description", "fce", "slope"]}
    entry |= {"decodings": ["greedy"]}
    configuration = {"experiments": {"table2": entry}, "generation": {"copies": 1}}
    write_json(run / RESULTS / "run/configuration.yaml", configuration)
    cell, common = "tiny/small/C2/seed1", "fce/tiny/small/C2/seed1"
    kept = [f"models/{cell}/{name}.json" for name in ("posterior", "syntax/new", "mine")]
    kept += [f"synthetic/{cell}/{name}.json" for name in ("homotopy/table2", "slope", "mine")]
    kept += [f"synthetic/{cell}/greedy/copy1/{name}.json" for name in ("report", "description")]
    kept += [f"{common}/greedy/dictionary.txt", f"{common}/greedy/real/lstm/config.json"]
    kept += [f"{common}/greedy/C2/copy1/{name}" for name in ("fce.json", "lstm/config.json")]
    others = [f"models/{cell}/{name}.json" for name in ("likelihood", "syntax/old", "probe/new")]
    others += [f"synthetic/{cell}/{name}.json" for name in ("homotopy/old", "sensitivity")]
    others.append(f"synthetic/{cell}/top5/copy1/report.json")
    others += [f"synthetic/{cell}/greedy/copy2/{name}.json" for name in ("report", "description")]
    others += [f"{common}/top5/dictionary.txt", f"{common}/top5/real/lstm/config.json"]
    others += [f"{common}/greedy/C2/copy2/{name}" for name in ("fce.json", "lstm/config.json")]
    for name in kept + others:
        (run / RESULTS / name).parent.mkdir(parents=True, exist_ok=True)
        (run / RESULTS / name).write_text("{}\n")
    assert main(["archive", RESULTS, "--output", "kept.zip"]) == 0
    found = kept_files(run, "archive")
    assert set(kept) - found == set()
    assert set(others) & found == set()
    told = " ".join(capsys.readouterr().err.split())
    assert f"left out {common}/greedy/C2/copy2, {common}/greedy/C2/copy2/fce, " in told


@pytest.mark.parametrize("command", ["excerpt", "archive"])
def test_results_of_an_earlier_training_are_left_out(run, capsys, command):
    """Those without weights, of earlier versions, and those of models that are gone are kept."""
    weights = json.loads((run / MODEL_FOLDER / "config.json").read_text())["weights"]
    folder = "synthetic/tiny/small/C{}/seed1/homotopy/{}.json"
    digests = {folder.format(2, "now"): weights, folder.format(2, "old"): "0" * 64}
    digests |= {folder.format(2, "unknown"): None, folder.format(3, "gone"): "0" * 64}
    for name, digest in digests.items():
        cell = Cell("tiny", "small", 3.0 if "C3" in name else 2.0, 1)
        write_json(run / RESULTS / name, {"cell": cell.as_dict(), "weights": digest})
    output = "kept" if command == "excerpt" else "kept.zip"
    assert main([command, RESULTS, "--output", output]) == 0
    old = folder.format(2, "old")
    expected = f"warning: {RESULTS}: left out {old}, which are of another training than the config"
    assert expected in " ".join(capsys.readouterr().err.split())
    assert set(digests) & kept_files(run, command) == set(digests) - {old}


@pytest.mark.parametrize("command", ["excerpt", "archive"])
def test_models_on_another_disk_are_found(run, capsys, command):
    """Its folder contains a link to the folder that contains it."""
    moved = run / "disk/tiny"
    shutil.move(run / RESULTS / "models/tiny", moved)
    (run / RESULTS / "models/tiny").symlink_to(moved)
    (moved / "loop").symlink_to(run / RESULTS / "models")
    assert main([command, RESULTS, "--output", "kept" if command == "excerpt" else "kept.zip"]) == 0
    configs = {name for name in kept_files(run, command) if name.endswith("config.json")}
    assert configs == {f"{MODEL}/config.json"}


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
