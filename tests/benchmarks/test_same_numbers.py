"""Two results folders are compared number by number, and each difference is named with its size."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.same_numbers import contents, main
from safetensors.numpy import save_file

MEASUREMENT = {
    "cell": {"corpus": "grammar", "model": "lstm", "C": 2.0, "seed": 1},
    "settings": {"bootstrap": 2},
    "values": {"rate_nats": 2.0, "rate_standard_error": 0.5, "empty": None},
    "notes": {"R": "from 2 sentences"},
    "bootstrap": {"rate_nats": [1.5, 2.5]},
}
TABLE = "corpus,model,C,metric,ours\ngrammar,lstm,2,rate_nats,2.0\ngrammar,lstm,5,rate_nats,5.0\n"
HTML = "<p>R of 2 models</p>\n<td>2.00</td>\n"


def results(folder: Path) -> Path:
    """A results folder with one file of each kind."""
    files = {
        "models/rate-distortion.json": json.dumps(MEASUREMENT),
        "models/config.json": json.dumps(
            {"architecture": {"hidden": 8}, "training": {"code": "aa", "recipe": {"beta": 1.0}}}
        ),
        "models/training.jsonl": '{"step": 1, "loss": 4.0, "tokens_per_second": 10.0}\n'
        '{"step": 1, "split": "valid", "loss": 5.0}\n',
        "table1.csv": TABLE,
        "table1.html": HTML,
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
def pair(tmp_path):
    return results(tmp_path / "old"), results(tmp_path / "new")


def compared(pair, *flags, capsys):
    status = main([*map(str, pair), *flags])
    return status, capsys.readouterr().out.splitlines()


def test_equal_folders_are_the_same_whatever_they_cost(pair, capsys):
    (pair[1] / "logs/train.log").write_text("took 9 s")
    (pair[1] / "run/costs.csv").write_text("job,seconds\ntrain,9\n")
    training = (pair[1] / "models/training.jsonl").read_text()
    (pair[1] / "models/training.jsonl").write_text(training.replace("10.0", "20.0"))
    config = (pair[1] / "models/config.json").read_text()
    (pair[1] / "models/config.json").write_text(config.replace("aa", "bb"))
    svg = (pair[1] / "figure1.svg").read_text()
    (pair[1] / "figure1.svg").write_text(svg.replace("1.2", "1.3").replace("m06b", "m17c"))
    status, lines = compared(pair, capsys=capsys)
    assert (status, len(lines)) == (0, 1)
    # JSON: C, seed, bootstrap, two values, two replicates; hidden, beta; the records' steps and
    # losses; the table's C and ours; the HTML's and the SVG's; two codes; two weights.
    count = 7 + 2 + 4 + 4 + 2 + 2 + 2 + 2
    assert lines[0] == f"9 files, {count} numbers: the same"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "models/rate-distortion.json", '"rate_nats": 2.0', '"rate_nats": 2.5',
            "models/rate-distortion.json: values.rate_nats: 2.0 -> 2.5, relative 0.2",
        ),
        (
            "models/rate-distortion.json", "[1.5, 2.5]", "[1.5, 2.0]",
            "models/rate-distortion.json: bootstrap.rate_nats:"
            " 1 of 2 differ, most [1] 2.5 -> 2.0, relative 0.2",
        ),
        (
            "models/rate-distortion.json", '"empty": null', '"empty": 1',
            "models/rate-distortion.json: values.empty: null -> 1.0",
        ),
        (
            "models/rate-distortion.json", "from 2", "from 3",
            'models/rate-distortion.json: notes.R: "from 2 sentences" -> "from 3 sentences"',
        ),
        (
            "models/config.json", '"hidden": 8', '"hidden": 16',
            "models/config.json: settings.hidden: 8.0 -> 16.0, relative 0.5",
        ),
        (
            "models/training.jsonl", "5.0", "4.0",
            "models/training.jsonl: loss[valid]:"
            " 1 of 1 rows differ, most (row 2, 1) 5.0 -> 4.0, relative 0.2",
        ),
        (
            "table1.csv", "5.0", "4.0",
            "table1.csv: ours[rate_nats]: 1 of 2 rows differ, most"
            " (row 2, grammar lstm 5 rate_nats) 5.0 -> 4.0, relative 0.2",
        ),
        (
            "table1.csv", "grammar,lstm,5", "cbt,lstm,5",
            "table1.csv: corpus[rate_nats]: 1 of 2 rows differ, most"
            " (row 2, grammar lstm 5 rate_nats) grammar -> cbt",
        ),
        (
            "table1.html", "2.00", "2.50",
            "table1.html: numbers: 1 of 2 differ, most [1] 2.0 -> 2.5, relative 0.2",
        ),
        (
            "table1.html", "models", "cells",
            "table1.html: words: 1 of 2 lines differ; line 1:"
            " <p>R of # models</p> -> <p>R of # cells</p>",
        ),
        (
            "figure1.svg", "M 1 2", "M 1 4",
            "figure1.svg: numbers: 1 of 2 differ, most [1] 2.0 -> 4.0, relative 0.5",
        ),
        (
            "synthetic/sentences.txt", "dog", "dogs",
            "synthetic/sentences.txt: text: 1 of 2 lines differ; line 2: the dog -> the dogs",
        ),
    ],
)  # fmt: skip
def test_a_difference_is_named_with_its_size(pair, capsys, file, old, new, expected):
    path = pair[1] / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    status, lines = compared(pair, capsys=capsys)
    assert status == 1
    assert f"differs  {expected}" in lines
    assert "differ" in lines[-1]


def test_a_number_within_its_tolerance_is_printed_and_no_failure(pair, capsys):
    path = pair[1] / "models/rate-distortion.json"
    text = path.read_text()
    path.write_text(text.replace("[1.5, 2.5]", "[1.5, 2.0]").replace(": 0.5", ": 0.4"))
    status, lines = compared(pair, "--intervals", "0.21", capsys=capsys)
    assert status == 0
    assert [line.split()[0] for line in lines[:-1]] == ["within", "within"]
    assert lines[-1].endswith("the same within the tolerances; 2 within tolerance")
    assert compared(pair, "--intervals", "0.1", "--losses", "1", capsys=capsys)[0] == 1


def test_weights_and_codes_are_compared(pair, capsys):
    save_file({"w": np.array([1.0, 4.0], dtype=np.float32)}, pair[1] / "models/model.safetensors")
    np.save(pair[1] / "codes.npy", np.array([[0.5, 1.0]]))
    status, lines = compared(pair, "--losses", "1", capsys=capsys)
    assert status == 1
    assert lines[:2] == [
        "differs  codes.npy: array: float32[1, 2] -> float64[1, 2]",
        "differs  models/model.safetensors: w: 1 of 2 differ, most [1] 2.0 -> 4.0, relative 0.5",
    ]
    allowed = ("--allow", "codes.npy*", "--weights", "0.5")
    assert compared(pair, *allowed, capsys=capsys)[0] == 0


def test_what_only_one_folder_has_differs_unless_allowed(pair, capsys):
    (pair[0] / "table1.csv").unlink()
    path = pair[1] / "models/rate-distortion.json"
    path.write_text(path.read_text().replace('"rate_nats": 2.0', '"rate_nats": 2.0, "more": 2'))
    status, lines = compared(pair, "--allow", "*: values.more", capsys=capsys)
    assert status == 1
    assert lines[:2] == [
        "allowed  models/rate-distortion.json: values.more: only in NEW (2.0)",
        "differs  table1.csv: only in NEW",
    ]


def test_settings_of_parts_that_a_model_has_not_may_be_recorded_or_not(pair, capsys):
    path = pair[1] / "models/config.json"
    path.write_text(path.read_text().replace('"hidden": 8', '"hidden": 8, "blocks": 2'))
    assert compared(pair, capsys=capsys)[0] == 0


def test_wrong_input_is_one_line(pair, capsys, tmp_path):
    (pair[1] / "models/config.json").write_text("{")
    assert main([str(pair[0]), str(pair[1])]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "new/models/config.json" in error
    with pytest.raises(SystemExit):
        main([str(pair[0])])
    with pytest.raises(SystemExit):
        main([str(pair[0]), str(tmp_path / "none")])


def test_minus_signs_and_thousands_of_a_table_are_numbers(tmp_path):
    path = tmp_path / "table.html"
    path.write_text("<td>−1,234.5</td>")
    assert contents(path)["numbers"].tolist() == [-1234.5]
