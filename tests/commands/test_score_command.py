"""`textvae score`: two files of sentences in, JSON out."""

import json
import subprocess
import sys

import pytest

from textvae.cli import main


@pytest.fixture
def score(tmp_path, capsys):
    """Run the command on two byte strings: (exit status, standard output, standard error)."""

    def run(reference: bytes, hypothesis: bytes) -> tuple[int, str, str]:
        (tmp_path / "a.txt").write_bytes(reference)
        (tmp_path / "b.txt").write_bytes(hypothesis)
        argv = ["--reference", str(tmp_path / "a.txt"), "--hypothesis", str(tmp_path / "b.txt")]
        return (main(["score", *argv]), *capsys.readouterr())

    return run


def test_prints_json(score):
    status, out, err = score(b"the cat sat on the mat\na b c d\n", b"the cat sat on the mat\na\n")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert found["sentences_all"] == found["sentences_bucket1"] == 2
    assert found["rouge2_all"] == pytest.approx(50)
    assert found["bleu2_bucket3"] is None


def test_a_blank_line_is_an_empty_reconstruction(score):
    """At the end too: the file ends with the line break of its last, empty, line."""
    status, out, _ = score(b"a b\nc d\ne f", b"a b\n\n\n")
    assert status == 0
    assert json.loads(out)["sentences_all"] == 3
    assert json.loads(out)["rouge2_all"] == pytest.approx(100 / 3)


def test_windows_line_ends_are_no_words(score):
    _, out, _ = score(b"a b c d\r\n", b"a b c d\n")
    assert json.loads(out)["bleu4_all"] == pytest.approx(100)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "message"),
    [
        (b"a\nb\nc\n", b"a\nb\n", "a.txt has 3 lines and "),
        (b"a\nb\nc\n", b"a\nb\n", "b.txt has 2; they must pair line by line"),
        (b"", b"", "a.txt: empty, expected a sentence a line"),
        (b"a\n \nb\n", b"a\nb\nc\n", "a.txt: line 2 is blank, expected words"),
        (b"a\n", b"\xff\n", "b.txt: not UTF-8 at byte 0"),
    ],
)
def test_wrong_files_are_one_line_of_error(score, reference, hypothesis, message):
    status, out, err = score(reference, hypothesis)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert message in err


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main(["score", "--reference", str(tmp_path / "no"), "--hypothesis", "b"]) == 1
    assert "no: no such file" in capsys.readouterr().err


def test_it_needs_no_torch():
    program = (
        "import sys\n"
        "import textvae.commands.score, textvae.measurements.overlap\n"
        "sys.exit(bool({'torch', 'pandas'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
