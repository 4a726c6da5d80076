"""The comparison of two results folders number by number."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.same_numbers import main
from safetensors.numpy import save_file

JSON, CONFIG, LOG, CSV = "rate-distortion.json", "config.json", "training.jsonl", "table1.csv"
HTML, SVG, TEXT, WEIGHTS = "table1.html", "figure1.svg", "sentences.txt", "model.safetensors"
FILES = {
    JSON: '{"cell": {"corpus": "grammar", "model": "lstm", "C": 2.0, "seed": 1}, "settings":'
    ' {"bootstrap": 2}, "values": {"rate_nats": 2.0, "rate_standard_error": 0.5, "empty": null},'
    ' "notes": {"R": "from 2 sentences"}, "bootstrap": {"rate_nats": [1.5, 2.5]}}',
    CONFIG: '{"architecture": {"hidden": 8}, "training": {"code": "aa", "recipe": {"beta": 1.0}}}',
    LOG: '{"step": 1, "loss": 4.0, "tokens_per_second": 10.0}\n'
    '{"step": 1, "split": "valid", "loss": 5.0}\n',
    CSV: "corpus,model,C,metric,ours\ngrammar,lstm,2,rate_nats,2.0\ngrammar,lstm,5,rate_nats,5.0\n",
    HTML: "<p>R of 2 models</p>\n<td>−2,000.5</td>\n",
    SVG: '<metadata>Matplotlib 1.2</metadata><path id="m06b195d7d7" d="M 1 2"/>',
    TEXT: "the cat\nthe dog\n",
    "logs/train.log": "took 3 s",
    "run/costs.csv": "job,seconds\ntrain,3\n",
}


def write_weights(folder: Path, *weights: float) -> None:
    save_file({"w": np.array(weights, dtype=np.float32)}, folder / WEIGHTS)


def write_results(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    np.save(folder / "codes.npy", np.array([[0.5, 1.0]], dtype=np.float32))
    write_weights(folder, 1, 2)
    return folder


@pytest.fixture
def folders(tmp_path):
    return write_results(tmp_path / "old"), write_results(tmp_path / "new")


@pytest.fixture
def compare(folders, capsys):
    def compare(*flags):
        """Compare the folders; return the exit status and the printed lines."""
        status = main([*map(str, folders), *flags])
        return status, capsys.readouterr().out.splitlines()

    return compare


@pytest.fixture
def edit(folders):
    def edit(name, *replacements):
        """Replace text in a file of the new folder."""
        path = folders[1] / name
        text = path.read_text()
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)

    return edit


def test_folders_that_differ_in_costs_and_code_only_are_the_same(compare, edit):
    for name in ("logs/train.log", "run/costs.csv"):
        edit(name, ("3", "9"))
    edit(LOG, ("10.0", "20.0"))
    # Settings of parts that a model does not have may be recorded or not.
    edit(CONFIG, ("aa", "bb"), ('"hidden": 8', '"hidden": 8, "blocks": 2'))
    edit(SVG, ("1.2", "1.3"), ("m06b", "m17c"))
    # JSON: C, seed, bootstrap, two values, two replicates; hidden, beta; steps and losses; C and
    # ours of the CSV; two each of HTML, SVG, codes and weights.
    count = 7 + 2 + 4 + 4 + 2 + 2 + 2 + 2
    assert compare() == (0, [f"9 files, {count} numbers: the same"])


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (JSON, 'nats": 2.0', 'nats": 2.5', "values.rate_nats: 2.0 -> 2.5, relative 0.2"),
        (JSON, "2.5]", "2.0]", "bootstrap.rate_nats: 1 of 2 differ, most [1] 2.5 -> 2.0, relative"),
        (JSON, "null", "1", "values.empty: null -> 1.0"),
        (JSON, "from 2", "from 3", 'notes.R: "from 2 sentences" -> "from 3 sentences"'),
        (CONFIG, "8", "16", "settings.hidden: 8.0 -> 16.0, relative 0.5"),
        (LOG, "5.0", "4.0", "loss[valid]: 1 of 1 rows differ, most (row 2, 1) 5.0 -> 4.0, "),
        (CSV, ",5.0", ",4.0", "(row 2, grammar lstm 5 rate_nats) 5.0 -> 4.0, relative 0.2"),
        (CSV, "grammar,lstm,5", "cbt,lstm,5", "corpus[rate_nats]: 1 of 2 rows differ, most"),
        (HTML, "−2,000.5", "−2,001.5", "numbers: 1 of 2 differ, most [1] -2000.5 -> -2001.5,"),
        (HTML, "models", "cells", "line 1: <p>R of # models</p> -> <p>R of # cells</p>"),
        (SVG, "1 2", "1 4", "numbers: 1 of 2 differ, most [1] 2.0 -> 4.0, relative 0.5"),
        (TEXT, "dog", "dogs", "text: 1 of 2 lines differ; line 2: the dog -> the dogs"),
    ],
)
def test_difference_is_named_with_its_size(compare, edit, file, old, new, expected):
    edit(file, (old, new))
    status, (line, *_) = compare()
    assert status == 1
    assert line.startswith(f"differs  {file}: ")
    assert expected in line


def test_tolerances_and_allowances(folders, compare, edit):
    edit(JSON, ("2.5]", "2.0]"), (": 0.5", ": 0.4"))
    status, lines = compare("--intervals", "0.21")
    assert (status, [line.split()[0] for line in lines[:-1]]) == (0, ["within", "within"])
    assert compare("--intervals", "0.1", "--losses", "1")[0] == 1
    write_weights(folders[1], 1, 4)
    np.save(folders[1] / "codes.npy", np.array([[0.5, 1.0]]))
    (folders[0] / CSV).unlink()
    allowed = ("--intervals", "0.21", "--allow", "codes.npy*", "--weights", "0.5")
    status, lines = compare(*allowed)
    assert status == 1
    assert lines[0] == "allowed  codes.npy: array: float32[1, 2] -> float64[1, 2]"
    assert f"differs  {CSV}: only in NEW" in lines
    (folders[1] / CSV).unlink()
    assert compare(*allowed)[0] == 0
    assert compare(*allowed[:4], "--losses", "1")[0] == 1


def test_invalid_input_is_one_line(folders, capsys, tmp_path):
    (folders[1] / CONFIG).write_text("{")
    assert main([*map(str, folders)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "new/config.json" in error
    with pytest.raises(SystemExit):
        main([str(folders[0]), str(tmp_path / "none")])
