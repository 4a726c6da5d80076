"""The command `textvae grammar`: the files of the embedded corpus."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from textvae.cli import main
from textvae.corpora.grammar import InsideParser, english_like, entropy, expected_length
from textvae.corpora.vocabulary import Vocabulary

SIZES = {"train": 400, "valid": 40, "test": 80}
FLAGS = [text for split, size in SIZES.items() for text in (f"--{split}", str(size))]


def generate(folder, *options):
    return main(["grammar", *FLAGS, "--output", str(folder), *options])


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grammar")
    assert generate(folder) == 0
    return folder


def test_each_line_has_its_log_probability(folder):
    summary = json.loads((folder / "grammar.json").read_text(encoding="utf-8"))
    parser = InsideParser(english_like())
    for split, size in SIZES.items():
        sentences = lines(folder / f"{split}.txt")
        log_probabilities = np.load(folder / f"{split}.log-probabilities.npy")
        assert len(sentences) == size
        assert log_probabilities.dtype == np.float64
        expected = [parser.log_probability(sentence.split(" ")) for sentence in sentences]
        assert log_probabilities == pytest.approx(expected, abs=1e-9)
        counts = summary["splits"][split]
        assert counts["sentences"] == size
        assert counts["mean_surprisal"] == pytest.approx(-np.mean(expected))
        assert counts["standard_error"] == pytest.approx(np.std(expected, ddof=1) / size**0.5)
    assert summary["entropy_nats"] == entropy(english_like())
    assert summary["expected_length"] == expected_length(english_like())
    assert (summary["shortest"], summary["longest"], summary["seed"]) == (3, 28, 1)
    assert summary["word_types"] == len(lines(folder / "words.txt")) >= 2_000


def test_folder_that_is_written_again_is_complete_at_its_end_only(tmp_path):
    """Not with the entropy and the probabilities of earlier sentences in between."""
    assert generate(tmp_path) == 0
    (tmp_path / "test.log-probabilities.npy").unlink()
    (tmp_path / "test.log-probabilities.npy").mkdir()
    assert generate(tmp_path, "--seed", "2") != 0
    assert not (tmp_path / "grammar.json").exists()


def test_words_are_a_closed_vocabulary(folder):
    words = lines(folder / "words.txt")
    assert words[0] == "the"
    counted = Vocabulary({w for line in lines(folder / "train.txt") for w in line.split()})
    test = [line.split() for line in lines(folder / "test.txt")]
    assert not any(1 in Vocabulary(words).encode(tokens) for tokens in test)
    assert any(1 in counted.encode(tokens) for tokens in test)


def test_each_split_has_its_own_stream(folder, tmp_path):
    assert generate(tmp_path, "--train", "10", "--valid", "1") == 0
    assert lines(tmp_path / "train.txt") == lines(folder / "train.txt")[:10]
    assert lines(tmp_path / "test.txt") == lines(folder / "test.txt")
    assert lines(folder / "valid.txt") != lines(folder / "test.txt")[: SIZES["valid"]]
    counts = json.loads((tmp_path / "grammar.json").read_text())["splits"]["valid"]
    assert counts["standard_error"] is None  # of one sentence
    assert generate(tmp_path, "--seed", "0") == 0
    assert lines(tmp_path / "train.txt") != lines(folder / "train.txt")
    assert lines(tmp_path / "words.txt") == lines(folder / "words.txt")


def test_every_process_writes_the_same_bytes(folder, tmp_path):
    # Python hashes strings differently in each process by default.
    env = os.environ | {"PYTHONHASHSEED": "123"}
    command = [sys.executable, "-m", "textvae", "grammar", *FLAGS, "--output", str(tmp_path)]
    subprocess.run(command, check=True, env=env, capture_output=True)
    contents = [{file.name: file.read_bytes() for file in x.iterdir()} for x in (folder, tmp_path)]
    assert len(contents[0]) == 8
    assert contents[0] == contents[1]


@pytest.mark.parametrize("flag", ["--train", "--valid", "--test"])
def test_empty_split_is_refused(tmp_path, capsys, flag):
    assert generate(tmp_path / "out", flag, "0") == 1
    assert f"{flag}: 0 " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_files_that_are_not_of_a_grammar_stay(tmp_path, capsys):
    (tmp_path / "test.txt").write_text("my only copy\n")
    assert generate(tmp_path) == 1
    assert f"{tmp_path}/test.txt: would be replaced" in capsys.readouterr().err
    assert (tmp_path / "test.txt").read_text() == "my only copy\n"
