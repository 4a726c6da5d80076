"""`textvae codes`, `sample` and `interpolate`: text from codes of the prior."""

import hashlib
import json
import re

import numpy as np
import pytest

from one_by_one import LATENT, VOCABULARY, lively_model
from textvae.cells import Cell
from textvae.cli import main
from textvae.corpora.encoded import save_array
from textvae.generation.codes import corpus_codes, line_ends, points
from textvae.generation.synthesis import Tally, synthesise
from textvae.models import saved
from textvae.models.saved import TrainedModel
from textvae.paper.homotopy import read_homotopy
from textvae.schemes import DecodingStrategy
from tiny import tiny_corpus

TRAINED = lively_model()
MAX_WORDS = 50
TABLE2 = ["greedy", "top15", "nucleus0.9"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a model, the corpus of its words, and files of codes and lines."""
    folder = tmp_path_factory.mktemp("generate")
    saved.save(folder / "model", TRAINED, {})
    tiny_corpus(folder / "corpus", sentences=60)
    save_array(folder / "wide.npy", corpus_codes(3, LATENT + 1, 1, 1))
    (folder / "damaged.npy").touch()
    save_array(folder / "codes.npy", corpus_codes(12, LATENT, 5, 3))
    save_array(folder / "lines.npy", line_ends(3, LATENT, 6))
    return folder


@pytest.fixture
def run(folder, capsys, monkeypatch):
    """Run a command in the folder; return the status, stdout and stderr."""
    monkeypatch.chdir(folder)

    def run(command, *argv):
        name, *flags = command.split()
        model = [] if name == "codes" else ["--model", "model"]
        capsys.readouterr()
        return main([name, *model, *flags, *map(str, argv)]), *capsys.readouterr()

    return run


def test_codes_of_a_corpus_and_of_lines(run, tmp_path):
    def codes(flags):
        path = tmp_path / "new/codes.npy"
        assert run(f"codes --latent 5 {flags}", "--output", path) == (0, "", "")
        return np.load(path)

    drawn = codes("--sentences 7 --seed 3 --copy 2")
    assert drawn.dtype == np.float32
    np.testing.assert_array_equal(drawn, corpus_codes(7, 5, seed=3, copy=2))
    np.testing.assert_array_equal(codes("--corpus corpus"), corpus_codes(60, 5, seed=1, copy=1))
    np.testing.assert_array_equal(codes("--lines 4 --seed 3"), line_ends(4, 5, seed=3))
    np.testing.assert_array_equal(codes("--lines 4"), line_ends(4, 5, seed=1))


def text_of(codes, name="nucleus0.9", seed=1, copy=1, max_words=MAX_WORDS):
    """Return the text of codes and its counts."""
    tally = Tally()
    strategy = DecodingStrategy.parse(name)
    sentences = synthesise(TRAINED, codes, strategy, (seed, copy), max_words, tally)
    return "".join(f"{sentence}\n" for sentence in sentences), tally


@pytest.mark.parametrize("name", ["greedy", "top5", "nucleus0.9-t0.7"])
def test_sample_draws_the_codes_of_the_file(run, name):
    flags = f"sample --seed 5 --copy 3 --decoding {name}"
    from_file = run(f"{flags} --codes codes.npy")
    assert from_file == run(f"{flags} --sentences 12")
    assert from_file[1] == text_of(corpus_codes(12, LATENT, 5, 3), name, 5, 3)[0]
    assert len(set(from_file[1].splitlines())) > 2
    # A smaller sample is the beginning of a larger one.
    assert from_file[1].startswith(run(f"{flags} --sentences 4")[1])
    # The copy changes the random numbers of sampled words.
    other = run(f"sample --seed 5 --copy 4 --decoding {name} --codes codes.npy")
    assert (other[1] == from_file[1]) == (name == "greedy")


def test_sample_writes_a_text_and_its_report(run, folder, tmp_path):
    """Sentences are cut after the length of the longest training sentence and its end mark."""
    text, report = tmp_path / "new/text.txt", tmp_path / "new/report.json"
    flags = "sample --corpus corpus --sentences 200 --seed 2 --copy 3"
    status, out, err = run(flags, "--output", text, "--report", report)
    sentences, tally = text_of(corpus_codes(200, LATENT, 2, 3), seed=2, copy=3, max_words=9)
    assert (status, out) == (0, "")
    assert text.read_text() == sentences
    assert max(len(line.split()) for line in sentences.splitlines()) == 9
    assert json.loads(report.read_text()) == {
        "cell": TRAINED.cell.as_dict(),
        "weights": hashlib.sha256((folder / "model/model.safetensors").read_bytes()).hexdigest(),
        "decoding": "nucleus0.9",
        "copy": 3,
        "seed": 2,
        "longest": 9,
        "sentences": 200,
        "words": len(sentences.split()),
        "unknown": sentences.split().count("<unk>"),
        "empty": sentences.splitlines().count(""),
        "cut": tally.cut,
        "sha256": hashlib.sha256(sentences.encode()).hexdigest(),
    }
    assert tally.cut > 0
    assert err.startswith(f"{TRAINED.cell}, nucleus0.9, copy 3: {tally.cut} of 200 ")


def test_report_of_greedy_text_from_codes_of_a_file_has_no_seed(run, tmp_path):
    flags = "sample --codes codes.npy --report"
    for strategy, seeded in (("greedy", False), ("top5", True)):
        run(flags, tmp_path / "report.json", "--decoding", strategy)
        assert ("seed" in json.loads((tmp_path / "report.json").read_text())) == seeded


def test_most_probable_words_that_are_all_there_are_are_warned_of(run):
    words = len(VOCABULARY)
    for command in ("sample --decoding", "interpolate --decodings"):
        for number, warned in ((words - 1, False), (words, True)):
            err = run(f"{command} top{number}")[2]
            assert (f"warning: {command.split()[1]}: top{number} samples from all" in err) == warned


@pytest.fixture
def homotopy(run, tmp_path):
    """Run `textvae interpolate`; return the JSON in its file."""

    def homotopy(flags, *argv):
        path = tmp_path / "new/homotopy.json"
        status, out, _ = run(f"interpolate {flags}", *argv, "--output", path)
        assert (status, out) == (0, "")
        return json.loads(path.read_text())

    return homotopy


def line_text(ends, number, name="greedy", seed=1, line=1, max_words=MAX_WORDS):
    (codes,) = points(ends, number)
    return text_of(codes, name, seed, line, max_words)[0].splitlines()


def line_tally(ends, number, name, seed, max_words):
    (codes,) = points(ends, number)
    return text_of(codes, name, seed, 1, max_words)[1]


def test_interpolate_writes_a_block_of_table_2(homotopy, folder, tmp_path):
    flags = f"--lines lines.npy --corpus corpus --seed 6 --decodings {' '.join(TABLE2)}"
    written = homotopy(flags)
    ends = line_ends(1, LATENT, 6)
    weights = hashlib.sha256((folder / "model/model.safetensors").read_bytes()).hexdigest()
    assert written == {
        "cell": TRAINED.cell.as_dict(),
        "weights": weights,
        "longest": 9,
        "cut": {name: line_tally(ends, 7, name, seed=6, max_words=9).cut for name in TABLE2},
        "decodings": {name: line_text(ends, 7, name, seed=6, max_words=9) for name in TABLE2},
    }
    assert any(written["cut"].values())
    assert list(written["decodings"]) == TABLE2
    read = read_homotopy(tmp_path / "new/homotopy.json")
    assert (read.cell, read.codes, list(read.sentences)) == (TRAINED.cell, 7, TABLE2)
    # The codes do not depend on the model's C.
    other = TrainedModel(Cell("tiny", "lively", 100, 1), TRAINED.model, VOCABULARY)
    saved.save(tmp_path / "other", other, {})
    assert homotopy(flags, "--model", tmp_path / "other")["decodings"] == written["decodings"]


def test_defaults_print_ten_sentences_or_a_line(run):
    text, tally = text_of(corpus_codes(10, LATENT, 1, 1))
    status, out, err = run("sample")
    assert (status, out, bool(err)) == (0, text, bool(tally.cut))
    lines = line_text(line_ends(1, LATENT, 1), 7, max_words=6)
    status, out, err = run("interpolate --longest 6")
    numbered = [f"   {number}  {text}" for number, text in enumerate(lines, start=1)]
    assert (status, out.splitlines()) == (0, ["greedy", *numbered])
    assert re.match(r"\S+, greedy, line 1: \d of 7 ", err)


@pytest.mark.parametrize("line", [1, 3])
def test_interpolate_draws_the_lines_of_the_file(homotopy, line):
    flags = f"--seed 6 --line {line} --decodings greedy top15"
    from_file = homotopy(f"{flags} --lines lines.npy")
    assert from_file == homotopy(flags)
    ends = line_ends(line, LATENT, 6)[-1:]
    assert from_file["decodings"]["top15"] == line_text(ends, 7, "top15", seed=6, line=line)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        *((f"codes --latent 5 --{flag} 0", f"--{flag}: 0 ") for flag in ("sentences", "lines")),
        ("codes --latent 0 --lines 3", "--latent: 0 "),
        ("codes --latent 5 --lines 3 --seed -1", "--seed: -1 "),
        ("codes --latent 5 --sentences 3 --copy 0", "--copy: 0 "),
        ("codes --latent 5 --corpus gone", "gone: "),
        ("sample --decoding top --model gone", "'top' "),
        ("sample --decoding nucleus1.5", "'nucleus1.5': "),
        *((f"sample --{flag} 0", f"--{flag}: 0 ") for flag in ("sentences", "copy", "longest")),
        *(("sample --seed -1", "--seed: -1 "), ("sample --device tpu", "--device: 'tpu' ")),
        *(("sample --corpus gone", "gone: "), ("sample --model gone", "gone/config.json: ")),
        *((f"sample --codes {file}.npy", f"{file}.npy: ") for file in ("gone", "wide", "lines")),
        ("sample --codes damaged.npy", "damaged.npy: "),
        ("interpolate --decodings greedy top0", "'top0' "),
        *(("interpolate --points 1", "--points: 1 "), ("interpolate --line 0", "--line: 0 ")),
        *(("interpolate --seed -1", "--seed: -1 "), ("interpolate --longest -1", "--longest: -1 ")),
        (f"codes --lines 3 --latent {LATENT} --copy 2", "--copy: "),
        ("interpolate --lines lines.npy --line 4", "--line: got 4, but lines.npy has 3 "),
        *((f"interpolate --lines {file}.npy", f"{file}.npy: ") for file in ("codes", "wide")),
    ],
)
def test_wrong_input_is_named_and_nothing_is_written(run, tmp_path, command, message):
    """A wrong decoding strategy is refused before the model is loaded."""
    report = ["--report", tmp_path / "report"] if command.startswith("sample") else []
    status, out, err = run(command, "--output", tmp_path / "output", *report)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"textvae {command.split()[0]}: {message}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flags", ["", "--sentences 9 --lines 9"])
def test_flags_that_exclude_each_other_are_refused(run, flags):
    longest = "--longest 3 --corpus corpus"
    for command in (f"codes --latent 5 --output new.npy {flags}", f"sample {longest}"):
        with pytest.raises(SystemExit, match="2"):
            run(command)
    with pytest.raises(SystemExit, match="2"):
        run("sample --codes codes.npy --sentences 3")
