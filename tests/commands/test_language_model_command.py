"""`textvae language-model`: of a synthetic text, and of the training split of real text."""

import json
import os
import signal

import pytest

from one_by_one import VOCABULARY
from textvae.cli import main
from textvae.corpora.encoded import EncodedCorpus
from textvae.corpora.vocabulary import Vocabulary
from textvae.fce.dictionary import recode
from textvae.fce.training import LanguageModelJob, train
from textvae.models import language_model
from textvae.models.kernels import compiled as native
from textvae.training.trainer import Trainer
from tiny import CPU, tiny_corpus
from tiny_language_model import RECIPE, SIZES, round_dance, text_task, write

FLAGS = [
    *("--embedding", "6", "--hidden", "8", "--embedding-range", "0.5"),
    *("--epochs", "4", "--held-out", "0.2", "--batch", "16", "--learning-rate", "0.03"),
    *("--precision", "float32"),
]


@pytest.fixture
def place(tmp_path):
    """A folder with a text, and a dictionary."""
    VOCABULARY.save(tmp_path / "dictionary.txt")
    write(tmp_path / "text.txt", round_dance(100))
    return tmp_path


@pytest.fixture
def learn(place, capsys):
    """Run the command into PLACE/lm; the status, and what it printed."""

    def run(*argv, flags=FLAGS):
        dictionary = ["--name", "tiny/text", "--dictionary", place / "dictionary.txt"]
        argv = [*dictionary, *argv, *flags, "--output", place / "lm"]
        status = main(["language-model", *map(str, argv)])
        return status, capsys.readouterr().err

    return run


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


def test_of_a_text(place, learn):
    status, err = learn("--text", place / "text.txt")
    assert status == 0
    assert all(line.startswith("tiny/text  ") for line in err.splitlines())
    with native.compiled():
        train(text_task(), place / "expected", place / "keep", 10)
    assert weights(place / "lm") == weights(place / "expected")
    assert sorted(path.name for path in (place / "lm").iterdir()) == [
        *("config.json", "model.safetensors", "training.jsonl", "vocabulary.txt")
    ]
    assert not (place / "lm.checkpoints").exists()


@pytest.mark.parametrize("count", [None, 40])
def test_of_the_training_split_of_a_corpus_or_some_of_its_sentences(place, learn, count):
    corpus = EncodedCorpus(tiny_corpus(place / "corpus").folder)
    dictionary = Vocabulary(f"w{i}" for i in range(5, 15))
    dictionary.save(place / "dictionary.txt")
    some = [] if count is None else ["--sentences", count]
    assert learn("--corpus", corpus.folder, *some, "--seed", 3)[0] == 0
    text = recode(corpus.split("train"), corpus.vocabulary, dictionary)
    if count is not None:
        text = text.take(text.sample(count, 3))
    task = LanguageModelJob("tiny/text", text, dictionary, SIZES, RECIPE, 3, CPU)
    with native.compiled():
        train(task, place / "expected", place / "keep", 10)
    assert weights(place / "lm") == weights(place / "expected")
    assert language_model.load(place / "lm", CPU)[1].digest == dictionary.digest


def test_a_signal_leaves_a_checkpoint_and_a_second_run_goes_on(place, learn, monkeypatch):
    with native.compiled():
        train(text_task(), place / "expected", place / "keep", 10)
    advance = Trainer.advance

    def advance_and_be_stopped(training, batch):
        advance(training, batch)
        if training.step == 8:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Trainer, "advance", advance_and_be_stopped)
    with pytest.raises(SystemExit) as stop:
        learn("--text", place / "text.txt")
    assert stop.value.code == 128 + signal.SIGTERM
    assert list((place / "lm.checkpoints").iterdir())
    status, err = learn("--text", place / "text.txt")
    assert status == 0
    assert "stopped after step 8, will go on from there\n" in err
    assert "tiny/text  resuming after step 8 of 20\n" in err
    assert weights(place / "lm") == weights(place / "expected")


def refused(result):
    status, err = result
    assert status == 1
    (line,) = err.splitlines()
    assert line.startswith("textvae language-model: ")
    return line.removeprefix("textvae language-model: ")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--sentences", "5"], "--sentences: can only be used with --corpus, not with --text"),
        (["--seed", "-1"], "--seed: -1 is not a number from 0 to 4294967295"),
        (["--seed", str(2**64)], f"--seed: {2**64} is not a number from 0 to 4294967295"),
        (["--patience", "0"], "--patience: 0 is not a number of at least 1"),
        (["--hidden", "0"], "--hidden: 0 is not a number of at least 1"),
        (["--checkpoint-minutes", "-1"], "--checkpoint-minutes: -1.0 is not a number of at least"),
        (["--device", "abacus"], "--device: 'abacus' is not cpu, cuda, cuda:N or auto"),
    ],
)
def test_flags_that_do_not_fit(place, learn, argv, message):
    said = refused(learn("--text", place / "text.txt", flags=argv))
    assert said.startswith(message)
    assert not (place / "lm").exists()


def test_a_corpus_needs_two_sentences_to_learn(place, learn):
    corpus = tiny_corpus(place / "corpus").folder
    said = refused(learn("--corpus", corpus, "--sentences", "1"))
    assert said == "--sentences: 1 is not a number of at least 2"
    said = refused(learn("--corpus", tiny_corpus(place / "small", sentences=1).folder))
    assert said.startswith("tiny/text: at least 2 sentences are needed")


def test_texts_that_cannot_be_learnt_are_named(place, learn):
    said = refused(learn("--text", write(place / "empty.txt", [])))
    assert said == f"{place}/empty.txt: empty, expected a sentence a line"
    said = refused(learn("--text", write(place / "one.txt", [["w1"]])))
    assert said.startswith("tiny/text: at least 2 sentences are needed")
    said = refused(learn("--text", place / "gone.txt"))
    assert said == f"{place}/gone.txt: no such file"
    (place / "dictionary.txt").write_text("w1\nw2\n")
    said = refused(learn("--text", place / "text.txt"))
    assert said.startswith(f"{place}/dictionary.txt: a vocabulary begins with the lines <eos>")


@pytest.mark.parametrize("argv", [[], ["--text", "a", "--corpus", "b"]])
def test_it_is_of_a_text_or_of_a_corpus(learn, argv, capsys):
    with pytest.raises(SystemExit) as stop:
        learn(*argv)
    assert stop.value.code == 2
    assert "usage: textvae" in capsys.readouterr().err


def test_the_record_says_how_it_went(place, learn):
    learn("--text", place / "text.txt")
    lines = [json.loads(line) for line in (place / "lm/training.jsonl").read_text().splitlines()]
    epochs = [line for line in lines if line.get("split") == "valid"]
    assert [line["epoch"] for line in epochs] == [1, 2, 3, 4]
    assert all(set(line) == {"step", "epoch", "split", "loss"} for line in epochs)
