"""`textvae interpolate`: one line between two samples of the prior, in several decodings."""

import json
from functools import partial

import pytest
import torch

from one_by_one import LATENT, VOCABULARY, lively_model
from textvae.cells import Cell
from textvae.cli import main
from textvae.corpora.encoded import save_array
from textvae.generation.codes import corpus_codes, line_ends, points
from textvae.models import saved
from textvae.models.decoding import decode, greedy
from textvae.models.saved import TrainedModel
from textvae.paper.homotopy import read_homotopy
from textvae.schemes import DecodingStrategy

TRAINED = lively_model()
TABLE2 = ["greedy", "top15", "nucleus0.9"]


@pytest.fixture(scope="module")
def lines(place):
    """A file of three lines."""
    path = place / "lines.npy"
    argv = ["codes", "--lines", "3", "--latent", f"{LATENT}", "--seed", "6"]
    assert main([*argv, "--output", str(path)]) == 0
    return path


@pytest.fixture
def interpolate(speak):
    return partial(speak, "interpolate")


@pytest.fixture
def homotopy(interpolate, tmp_path):
    """Run the command; what it wrote."""

    def run(*argv):
        path = tmp_path / "new/homotopy.json"
        status, out, err = interpolate(*argv, "--output", path)
        assert (status, out) == (0, "")
        # Nothing but, perhaps, how many sentences were cut.
        assert all(line.endswith("and were cut there") for line in err.splitlines())
        return json.loads(path.read_text())

    return run


def expected(codes, name="greedy", seed=1, line=1, longest=50):
    decoded = decode(
        TRAINED.model, torch.from_numpy(codes), longest, DecodingStrategy.parse(name), (seed, line)
    )
    return [" ".join(VOCABULARY.decode(sentence.ids)) for sentence in decoded]


def test_a_block_of_table_2(place, lines, homotopy):
    """Two samples of the prior, five codes between them; as many sentences in each decoding."""
    argv = ["--lines", lines, "--corpus", place / "corpus", "--seed", 6]
    written = homotopy(*argv, "--decodings", *TABLE2)
    (codes,) = points(line_ends(1, LATENT, 6), 7)
    assert written == {
        "cell": TRAINED.cell.as_dict(),
        "decodings": {name: expected(codes, name, seed=6, longest=9) for name in TABLE2},
    }
    assert list(written["decodings"]) == TABLE2


def test_the_table_reads_what_was_written(homotopy, tmp_path):
    homotopy("--decodings", *TABLE2)
    read = read_homotopy(tmp_path / "new/homotopy.json")
    assert (read.cell, read.codes, list(read.sentences)) == (TRAINED.cell, 7, TABLE2)


def test_the_ends_are_what_the_samples_of_the_prior_say(homotopy):
    (ends,) = line_ends(1, LATENT, 4)
    sentences = homotopy("--seed", 4, "--points", 5)["decodings"]["greedy"]
    first, last = greedy(TRAINED.model, torch.from_numpy(ends), 50)
    said = [VOCABULARY.encode(sentence.split()) for sentence in sentences]
    assert (len(said), said[0], said[-1]) == (5, first, last)


@pytest.mark.parametrize("line", [1, 2, 3])
def test_lines_drawn_anew_are_those_of_the_file(lines, homotopy, line):
    argv = ["--seed", 6, "--line", line, "--decodings", *TABLE2]
    from_file = homotopy(*argv, "--lines", lines)
    assert from_file == homotopy(*argv)
    (codes,) = points(line_ends(line, LATENT, 6)[-1:], 7)
    assert from_file["decodings"]["top15"] == expected(codes, "top15", seed=6, line=line)


def test_every_model_is_asked_the_same_codes(homotopy, tmp_path):
    """Two that differ in nothing but their C say the same."""
    other = TrainedModel(Cell("tiny", "lively", 100, 1), TRAINED.model, VOCABULARY)
    saved.save(tmp_path / "other", other, {})
    one = homotopy("--decodings", *TABLE2)
    two = homotopy("--decodings", *TABLE2, "--model", tmp_path / "other")
    assert one["decodings"] == two["decodings"]
    assert (one["cell"]["C"], two["cell"]["C"]) == (2, 100)


def test_at_a_terminal_it_prints_a_sentence_a_code(interpolate, homotopy):
    argv = ["--decodings", "greedy", "top5", "--points", 3, "--longest", 6]
    status, out, err = interpolate(*argv)
    made = homotopy(*argv)["decodings"]
    lines = ["greedy", *made["greedy"], "top5", *made["top5"]]
    numbers = ["", "   1  ", "   2  ", "   3  "] * 2
    assert out == "".join(f"{n}{line}\n" for n, line in zip(numbers, lines, strict=True))
    assert status == 0
    # Nobody takes a sentence that was cut for whole.
    assert "greedy, line 1: 1 of 3 sentences did not end within 6 words and were cut there\n" in err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--decodings", "greedy", "top0"], "'top0' is not a decoding scheme; expected greedy, "),
        (["--points", "1"], "--points: 1 is not a number of at least 2"),
        (["--line", "0"], "--line: 0 is not a number of at least 1"),
        (["--seed", "-1"], "--seed: -1 is not a number of at least 0"),
        (["--longest", "-1"], "--longest: -1 is not a number of at least 1"),
        (["--lines", "lines.npy", "--line", "4"], "--line: got 4, but lines.npy has 3 lines"),
        (["--lines", "gone.npy"], "gone.npy: no such file (`textvae codes` makes it)"),
        (["--lines", "codes.npy"], "codes.npy: a float32 array (3, 4), expected float32 lines, "),
        (["--lines", "wide.npy"], "wide.npy: codes of 5 dimensions, the model has 4"),
        (["--lines", "empty.npy"], "empty.npy: not a whole .npy array ("),
    ],
)
def test_wrong_input_is_one_line_of_error(interpolate, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    save_array(tmp_path / "lines.npy", line_ends(3, LATENT, 1))
    save_array(tmp_path / "wide.npy", line_ends(3, LATENT + 1, 1))
    save_array(tmp_path / "codes.npy", corpus_codes(3, LATENT, 1, 1))
    (tmp_path / "empty.npy").touch()
    status, out, err = interpolate(*argv, "--output", "homotopy.json")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"textvae interpolate: {message}")
    assert not (tmp_path / "homotopy.json").exists()
