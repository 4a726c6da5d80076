"""The command `textvae pairs`."""

import hashlib
import os
import pickle
import subprocess
import sys
from collections import Counter

import pytest

import template_pickles
from realdata import real_file
from textvae.cli import main
from textvae.corpora.grammar import english_like, sample
from textvae.corpora.grammar.minimal_pairs import minimal_pairs
from textvae.corpora.minimal_pairs import read_pairs


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return template_pickles.write(tmp_path_factory.mktemp("pickles") / "syneval")


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    path = tmp_path_factory.mktemp("grammar") / "train.txt"
    sentences = sample(english_like(), 4_000, "1/train")
    path.write_text("".join(f"{' '.join(words)}\n" for words, _ in sentences))
    return path


def run(tmp_path, capsys, *options):
    """Run the command; return its status, the table of pairs, and the words of stderr by line."""
    output = tmp_path / "pairs.tsv"
    try:
        status = main(["pairs", *map(str, options), "--output", str(output)])
    except SystemExit as leaving:
        status = leaving.code
    printed = capsys.readouterr()
    assert printed.out == ""
    return status, output, printed.err


def test_pickles_become_a_table(tmp_path, source, capsys):
    status, output, printed = run(tmp_path, capsys, "--source", source)
    assert status == 0
    pairs = read_pairs(output)
    assert [pair.grammatical for pair in pairs] == [row[2] for row in template_pickles.EXAMPLES]
    lines = [line.split() for line in printed.splitlines()]
    assert lines[0] == ["agreement.simple", "2"]
    assert lines[4] == ["agreement.prepositional-phrase", "3"]
    assert lines[-1] == ["sum", str(len(pairs))]
    assert len(lines) == 16


def test_real_files_give_the_same_table_as_before(tmp_path, capsys):
    folder = real_file("syneval/EMNLP2018_templates")
    _, output, printed = run(tmp_path, capsys, "--source", folder)
    assert printed.splitlines()[-1].split() == ["sum", "163,124"]
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    assert digest == "a8574f022c224c3d92893d26e94f129cad66d0db2257aafcb7a67754b28c8ae0"


def test_grammar_pairs_are_the_same_in_every_process(tmp_path, train, capsys):
    options = ["--grammar", train, "--combinations", "5", "--seed", "7"]
    status, output, printed = run(tmp_path, capsys, *options)
    assert status == 0
    pairs = read_pairs(output)
    assert pairs == minimal_pairs(train.read_text().splitlines(), combinations=5, seed=7)
    rows = Counter(pair.row for pair in pairs)
    expected = {row: str(count) for row, count in rows.items()} | {"sum": str(len(pairs))}
    assert dict(line.split() for line in printed.splitlines()) == expected
    assert len(rows) == 15
    # Python hashes strings differently in each process by default.
    words = [*map(str, options), "--output", str(tmp_path / "again.tsv")]
    env = os.environ | {"PYTHONHASHSEED": "123"}
    command = [sys.executable, "-m", "textvae", "pairs", *words]
    subprocess.run(command, check=True, env=env, capture_output=True)
    assert (tmp_path / "again.tsv").read_bytes() == output.read_bytes()


def test_defaults_are_40_combinations_and_seed_1(tmp_path, train, capsys, monkeypatch):
    calls = []

    def record(sentences, **settings):
        calls.append(settings)
        return minimal_pairs(sentences, 1, 1)

    monkeypatch.setattr("textvae.corpora.grammar.minimal_pairs.minimal_pairs", record)
    run(tmp_path, capsys, "--grammar", train)
    run(tmp_path, capsys, "--grammar", train, "--seed", "0", "--combinations", "1")
    assert calls == [{"combinations": 40, "seed": 1}, {"combinations": 1, "seed": 0}]


@pytest.mark.parametrize(
    ("flags", "status", "key"),
    [
        ("--source SOURCE --combinations 40", 1, "--combinations: "),
        ("--source SOURCE --seed 0", 1, "--seed: "),
        ("--grammar TRAIN --combinations 0", 1, "--combinations: 0 "),
        ("--grammar TRAIN --seed -1", 1, "--seed: -1 "),
        ("--grammar TRAIN --seed 4294967296", 1, "--seed: 4294967296 "),
        *(("--source SOURCE --grammar TRAIN", 2, "--source"), ("", 2, "--source --grammar")),
        *(("--source NONE", 1, "NONE: "), ("--source EVIL", 1, "EVIL/subj_rel.pickle, byte ")),
        ("--grammar NONE", 1, "NONE: no such file"),
        ("--grammar SHORT", 1, "SHORT: agreement.simple: "),
    ],
)
def test_invalid_flags_and_files_are_named(tmp_path, source, train, capsys, flags, status, key):
    (tmp_path / "SHORT").write_text("the cat sits\n")
    template_pickles.write(tmp_path / "EVIL")
    (tmp_path / "EVIL" / "subj_rel.pickle").write_bytes(pickle.dumps({"sing": [print]}))
    paths = {"SOURCE": source, "TRAIN": train}
    paths |= {word: tmp_path / word for word in ("NONE", "EVIL", "SHORT")}
    options = [paths.get(word, word) for word in flags.split()]
    code, output, printed = run(tmp_path, capsys, *options)
    assert code == status
    last = printed.splitlines()[-1]
    assert all(word in last for word in key.split())
    assert not output.exists()
    assert status == 2 or printed.count("\n") == 1
