"""`textvae kneser-ney`: a model file, or a file that says why there is none."""

import subprocess
import sys

import pytest

from one_by_one import VOCABULARY
from textvae.cli import main
from textvae.fce import kneser_ney
from textvae.fce.dictionary import encode_file
from tiny import tiny_corpus
from tiny_language_model import round_dance, write

NAME = "cbt/lstm/C15/seed1/greedy/copy2"


@pytest.fixture
def argv(tmp_path):
    """The command's words, for a text of the round dance."""
    VOCABULARY.save(tmp_path / "dictionary.txt")
    text = write(tmp_path / "text.txt", round_dance(50))
    flags = ["--name", NAME, "--dictionary", tmp_path / "dictionary.txt", "--text", text]
    return ["kneser-ney", *map(str, flags), "--output", str(tmp_path / "new/model.arpa")]


@pytest.mark.skipif(kneser_ney.trainer() is None, reason="KenLM is not installed")
def test_of_a_text(argv, tmp_path, capsys):
    assert main(argv) == 0
    assert capsys.readouterr() == ("", "")
    kneser_ney.train(
        encode_file(tmp_path / "text.txt", VOCABULARY),
        len(VOCABULARY),
        tmp_path / "expected.arpa",
        NAME,
    )
    model = (tmp_path / "new/model.arpa").read_text()
    assert model == (tmp_path / "expected.arpa").read_text()


@pytest.mark.skipif(kneser_ney.trainer() is None, reason="KenLM is not installed")
def test_of_some_sentences_of_a_corpus(argv, tmp_path):
    at = argv.index("--text")
    corpus = tiny_corpus(tmp_path / "corpus", sentences=30).folder
    argv[at : at + 2] = ["--corpus", str(corpus), "--sentences", "20"]
    assert main(argv) == 0
    assert "ngram 5=" in (tmp_path / "new/model.arpa").read_text()


def test_without_lmplz_one_line_says_so_and_the_work_goes_on(argv, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(kneser_ney, "trainer", lambda: None)
    assert main(argv) == 0
    assert (tmp_path / "new/model.arpa").read_text() == "not built\n"
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{NAME}: ")
    assert "'not built'" in line


def test_where_lmplz_fails_one_line_has_the_name(argv, tmp_path, capsys, monkeypatch):
    fake = tmp_path / "lmplz"
    fake.write_text("#!/bin/sh\ncat > /dev/null\necho no room >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(kneser_ney, "trainer", lambda: str(fake))
    assert main(argv) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"textvae kneser-ney: {NAME}: lmplz failed with status 1 (no room)"
    assert not (tmp_path / "new/model.arpa").exists()


def test_an_empty_text_is_named(argv, tmp_path, capsys):
    write(tmp_path / "text.txt", [])
    assert main(argv) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("text.txt: empty, expected a sentence a line")


def test_it_needs_no_torch(argv):
    code = (
        "import sys; from textvae.cli import main; from textvae.fce import kneser_ney;"
        "kneser_ney.trainer = lambda: None;"
        "assert main(sys.argv[1:]) == 0; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, *argv], check=True, stderr=subprocess.DEVNULL)
