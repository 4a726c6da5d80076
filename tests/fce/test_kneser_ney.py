"""The 5-gram model: what KenLM makes of words that are numbers, and what we make of KenLM."""

import itertools
import math
import re
import sys

import pytest

from textvae.corpora.encoded import Sentences
from textvae.errors import InputError
from textvae.fce import kneser_ney
from tiny_language_model import round_dance

WORDS = 24
# Words 22 and 23, and 1, which is <unk>, are in the dictionary and not in the text.
TEXT = Sentences.of(
    [[2 + int(word[1:]) for word in sentence] for sentence in round_dance(60)] + [[], [2, 4]]
)

lmplz = pytest.mark.skipif(
    kneser_ney.trainer() is None, reason="KenLM is not installed (bash envs/kenlm.sh .venv)"
)


def score(path, text):
    return kneser_ney.score(kneser_ney.load(path), text)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("kn") / "model.arpa"
    kneser_ney.train(TEXT, WORDS, path, "tiny")
    return path


def read_arpa(path):
    """(log10 p, log10 backoff) of each n-gram, a tuple of words."""
    entries = {}
    for line in path.read_text().splitlines():
        if re.match(r"-?[0-9.e-]+\t", line):
            log10, words, *backoff = line.split("\t")
            entries[tuple(words.split())] = float(log10), float(backoff[0]) if backoff else 0.0
    return entries


def log_p(entries, history, word):
    """ln p(word | history), from the longest n-gram there is; what is missing is paid for."""
    if (word,) not in entries:
        word = "<unk>"
    total, history = 0.0, tuple(history)[-(kneser_ney.ORDER - 1) :]
    while (*history, word) not in entries:
        total += entries[history][1] if history in entries else 0.0
        history = history[1:]
    return math.log(10) * (total + entries[*history, word][0])


def price_by_hand(entries, sentence):
    """Nats of each word of a sentence and of its end."""
    said = ["<s>", *map(str, sentence), "</s>"]
    return [-log_p(entries, said[:n], said[n]) for n in range(1, len(said))]


@lmplz
@pytest.mark.parametrize("history", [[], [2], [2, 3], [9, 10, 11, 12, 13], [4, 2, 9], [1], [3, 22]])
def test_after_any_history_the_probabilities_of_all_words_sum_to_1(model, history):
    """Those of words that the text never had (<unk> among them) included."""
    with_all = Sentences.of([[*history, word, 5] for word in range(1, WORDS)] + [history])
    entries = read_arpa(model)
    said = ["<s>", *map(str, history)]
    total = sum(math.exp(log_p(entries, said, str(word))) for word in range(1, WORDS))
    total += math.exp(log_p(entries, said, "</s>"))
    assert total == pytest.approx(1, abs=1e-5)
    by_hand = [sum(price_by_hand(entries, sentence.tolist())) for sentence in with_all]
    assert score(model, with_all).nll.tolist() == pytest.approx(by_hand, rel=1e-5)


@lmplz
def test_a_text_with_every_word_leaves_next_to_nothing_to_others(tmp_path):
    text = Sentences.of([[word] for word in range(1, WORDS)] * 3)
    kneser_ney.train(text, WORDS, tmp_path / "all.arpa", "tiny")
    entries = read_arpa(tmp_path / "all.arpa")
    events = [*map(str, range(1, WORDS)), "</s>"]
    known = sum(math.exp(log_p(entries, ["<s>"], event)) for event in events)
    assert known + math.exp(log_p(entries, ["<s>"], "another")) == pytest.approx(1, abs=1e-5)
    assert 0.95 < known < 1


@lmplz
def test_it_is_of_order_5_and_its_words_are_ids(model):
    entries = read_arpa(model)
    assert max(map(len, entries)) == 5
    words = set(itertools.chain.from_iterable(entries))
    assert words == {*map(str, range(2, 22)), "<s>", "</s>", "<unk>"}


