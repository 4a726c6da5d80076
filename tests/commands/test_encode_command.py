"""`textvae encode` and `interpolate --between`: sentences of a user's own."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textvae
from one_by_one import lively_model
from textvae.cli import main
from textvae.models import saved

SENTENCES = ["w1 w2 w3", "w4", "w5 w6"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command beside a model and a text; return status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    saved.save(tmp_path / "model", lively_model(), {})
    (tmp_path / "text.txt").write_text("\n".join(SENTENCES))

    def run(command, *argv):
        name, *flags = command.split()
        return main([name, "--model", "model", *flags, *argv]), *capsys.readouterr()

    return run


def test_encode_writes_tables_and_arrays(run):
    expected = textvae.load("model").encode(SENTENCES, seed=3)
    for file in ("codes.csv", "new/codes.npz"):
        assert run(f"encode --text text.txt --seed 3 --output {file}") == (0, "", "")
    read = pd.read_csv("codes.csv")
    pd.testing.assert_frame_equal(read, expected.to_frame(), check_dtype=False, rtol=1e-6)
    arrays = np.load("new/codes.npz")
    assert {*arrays} == {"mean", "standard_deviation", "rate", "sample"}
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, getattr(expected, name))


def test_interpolate_between_prints_or_writes_sentences(run):
    expected = textvae.load("model").interpolate("w1 w2", "w3", steps=4, longest=300)
    flags = ("--between", "w1 w2", "W3", "--points", "4", "--longest", "300")
    status, out, _ = run("interpolate", *flags)
    numbered = [f"   {number}  {sentence}" for number, sentence in enumerate(expected, start=1)]
    assert (status, out.rstrip().splitlines()) == (0, ["greedy", *map(str.rstrip, numbered)])
    assert run("interpolate --output line.json", *flags)[:2] == (0, "")
    written = json.loads(Path("line.json").read_text())
    assert written["between"] == ["w1 w2", "W3"]
    assert written["decodings"] == {"greedy": expected}


def test_unknown_words_are_one_line_of_warning(run):
    status, _, err = run("encode --as-prepared --text text.txt --output a.csv")
    assert (status, err) == (0, "")
    status, _, err = run("interpolate --as-prepared --between", "W1", "w2")
    warning = next(line for line in err.splitlines() if line.startswith("warning: --between: 1 of"))
    assert "'W1'" in warning


def test_labels_before_sentences_are_one_line_of_warning(run):
    Path("labelled.txt").write_text("".join(f"w1\t{line} w2\n" for line in SENTENCES))
    status, _, err = run("encode --text labelled.txt --output a.csv")
    assert status == 0
    assert err.startswith("warning: labelled.txt: looks like a label, a tab ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "argv", "message"),
    [
        ("encode --text text.txt --output codes.txt", (), "--output: codes.txt"),
        ("encode --text gone --output a.csv", (), "gone: "),
        ("encode --text blank --output a.csv", (), "blank: line 2 "),
        ("encode --text empty --output a.csv", (), "empty: "),
        ("encode --text text.txt --output a.csv --seed -1", (), "--seed: -1 "),
        ("interpolate --between", ("w1", ""), "--between: b: "),
        ("interpolate --between", ("w1", "w2\udcff"), "--between: 'w2\\udcff' "),
        ("interpolate --line 2 --between", ("w1", "w2"), "--line: "),
        ("interpolate --as-prepared", (), "--as-prepared: "),
    ],
)
def test_wrong_input_is_named_in_one_line(run, tmp_path, command, argv, message):
    (tmp_path / "blank").write_text("w1\n \nw2\n")
    (tmp_path / "empty").touch()
    status, out, err = run(command, *argv)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"textvae {command.split()[0]}: {message}")
    assert not (tmp_path / "a.csv").exists()
