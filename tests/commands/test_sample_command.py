"""`textvae sample`: at a terminal, and as the rule of synthetic corpora runs it."""

import json
from functools import partial

import pytest
import torch

from one_by_one import LATENT, lively_model
from textvae.cli import main
from textvae.corpora.encoded import save_array
from textvae.generation.codes import corpus_codes, line_ends
from textvae.generation.synthesis import Tally, synthesise
from textvae.models import saved
from textvae.schemes import DecodingStrategy

TRAINED = lively_model()
# As textvae.commands.decoder has it, where neither --longest nor --corpus is given.
LONGEST = 50


@pytest.fixture
def sample(speak):
    return partial(speak, "sample")


def expected(codes, name="nucleus0.9", seed=1, copy=1, longest=LONGEST):
    """The text, and the tally, of codes."""
    tally = Tally()
    sentences = synthesise(
        TRAINED, codes, DecodingStrategy.parse(name), (seed, copy), longest, tally
    )
    return "".join(f"{sentence}\n" for sentence in sentences), tally


def test_ten_sentences_without_a_word_of_instruction(sample):
    status, out, err = sample()
    text, tally = expected(corpus_codes(10, LATENT, 1, 1))
    assert (status, out, tally.sentences) == (0, text, 10)
    cut = f"{TRAINED.cell}, nucleus0.9, copy 1: {tally.cut} of 10 sentences did not end within 50"
    assert err == (f"{cut} words and were cut there\n" if tally.cut else "")


@pytest.mark.parametrize("name", ["greedy", "top5", "nucleus0.9-t0.7"])
def test_codes_drawn_anew_are_those_of_the_file(sample, tmp_path, name):
    """What a synthetic corpus has at a place, a person can have at a terminal by seed and copy."""
    path = tmp_path / "codes.npy"
    drawn = ["--seed", 5, "--copy", 3]
    argv = ["codes", "--sentences", 12, "--latent", LATENT, *drawn, "--output", path]
    assert main(list(map(str, argv))) == 0
    from_file = sample("--decoding", name, *drawn, "--codes", path)
    assert from_file == sample("--decoding", name, *drawn, "--sentences", 12)
    assert from_file[1] == expected(corpus_codes(12, LATENT, 5, 3), name, 5, 3)[0]
    assert len(set(from_file[1].splitlines())) > 2
    # And fewer are the first of them.
    assert from_file[1].startswith(sample("--decoding", name, *drawn, "--sentences", 4)[1])


def test_another_copy_has_other_codes_and_other_draws(sample, tmp_path):
    texts = {sample("--seed", seed, "--copy", copy)[1] for seed in (1, 2) for copy in (1, 2)}
    assert len(texts) == 4
    save_array(tmp_path / "codes.npy", corpus_codes(10, LATENT, 1, 1))
    codes = ["--codes", tmp_path / "codes.npy"]
    assert sample(*codes, "--copy", 1)[1] != sample(*codes, "--copy", 2)[1]
    greedy = [*codes, "--decoding", "greedy"]
    assert sample(*greedy, "--copy", 1)[1] == sample(*greedy, "--copy", 2)[1]


def test_as_a_synthetic_corpus_with_its_report(place, sample, tmp_path):
    """Sentences are cut after as many words as the longest to train on has, and its end mark."""
    text, report = tmp_path / "new/sentences.txt", tmp_path / "new/report.json"
    argv = ["--corpus", place / "corpus", "--sentences", 200, "--seed", 2, "--copy", 3]
    status, out, err = sample(*argv, "--output", text, "--report", report)
    sentences, tally = expected(corpus_codes(200, LATENT, 2, 3), seed=2, copy=3, longest=9)
    assert (status, out) == (0, "")
    assert text.read_text() == sentences
    assert max(len(line.split()) for line in sentences.splitlines()) == 9
    assert json.loads(report.read_text()) == {
        "cell": TRAINED.cell.as_dict(),
        "decoding": "nucleus0.9",
        "copy": 3,
        "seed": 2,
        "longest": 9,
        "sentences": 200,
        "words": len(sentences.split()),
        "unknown": sentences.split().count("<unk>"),
        "empty": sentences.splitlines().count(""),
        "cut": tally.cut,
    }
    assert tally.cut > 0
    assert err == (
        f"tiny/lively/C2/seed1, nucleus0.9, copy 3: {tally.cut} of 200 sentences did not end "
        "within 9 words and were cut there\n"
    )


def test_a_model_that_has_one_word_says_so(place, sample, tmp_path):
    """With the cell's name: a corpus of it would teach a language model nothing."""
    for word, message in ((0, "is empty"), (1, "has no word but <unk>")):
        mute = lively_model()
        with torch.no_grad():
            mute.model.output.weight.zero_()
            mute.model.output.bias.fill_(-100)[word] = 100
        saved.save(tmp_path / "mute", mute, {})
        status, out, err = sample("--model", tmp_path / "mute", "--longest", 3)
        assert (status, out) == (0, "\n" * 10 if word == 0 else "<unk> <unk> <unk>\n" * 10)
        name = "tiny/lively/C2/seed1, nucleus0.9, copy 1"
        assert err.splitlines()[-1] == f"{name}: every one of 10 sentences {message}"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--decoding", "beam5"], "'beam5' is not a decoding scheme; expected greedy, top15, "),
        (["--decoding", "nucleus1.5"], "'nucleus1.5': a nucleus must be between 0 and 1 "),
        (["--sentences", "0"], "--sentences: 0 is not a number of at least 1"),
        (["--seed", "-1"], "--seed: -1 is not a number of at least 0"),
        (["--copy", "0"], "--copy: 0 is not a number of at least 1"),
        (["--longest", "0"], "--longest: 0 is not a number of at least 1"),
        (["--codes", "gone.npy"], "gone.npy: no such file (`textvae codes` makes it)"),
        (["--corpus", "gone"], "gone: not a prepared corpus (`textvae prepare` makes one)"),
        (["--model", "gone"], "gone/config.json: no such file"),
        (["--device", "tpu"], "--device: 'tpu' is not cpu, cuda, cuda:N or auto"),
        (["--codes", "wide.npy"], "wide.npy: codes of 5 dimensions, the model has 4"),
        (["--codes", "lines.npy"], "lines.npy: a float32 array (3, 2, 4), expected float32 the "),
        (["--codes", "empty.npy"], "empty.npy: not a whole .npy array ("),
    ],
)
def test_wrong_input_is_one_line_of_error(sample, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    save_array(tmp_path / "wide.npy", corpus_codes(3, LATENT + 1, 1, 1))
    save_array(tmp_path / "lines.npy", line_ends(3, LATENT, 1))
    (tmp_path / "empty.npy").touch()
    status, out, err = sample(*argv, "--output", "sentences.txt", "--report", "report.json")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"textvae sample: {message}")
    assert not (tmp_path / "sentences.txt").exists()
    assert not (tmp_path / "report.json").exists()


def test_a_wrong_scheme_is_not_waited_for(sample):
    """It is refused before the model is looked for, and before torch is there."""
    assert "'top' is not a decoding" in sample("--decoding", "top", "--model", "gone")[2]


@pytest.mark.parametrize(
    "argv", [["--codes", "a.npy", "--sentences", "3"], ["--longest", "3", "--corpus", "a"]]
)
def test_what_would_be_ignored_is_refused(sample, argv):
    with pytest.raises(SystemExit, match="2"):
        sample(*argv)
