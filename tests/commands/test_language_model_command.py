"""`textvae language-model`: trained on a text, or on the training split of a corpus."""

import json
import signal

import pytest

from one_by_one import VOCABULARY
from textvae.cli import main
from textvae.corpora.vocabulary import Vocabulary
from textvae.fce.dictionary import recode
from textvae.fce.training import LanguageModelJob, train
from textvae.models import language_model
from textvae.models.kernels.compiled import compiled
from tiny import CPU, tiny_corpus
from tiny_language_model import RECIPE, SIZES, round_dance, text_task, write
from training_processes import after_steps, stop_at

FLAGS = [
    *("--embedding", "6", "--hidden", "8", "--embedding-range", "0.5"),
    *("--epochs", "4", "--held-out", "0.2", "--batch", "16", "--learning-rate", "0.03"),
    *("--precision", "float32"),
]


@pytest.fixture
def folder(tmp_path):
    """A folder with a text and a dictionary."""
    VOCABULARY.save(tmp_path / "dictionary.txt")
    write(tmp_path / "text.txt", round_dance(100))
    return tmp_path


@pytest.fixture
def learn(folder, capsys):
    """Run the command into the folder `lm`; return its status and what it printed."""

    def learn(*argv, flags=FLAGS):
        text = ["--name", "tiny/text", "--dictionary", folder / "dictionary.txt", *argv]
        status = main(["language-model", *map(str, [*text, *flags, "--output", folder / "lm"])])
        return status, capsys.readouterr().err

    return learn


def test_text_of_another_format_or_of_unknown_words_is_warned_of(folder, learn):
    lines = ['{"text": "w1 w2 w3"}\n'] * 20
    (folder / "text.txt").write_text("".join(lines))
    status, printed = learn("--text", folder / "text.txt", "--epochs", "1")
    assert status == 0
    assert "json-lines" in printed
    # {"text":, "w1 and w3"} are unknown, w2 is not.
    assert "60 of 80 words (75.0%)" in printed


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


def test_interrupted_training_on_a_text_equals_that_of_the_library(folder, learn, monkeypatch):
    with compiled():
        train(text_task(), folder / "expected", folder / "checkpoints", 10)
    with monkeypatch.context() as patch:
        after_steps(patch, stop_at(8))
        with pytest.raises(SystemExit) as stop:
            learn("--text", folder / "text.txt")
    assert stop.value.code == 128 + signal.SIGTERM
    status, printed = learn("--text", folder / "text.txt")
    assert status == 0
    assert "tiny/text  resuming after step 8 of 20\n" in printed
    assert weights(folder / "lm") == weights(folder / "expected")
    assert sorted(path.name for path in (folder / "lm").iterdir()) == [
        *("config.json", "model.safetensors", "training.jsonl", "vocabulary.txt")
    ]
    assert not (folder / "lm.checkpoints").exists()
    lines = [json.loads(line) for line in (folder / "lm/training.jsonl").read_text().splitlines()]
    epochs = [line for line in lines if line.get("split") == "valid"]
    assert [line["epoch"] for line in epochs] == [1, 2, 3, 4]
    assert all(set(line) == {"step", "epoch", "split", "loss"} for line in epochs)


@pytest.mark.parametrize("count", [None, 40])
def test_training_on_sentences_of_a_corpus(folder, learn, count):
    corpus = tiny_corpus(folder / "corpus")
    dictionary = Vocabulary(f"w{i}" for i in range(5, 15))
    dictionary.save(folder / "dictionary.txt")
    number = [] if count is None else ["--sentences", count]
    assert learn("--corpus", corpus.folder, *number, "--seed", 3)[0] == 0
    text = recode(corpus.split("train"), corpus.vocabulary, dictionary)
    if count is not None:
        text = text.take(text.sample(count, 3))
    task = LanguageModelJob("tiny/text", text, dictionary, SIZES, RECIPE, 3, CPU)
    with compiled():
        train(task, folder / "expected", folder / "checkpoints", 10)
    assert weights(folder / "lm") == weights(folder / "expected")
    assert language_model.load(folder / "lm", CPU)[1].digest == dictionary.digest


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        *(("--sentences 5", "--sentences: "), ("--seed -1", "--seed: -1 ")),
        *((f"--seed {2**32}", "--seed: 4294967296 "), ("--patience 0", "--patience: 0 ")),
        *(("--hidden 0", "--hidden: 0 "), ("--device abacus", "--device: 'abacus' ")),
        ("--checkpoint-minutes -1", "--checkpoint-minutes: -1.0 "),
    ],
)
def test_invalid_flag_is_one_line(folder, learn, flags, message):
    status, printed = learn("--text", folder / "text.txt", flags=flags.split())
    assert (status, printed.count("\n")) == (1, 1)
    assert printed.startswith(f"textvae language-model: {message}")
    assert not (folder / "lm").exists()


def test_unusable_text_is_named(folder, learn):
    write(folder / "empty.txt", [])
    write(folder / "one.txt", [["w1"]])
    corpus, small = (tiny_corpus(folder / str(n), sentences=n).folder for n in (5, 1))
    (folder / "words.txt").write_text("w1\nw2\n")
    text = ["--text", folder / "text.txt"]
    for argv, message in [
        (["--text", folder / "empty.txt"], f"{folder}/empty.txt: "),
        (["--text", folder / "one.txt"], "tiny/text: at least 2 sentences"),
        (["--text", folder / "gone.txt"], f"{folder}/gone.txt: "),
        (["--corpus", corpus, "--sentences", "1"], "--sentences: 1 "),
        (["--corpus", small], "tiny/text: at least 2 sentences"),
        ([*text, "--dictionary", folder / "words.txt"], f"{folder}/words.txt: "),
    ]:
        status, printed = learn(*argv)
        assert status == 1
        assert printed.startswith(f"textvae language-model: {message}")
