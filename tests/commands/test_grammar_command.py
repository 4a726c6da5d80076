"""`textvae grammar`: the files of the embedded corpus."""

import hashlib
import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from textvae.cli import main
from textvae.corpora.grammar import InsideParser, english_like, entropy, expected_length
from textvae.corpora.vocabulary import Vocabulary

SIZES = {"train": 400, "valid": 40, "test": 80}


def generate(folder, *options: str) -> int:
    sizes = [text for split, size in SIZES.items() for text in (f"--{split}", str(size))]
    return main(["grammar", *sizes, "--output", str(folder), *options])


def lines(path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grammar")
    assert generate(folder) == 0
    return folder


def test_each_line_has_its_log_probability(folder):
    parser = InsideParser(english_like())
    for split, size in SIZES.items():
        sentences = lines(folder / f"{split}.txt")
        log_probabilities = np.load(folder / f"{split}.log-probabilities.npy")
        assert len(sentences) == size
        assert log_probabilities.shape == (size,)
        assert log_probabilities.dtype == np.float64
        for sentence, log_p in zip(sentences, log_probabilities, strict=True):
            assert parser.log_probability(sentence.split(" ")) == pytest.approx(log_p, abs=1e-9)


def test_grammar_json(folder):
    said = json.loads((folder / "grammar.json").read_text(encoding="utf-8"))
    assert said["entropy_nats"] == entropy(english_like())
    assert said["expected_length"] == expected_length(english_like())
    assert (said["shortest"], said["longest"]) == (3, 28)
    assert said["word_types"] == len(lines(folder / "words.txt")) >= 2_000
    assert said["seed"] == 1
    for split, size in SIZES.items():
        surprisals = -np.load(folder / f"{split}.log-probabilities.npy")
        witness = said["splits"][split]
        assert witness["sentences"] == size
        assert witness["mean_surprisal"] == pytest.approx(surprisals.mean())
        assert witness["standard_error"] == pytest.approx(surprisals.std(ddof=1) / size**0.5)
        assert abs(witness["mean_surprisal"] - said["entropy_nats"]) < 4 * witness["standard_error"]


def test_the_vocabulary_is_closed_where_a_counted_one_would_not_be(folder):
    words = lines(folder / "words.txt")
    assert words[0] == "the"
    closed = Vocabulary(words)
    counted = Vocabulary({w for line in lines(folder / "train.txt") for w in line.split()})
    test = [line.split() for line in lines(folder / "test.txt")]
    assert not any(1 in closed.encode(tokens) for tokens in test)
    assert any(1 in counted.encode(tokens) for tokens in test)


def test_splits_come_from_streams_of_their_own(folder, tmp_path):
    assert generate(tmp_path, "--train", "10") == 0
    assert lines(tmp_path / "train.txt") == lines(folder / "train.txt")[:10]
    for split in ("valid", "test"):
        assert lines(tmp_path / f"{split}.txt") == lines(folder / f"{split}.txt")
    assert lines(folder / "valid.txt") != lines(folder / "test.txt")[: SIZES["valid"]]


def test_another_seed_is_another_corpus(folder, tmp_path):
    assert generate(tmp_path, "--seed", "2") == 0
    assert lines(tmp_path / "train.txt") != lines(folder / "train.txt")
    assert lines(tmp_path / "words.txt") == lines(folder / "words.txt")


def test_every_process_writes_the_same_bytes(folder, tmp_path):
    # Python hashes strings differently in each process unless told not to.
    environment = {**os.environ, "PYTHONHASHSEED": "123"}
    sizes = [text for split, size in SIZES.items() for text in (f"--{split}", str(size))]
    command = [sys.executable, "-m", "textvae", "grammar", *sizes, "--output", str(tmp_path)]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    digests = [
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in where.iterdir()}
        for where in (folder, tmp_path)
    ]
    assert len(digests[0]) == 8
    assert digests[0] == digests[1]


def test_one_sentence_has_no_standard_error(tmp_path):
    assert generate(tmp_path, "--valid", "1") == 0
    witness = json.loads((tmp_path / "grammar.json").read_text())["splits"]["valid"]
    assert witness["standard_error"] is None
    assert math.isfinite(witness["mean_surprisal"])


def test_an_empty_split_is_refused(tmp_path, capsys):
    assert generate(tmp_path / "out", "--test", "0") == 1
    assert capsys.readouterr().err == ("textvae grammar: --test: 0 is not a number of at least 1\n")
    assert not (tmp_path / "out").exists()