@lmplz
def test_unknown_words_can_be_left_out_and_are_words_like_others_to_what_follows(tmp_path):
    # After <unk> comes 3, always.
    text = Sentences.of([[2, 1, 3]] * 5 + [[1, 3], [2, 2], [3], []])
    kneser_ney.train(text, 4, tmp_path / "model.arpa", "tiny")
    entries = read_arpa(tmp_path / "model.arpa")
    assert ("1",) in entries
    found = kneser_ney.score(
        kneser_ney.load(tmp_path / "model.arpa"), Sentences.of([[2, 1, 3], [1], [], [3]])
    )
    two, unknown, three, end = price_by_hand(entries, [2, 1, 3])
    assert three < -math.log(0.5)
    assert found.nll[0] == pytest.approx(two + unknown + three + end, rel=1e-5)
    assert found.without_unk[0] == pytest.approx(two + three + end, rel=1e-5)
    unknown, end = price_by_hand(entries, [1])
    assert (found.nll[1], found.without_unk[1]) == pytest.approx((unknown + end, end), rel=1e-5)
    # A sentence without words costs its end, in nats.
    assert found.nll[2] == pytest.approx(-math.log(10) * entries["<s>", "</s>"][0], rel=1e-5)
    assert found.nll[2:].tolist() == found.without_unk[2:].tolist()


@lmplz
def test_its_own_text_is_cheaper_than_another(model):
    backwards = Sentences.of([sentence.tolist()[::-1] for sentence in TEXT])
    ours, theirs = (score(model, text).nll.mean() for text in (TEXT, backwards))
    assert ours < theirs - 3


@lmplz
@pytest.mark.parametrize("text", [[[]], [[], []], [[1, 1], [1]]])
def test_a_text_of_next_to_nothing_has_a_model_too(tmp_path, text):
    kneser_ney.train(Sentences.of(text), WORDS, tmp_path / "model.arpa", "tiny")
    found = kneser_ney.score(
        kneser_ney.load(tmp_path / "model.arpa"), Sentences.of([*text, [2, 3]])
    )
    assert (found.nll > 0).all()
    assert found.nll[0] < found.nll[-1]


@lmplz
def test_nothing_but_the_model_is_left_behind(model, capfd):
    assert [path.name for path in model.parent.iterdir()] == ["model.arpa"]
    score(model, TEXT)
    assert capfd.readouterr() == ("", "")


def test_without_lmplz_the_file_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(kneser_ney, "trainer", lambda: None)
    path = tmp_path / "deep/model.arpa"
    kneser_ney.train(TEXT, WORDS, path, "cbt/lstm/C3/seed1/greedy/copy1")
    assert path.read_text() == "not built\n"
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("cbt/lstm/C3/seed1/greedy/copy1: KenLM (lmplz) is not installed")
    assert "'not built'" in line
    assert score(path, TEXT) is None


def program(path, script):
    """An executable of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_lmplz_is_taken_from_this_pythons_environment_or_else_from_the_path(tmp_path, monkeypatch):
    monkeypatch.setattr(kneser_ney.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv/bin/python"))
    monkeypatch.setenv("PATH", str(tmp_path / "usr/bin"))
    assert kneser_ney.trainer() is None
    on_the_path = program(tmp_path / "usr/bin/lmplz", "")
    assert kneser_ney.trainer() == str(on_the_path)
    pinned = program(tmp_path / "venv/bin/lmplz", "")
    assert kneser_ney.trainer() == str(pinned)
    # A model that cannot be asked is not worth training.
    monkeypatch.setattr(kneser_ney.importlib.util, "find_spec", lambda name: None)
    assert kneser_ney.trainer() is None


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "cat > /dev/null; echo Counting >&2; echo 'No space left' >&2; exit 3",
            "cbt/greedy/copy1: lmplz failed with status 3 (No space left)",
        ),
        # It is gone before it has read its text.
        ("exit 1", "cbt/greedy/copy1: lmplz failed with status 1 (without a word)"),
        ("kill -9 $$", "cbt/greedy/copy1: lmplz failed with status -9 (without a word)"),
    ],
)
def test_where_lmplz_fails_one_line_says_whose_text_it_was(tmp_path, monkeypatch, script, message):
    fake = program(tmp_path / "bin/lmplz", script)
    monkeypatch.setattr(kneser_ney, "trainer", lambda: str(fake))
    with pytest.raises(InputError) as error:
        kneser_ney.train(TEXT, WORDS, tmp_path / "model.arpa", "cbt/greedy/copy1")
    assert str(error.value) == message
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


@lmplz
def test_another_file_is_no_model(tmp_path):
    path = tmp_path / "model.arpa"
    for content in (b"not quite built\n", b"the cat sat\n" * 20, b"\x80data\\\n" * 20):
        path.write_bytes(content)
        with pytest.raises(InputError) as error:
            score(path, TEXT)
        assert str(error.value) == f"{path}: not a model that `textvae kneser-ney` made"
