"""`textvae render comparison`: measurements of experiments and sizes into one comparison."""

import csv
import json

import pytest

from textvae.cli import main

HEADER = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
RATE = "cbt,lstm,3,1,,,rate-distortion,test,12000,rate_nats,{}\n"
STATISTICS = {
    "name": "cbt",
    "vocabulary": {"reached": 12000},
    "splits": {split: {"sentences": 10000} for split in ("train", "valid", "test")},
}


@pytest.fixture
def compare(tmp_path, monkeypatch):
    """Run the command in a folder of its own: its status, and the verdicts that it counted."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.csv").write_text(HEADER + RATE.format(3.5))
    (tmp_path / "same.csv").write_text(HEADER + RATE.format(3.5))
    (tmp_path / "other.csv").write_text(HEADER + RATE.format(9.5))
    (tmp_path / "statistics.json").write_text(json.dumps(STATISTICS))

    def compare(*flags):
        outputs = [word for kind in ("tex", "csv", "html") for word in (f"--{kind}", f"c.{kind}")]
        status = main(["render", "comparison", *flags, "--caption", "A <caption>.", *outputs])
        if status:
            return status, {}
        with open("c.csv", newline="") as file:
            counts = {}
            for record in csv.DictReader(file):
                counts[record["verdict"]] = counts.get(record["verdict"], 0) + 1
        return status, counts

    return compare


def test_cells_that_experiments_share_and_sizes(compare, tmp_path):
    flags = ("--measurements", "one.csv", "same.csv", "--sizes", "statistics.json")
    # R; 10k sentences to watch with and 12k words are the paper's, 10k to train and to test not.
    assert compare(*flags) == (0, {"agrees": 3, "deviates": 2, "not run": 428})
    page = (tmp_path / "c.html").read_text()
    assert "A &lt;caption&gt;." in page
    assert "±1.0" in page
    assert r"\caption{A \textless{}caption\textgreater{}.}" in (tmp_path / "c.tex").read_text()


def test_with_nothing_to_compare_nothing_was_run(compare):
    assert compare() == (0, {"not run": 433})


def test_a_stand_in(compare):
    flags = ("--measurements", "one.csv", "--stand-ins", "wiki/lstm/C3=cbt/lstm/C3")
    assert compare(*flags) == (0, {"agrees": 1, "other corpus": 1, "not run": 431})


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (
            ("--measurements", "one.csv", "other.csv"),
            "other.csv: rate_nats of cbt/lstm/C3/seed1 is 9.5, but 3.5 in one.csv; gather both",
        ),
        (("--measurements", "none.csv"), "none.csv: no such file"),
        (("--measurements", "statistics.json"), "statistics.json: line 1: the first must be"),
        (("--sizes", "one.csv"), "one.csv: not JSON"),
        (("--stand-ins", "cbt/lstm/C4=a/b/C1"), "'cbt/lstm/C4': not a cell of the paper"),
        (("--stand-ins", "cbt"), "'cbt': expected PAPER=OURS"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(compare, capsys, tmp_path, flags, line):
    assert compare(*flags)[0] == 1
    error = capsys.readouterr().err
    assert error.startswith(f"textvae render comparison: {line}")
    assert error.count("\n") == 1
    assert not (tmp_path / "c.csv").exists()
