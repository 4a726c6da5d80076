"""The comparison of two results folders number by number."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.same_numbers import contents, main
from safetensors.numpy import save_file

JSON, CSV, HTML = "models/rate-distortion.json", "table1.csv", "table1.html"
MEASUREMENT = {
    "cell": {"corpus": "grammar", "model": "lstm", "C": 2.0, "seed": 1},
    "settings": {"bootstrap": 2},
    "values": {"rate_nats": 2.0, "rate_standard_error": 0.5, "empty": None},
    "notes": {"R": "from 2 sentences"},
    "bootstrap": {"rate_nats": [1.5, 2.5]},
}
CONFIG = {"architecture": {"hidden": 8}, "training": {"code": "aa", "recipe": {"beta": 1.0}}}


def write_results(folder: Path) -> Path:
    """Write a results folder with one file of each kind."""
    files = {
        JSON: json.dumps(MEASUREMENT),
        "models/config.json": json.dumps(CONFIG),
        "models/training.jsonl": '{"step": 1, "loss": 4.0, "tokens_per_second": 10.0}\n'
        '{"step": 1, "split": "valid", "loss": 5.0}\n',
        CSV: "corpus,model,C,metric,ours\ngrammar,lstm,2,rate_nats,2.0\n"
        "grammar,lstm,5,rate_nats,5.0\n",
        HTML: "<p>R of 2 models</p>\n<td>2.00</td>\n",
        "figure1.svg": '<metadata>Matplotlib 1.2</metadata><path id="m06b195d7d7" d="M 1 2"/>',
        "synthetic/sentences.txt": "the cat\nthe dog\n",
        "logs/train.log": "took 3 s",
        "run/costs.csv": "job,seconds\ntrain,3\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    np.save(folder / "codes.npy", np.array([[0.5, 1.0]], dtype=np.float32))
    save_file({"w": np.array([1.0, 2.0], dtype=np.float32)}, folder / "models/model.safetensors")
    return folder


@pytest.fixture
def folders(tmp_path):
    return write_results(tmp_path / "old"), write_results(tmp_path / "new")


@pytest.fixture
def compare(folders, capsys):
    """Compare the folders; return the exit status and the printed lines."""

    def compare(*flags):
        status = main([*map(str, folders), *flags])
        return status, capsys.readouterr().out.splitlines()

    return compare


@pytest.fixture
def edit(folders):
    """Replace text in a file of the new folder."""

    def edit(name, *replacements):
        path = folders[1] / name
        text = path.read_text()
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)

    return edit


def test_folders_that_differ_in_costs_and_code_only_are_the_same(compare, edit):
    edit("logs/train.log", ("3", "9"))
    edit("run/costs.csv", ("3", "9"))
    edit("models/training.jsonl", ("10.0", "20.0"))
    # Settings of parts that a model does not have may be recorded or not.
    edit("models/config.json", ("aa", "bb"), ('"hidden": 8', '"hidden": 8, "blocks": 2'))
    edit("figure1.svg", ("1.2", "1.3"), ("m06b", "m17c"))
    # JSON: C, seed, bootstrap, two values, two replicates; hidden, beta; steps and losses; C and
    # ours of the CSV; two each of HTML, SVG, codes and weights.
    count = 7 + 2 + 4 + 4 + 2 + 2 + 2 + 2
    assert compare() == (0, [f"9 files, {count} numbers: the same"])


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            JSON,
            '"rate_nats": 2.0',
            '"rate_nats": 2.5',
            "values.rate_nats: 2.0 -> 2.5, relative 0.2",
        ),
        (
            *(JSON, "[1.5, 2.5]", "[1.5, 2.0]"),
            "bootstrap.rate_nats: 1 of 2 differ, most [1] 2.5 -> 2.0, relative 0.2",
        ),
        (JSON, '"empty": null', '"empty": 1', "values.empty: null -> 1.0"),
        (JSON, "from 2", "from 3", 'notes.R: "from 2 sentences" -> "from 3 sentences"'),
        ("models/config.json", "8", "16", "settings.hidden: 8.0 -> 16.0, relative 0.5"),
        (
            *("models/training.jsonl", "5.0", "4.0"),
            "loss[valid]: 1 of 1 rows differ, most (row 2, 1) 5.0 -> 4.0, relative 0.2",
        ),
        (
            *(CSV, "5.0", "4.0"),
            "ours[rate_nats]: 1 of 2 rows differ, most"
            " (row 2, grammar lstm 5 rate_nats) 5.0 -> 4.0, relative 0.2",
        ),
        (
            *(CSV, "grammar,lstm,5", "cbt,lstm,5"),
            "corpus[rate_nats]: 1 of 2 rows differ, most"
            " (row 2, grammar lstm 5 rate_nats) grammar -> cbt",
        ),
        (HTML, "2.00", "2.50", "numbers: 1 of 2 differ, most [1] 2.0 -> 2.5, relative 0.2"),
        (
            *(HTML, "models", "cells"),
            "words: 1 of 2 lines differ; line 1: <p>R of # models</p> -> <p>R of # cells</p>",
        ),
        ("figure1.svg", "1 2", "1 4", "numbers: 1 of 2 differ, most [1] 2.0 -> 4.0, relative 0.5"),
        (
            *("synthetic/sentences.txt", "dog", "dogs"),
            "text: 1 of 2 lines differ; line 2: the dog -> the dogs",
        ),
    ],
)
def test_difference_is_named_with_its_size(compare, edit, file, old, new, expected):
    edit(file, (old, new))
    status, lines = compare()
    assert status == 1
    assert f"differs  {file}: {expected}" in lines


def test_difference_within_its_tolerance_is_no_failure(compare, edit):
    edit(JSON, ("[1.5, 2.5]", "[1.5, 2.0]"), (": 0.5", ": 0.4"))
    status, lines = compare("--intervals", "0.21")
    assert status == 0
    assert [line.split()[0] for line in lines[:-1]] == ["within", "within"]
    assert compare("--intervals", "0.1", "--losses", "1")[0] == 1


def test_weights_and_codes_are_compared(folders, compare):
    save_file(
        {"w": np.array([1.0, 4.0], dtype=np.float32)}, folders[1] / "models/model.safetensors"
    )
    np.save(folders[1] / "codes.npy", np.array([[0.5, 1.0]]))
    status, lines = compare("--losses", "1")
    assert status == 1
    assert lines[:2] == [
        "differs  codes.npy: array: float32[1, 2] -> float64[1, 2]",
        "differs  models/model.safetensors: w: 1 of 2 differ, most [1] 2.0 -> 4.0, relative 0.5",
    ]
    assert compare("--allow", "codes.npy*", "--weights", "0.5")[0] == 0


def test_missing_file_or_value_differs_unless_allowed(folders, compare, edit):
    (folders[0] / CSV).unlink()
    edit(JSON, ('"rate_nats": 2.0', '"rate_nats": 2.0, "more": 2'))
    status, lines = compare("--allow", "*: values.more")
    assert status == 1
    assert lines[:2] == [
        f"allowed  {JSON}: values.more: only in NEW (2.0)",
        f"differs  {CSV}: only in NEW",
    ]


def test_invalid_input_is_one_line(folders, capsys, tmp_path):
    (folders[1] / "models/config.json").write_text("{")
    assert main([*map(str, folders)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "new/models/config.json" in error
    with pytest.raises(SystemExit):
        main([str(folders[0]), str(tmp_path / "none")])


def test_minus_signs_and_thousands_separators_are_numbers(tmp_path):
    path = tmp_path / "table.html"
    path.write_text("<td>−1,234.5</td>")
    assert contents(path)["numbers"].tolist() == [-1234.5]
