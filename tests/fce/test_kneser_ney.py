"""Kneser-Ney 5-gram models: training by lmplz, and scores against the ARPA file."""

import importlib.util
import itertools
import math
import re
import sys

import pytest

from compilers import program
from one_by_one import VOCABULARY
from textvae.cli import main
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.fce import kneser_ney
from textvae.fce.dictionary import encode_file
from tiny import tiny_corpus
from tiny_language_model import round_dance, write

WORDS = 24
DICTIONARY = Vocabulary([f"word{i}" for i in range(2, WORDS)])
# Words 22 and 23, and 1, which is <unk>, are in the dictionary and not in the text.
TEXT = Sentences.of([*map(VOCABULARY.encode, round_dance(60)), [], [2, 4]])

needs_kenlm = pytest.mark.skipif(
    kneser_ney.trainer() is None, reason="KenLM is not installed (bash envs/kenlm.sh .venv)"
)


def score(path, text):
    return kneser_ney.score(kneser_ney.load(path), text)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("kn") / "model.arpa"
    kneser_ney.train(TEXT, DICTIONARY, path, "tiny")
    return path


def read_arpa(path):
    """Return (log10 p, log10 backoff) of each n-gram, a tuple of words."""
    entries = {}
    for line in path.read_text().splitlines():
        if re.match(r"-?[0-9.e-]+\t", line):
            log10, words, *backoff = line.split("\t")
            entries[tuple(words.split())] = float(log10), float(backoff[0]) if backoff else 0.0
    return entries


def log_p(entries, history, word):
    """Return ln p(word | history) by the longest n-gram that exists, with its backoffs."""
    if (word,) not in entries:
        word = "<unk>"
    total, history = 0.0, tuple(history)[-(kneser_ney.ORDER - 1) :]
    while (*history, word) not in entries:
        total += entries[history][1] if history in entries else 0.0
        history = history[1:]
    return math.log(10) * (total + entries[*history, word][0])


def costs_of(entries, sentence):
    words = ["<s>", *map(str, sentence), "</s>"]
    return [-log_p(entries, words[:n], words[n]) for n in range(1, len(words))]


@needs_kenlm
@pytest.mark.parametrize("history", [[], [2, 3], [9, 10, 11, 12, 13], [4, 2, 9], [1], [3, 22]])
def test_probabilities_of_all_words_sum_to_one(model, history):
    entries = read_arpa(model)
    words = ["<s>", *map(str, history)]
    events = [*map(str, range(1, WORDS)), "</s>"]
    assert sum(math.exp(log_p(entries, words, event)) for event in events) == pytest.approx(1, 1e-5)
    sentences = Sentences.of([[*history, word, 5] for word in range(1, WORDS)] + [history])
    by_hand = [sum(costs_of(entries, sentence.tolist())) for sentence in sentences]
    assert score(model, sentences).nll.tolist() == pytest.approx(by_hand, rel=1e-5)


@needs_kenlm
def test_model_has_order_5_and_ids_as_words(model, capfd):
    entries = read_arpa(model)
    assert max(map(len, entries)) == 5
    words = set(itertools.chain.from_iterable(entries))
    assert words == {*map(str, range(2, 22)), "<s>", "</s>", "<unk>"}
    backwards = Sentences.of([sentence.tolist()[::-1] for sentence in TEXT])
    assert score(model, TEXT).nll.mean() < score(model, backwards).nll.mean() - 3
    assert [path.name for path in model.parent.iterdir()] == ["model.arpa"]
    assert capfd.readouterr() == ("", "")


@needs_kenlm
def test_model_of_another_dictionary_or_text_is_refused(model, tmp_path):
    kneser_ney.check_model(model, DICTIONARY, TEXT.digest)
    with pytest.raises(InputError, match=f"^{model}: .*dictionary of"):
        kneser_ney.check_model(model, Vocabulary(["b", "a"]), TEXT.digest)
    with pytest.raises(InputError, match=f"^{model}: .*text of"):
        kneser_ney.check_model(model, DICTIONARY, Sentences.of([[2]]).digest)
    (tmp_path / "none.arpa").write_text("not built\n")
    kneser_ney.check_model(tmp_path / "none.arpa", DICTIONARY, TEXT.digest)


