"""`textvae pairs` as a person or a rule calls it."""

import hashlib
import os
import pickle
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import template_pickles
from realdata import real_file
from textvae.cli import main
from textvae.corpora.grammar import english_like, sample
from textvae.corpora.grammar.minimal_pairs import minimal_pairs
from textvae.corpora.minimal_pairs import read_pairs


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return template_pickles.write(tmp_path_factory.mktemp("pickles") / "syneval")


@pytest.fixture(scope="module")
def train(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("grammar") / "train.txt"
    sentences = sample(english_like(), 4_000, "1/train")
    path.write_text("".join(f"{' '.join(words)}\n" for words, _ in sentences))
    return path


def table(tmp_path: Path, *options: str | Path) -> Path:
    output = tmp_path / "pairs.tsv"
    assert main(["pairs", *map(str, options), "--output", str(output)]) == 0
    return output


def test_pickles_become_a_table(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = read_pairs(table(tmp_path, "--source", source))
    assert [pair.grammatical for pair in pairs] == [row[2] for row in template_pickles.EXAMPLES]
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = [line.split() for line in printed.err.splitlines()]
    assert lines[0] == ["agreement.simple", "2"]
    assert lines[4] == ["agreement.prepositional-phrase", "3"]
    assert lines[-1] == ["sum", str(len(pairs))]
    assert len(lines) == 16


def test_the_real_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = table(tmp_path, "--source", real_file("syneval/EMNLP2018_templates"))
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.split() == ["sum", "163,124"]
    # No outside value exists of our own form; this one guards against change.
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == "a8574f022c224c3d92893d26e94f129cad66d0db2257aafcb7a67754b28c8ae0"


def test_every_process_writes_the_same_bytes(tmp_path: Path, source: Path, train: Path) -> None:
    for options in (["--source", source], ["--grammar", train, "--combinations", "3"]):
        expected = table(tmp_path, *options).read_bytes()
        # Python hashes strings differently in each process unless told not to.
        environment = {**os.environ, "PYTHONHASHSEED": "123"}
        words = [*map(str, options), "--output", str(tmp_path / "again.tsv")]
        command = [sys.executable, "-m", "textvae", "pairs", *words]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        assert (tmp_path / "again.tsv").read_bytes() == expected


def test_the_grammar_makes_pairs_of_its_own(
    tmp_path: Path, train: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--grammar", train, "--combinations", "5", "--seed", "7"]
    pairs = read_pairs(table(tmp_path, *options))
    assert pairs == minimal_pairs(train.read_text().splitlines(), combinations=5, seed=7)
    rows = Counter(pair.row for pair in pairs)
    printed = dict(line.split() for line in capsys.readouterr().err.splitlines())
    assert printed == {row: str(count) for row, count in rows.items()} | {"sum": str(len(pairs))}
    assert len(rows) == 15


def test_the_defaults_that_help_tells(
    tmp_path: Path, train: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def record(sentences, **settings):
        asked.append(settings)
        return minimal_pairs(sentences, 1, 1)

    monkeypatch.setattr("textvae.corpora.grammar.minimal_pairs.minimal_pairs", record)
    table(tmp_path, "--grammar", train)
    table(tmp_path, "--grammar", train, "--seed", "0")
    assert asked == [{"combinations": 40, "seed": 1}, {"combinations": 40, "seed": 0}]


def refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str | Path
) -> tuple[int, str]:
    output = tmp_path / "pairs.tsv"
    try:
        status = main(["pairs", *map(str, options), "--output", str(output)])
    except SystemExit as leaving:
        status = leaving.code
    assert not output.exists()
    return status, capsys.readouterr().err


@pytest.mark.parametrize(
    ("origin", "flags", "said"),
    [
        (
            "--source",
            "--combinations 40",
            "--combinations: can only be used with --grammar, not with --source",
        ),
        ("--source", "--seed 0", "--seed: can only be used with --grammar, not with --source"),
        ("--grammar", "--combinations 0", "--combinations: 0 is not a number of at least 1"),
        ("--grammar", "--seed -1", "--seed: -1 is not a number of at least 0"),
        ("--grammar", "--seed 4294967296", "--seed: 4294967296 is not a number of at most 4294967"),
    ],
)
def test_flags_that_do_not_fit(
    tmp_path: Path,
    source: Path,
    train: Path,
    capsys: pytest.CaptureFixture[str],
    origin: str,
    flags: str,
    said: str,
) -> None:
    path = {"--source": source, "--grammar": train}[origin]
    status, printed = refusal(tmp_path, capsys, origin, path, *flags.split())
    assert status == 1
    (line,) = printed.splitlines()
    assert line.startswith(f"textvae pairs: {said}")


@pytest.mark.parametrize("options", [[], ["--source", "a", "--grammar", "b"]])
def test_one_origin_is_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    status, printed = refusal(tmp_path, capsys, *options)
    assert status == 2
    assert "--source" in printed
    assert "--grammar" in printed


def test_wrong_files_are_one_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "short.txt").write_text("the cat sits\n")
    folder = template_pickles.write(tmp_path / "syneval")
    evil = folder / "subj_rel.pickle"
    evil.write_bytes(pickle.dumps({"sing": [print]}))
    for option, path, said in [
        ("--source", tmp_path / "none", f"{tmp_path / 'none'}: no such folder"),
        ("--source", folder, f"{evil}, byte "),
        ("--grammar", tmp_path / "none.txt", f"{tmp_path / 'none.txt'}: no such file"),
        ("--grammar", tmp_path / "short.txt", f"{tmp_path / 'short.txt'}: agreement.simple: "),
    ]:
        status, printed = refusal(tmp_path, capsys, option, path)
        assert status == 1
        (line,) = printed.splitlines()
        assert line.startswith(f"textvae pairs: {said}")