@needs_kenlm
def test_unknown_words_are_context_and_can_be_left_out(tmp_path):
    # 3 always follows <unk>.
    text = Sentences.of([[2, 1, 3]] * 5 + [[1, 3], [2, 2], [3], []])
    kneser_ney.train(text, Vocabulary(["a", "b"]), tmp_path / "model.arpa", "tiny")
    entries = read_arpa(tmp_path / "model.arpa")
    scores = score(tmp_path / "model.arpa", Sentences.of([[2, 1, 3], [1], [], [3]]))
    two, unknown, three, end = costs_of(entries, [2, 1, 3])
    assert three < -math.log(0.5)
    assert scores.nll[0] == pytest.approx(two + unknown + three + end, rel=1e-5)
    assert scores.without_unk[0] == pytest.approx(two + three + end, rel=1e-5)
    unknown, end = costs_of(entries, [1])
    assert (scores.nll[1], scores.without_unk[1]) == pytest.approx((unknown + end, end), rel=1e-5)
    # A sentence without words costs its end.
    assert scores.nll[2] == pytest.approx(-math.log(10) * entries["<s>", "</s>"][0], rel=1e-5)
    assert scores.nll[2:].tolist() == scores.without_unk[2:].tolist()


def test_trainer_is_beside_this_python_or_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv/bin/python"))
    monkeypatch.setenv("PATH", str(tmp_path / "usr/bin"))
    assert kneser_ney.trainer() is None
    for folder in ("usr/bin", "venv/bin"):
        assert str(program(tmp_path / folder / "lmplz")) == kneser_ney.trainer()
    # Without the Python module a model could not be queried.
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert kneser_ney.trainer() is None


NAME = "cbt/lstm/C15/seed1/greedy/copy2"


@pytest.fixture
def run(tmp_path, capsys):
    VOCABULARY.save(tmp_path / "dictionary.txt")
    write(tmp_path / "text.txt", round_dance(50))
    output = tmp_path / "new/model.arpa"

    def run(*source):
        """Run the command, by default on a text; return the status, stdout and stderr."""
        source = source or ("--text", tmp_path / "text.txt")
        flags = ["--name", NAME, "--dictionary", tmp_path / "dictionary.txt", *source]
        status = main(["kneser-ney", *map(str, flags), "--output", str(output)])
        return status, *capsys.readouterr()

    run.output = output
    return run


@needs_kenlm
def test_command_trains_on_a_text_or_on_sentences_of_a_corpus(run, tmp_path):
    assert run() == (0, "", "")
    text = encode_file(tmp_path / "text.txt", VOCABULARY)
    kneser_ney.train(text, VOCABULARY, tmp_path / "expected.arpa", NAME)
    assert run.output.read_text() == (tmp_path / "expected.arpa").read_text()
    corpus = tiny_corpus(tmp_path / "corpus", sentences=30).folder
    assert run("--corpus", corpus, "--sentences", 20) == (0, "", "")
    assert "ngram 5=" in run.output.read_text()


def test_without_lmplz_the_file_contains_not_built(run, monkeypatch):
    monkeypatch.setattr(kneser_ney, "trainer", lambda: None)
    status, _, err = run()
    assert (status, err.count("\n")) == (0, 1)
    assert err.startswith(f"{NAME}: ")
    assert "not built" in err
    assert run.output.read_text() == "not built\n"
    assert score(run.output, TEXT) is None


@pytest.mark.parametrize(
    ("script", "messages"),
    [
        ("cat > /dev/null; echo Counting >&2; echo 'No space left' >&2; exit 3", ["3", "No space"]),
        # It ends before it has read its text.
        ("exit 1", ["1"]),
        ("kill -9 $$", ["-9"]),
    ],
)
def test_failure_of_lmplz_names_text_and_status(run, tmp_path, monkeypatch, script, messages):
    fake = program(tmp_path / "lmplz", script)
    monkeypatch.setattr(kneser_ney, "trainer", lambda: str(fake))
    status, _, err = run()
    assert (status, err.count("\n")) == (1, 1)
    assert all(message in err for message in [NAME, *messages])
    assert "Counting" not in err
    assert list(run.output.parent.iterdir()) == []
