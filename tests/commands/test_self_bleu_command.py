"""`textvae self-bleu`: a file of sentences in, JSON out."""

import json
import subprocess
import sys

import pytest

from textvae.cli import main


@pytest.fixture
def self_bleu(tmp_path, capsys):
    """Run the command on some bytes: (exit status, standard output, standard error)."""

    def run(text: bytes, *options: str) -> tuple[int, str, str]:
        (tmp_path / "a.txt").write_bytes(text)
        return (main(["self-bleu", str(tmp_path / "a.txt"), *options]), *capsys.readouterr())

    return run


def test_prints_json(self_bleu):
    status, out, err = self_bleu(b"a b c d e\na b c d f\n\na b c d e\n")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert found == {
        "self_bleu4": pytest.approx(100 * (2 + 0.2**0.25) / 4),
        "pairwise_bleu4": pytest.approx(100 * (2 + 4 * 0.2**0.25) / 12),
        "sentences": 4,
        "distinct_sentences": 3,
    }


def test_takes_the_first_sentences(self_bleu):
    text = b"a b c d\na b c d\nother\n"
    assert json.loads(self_bleu(text, "--sentences", "2")[1])["self_bleu4"] == pytest.approx(100)
    assert json.loads(self_bleu(text)[1])["sentences"] == 3


def test_an_unknown_word_is_one_word(self_bleu):
    """Cut at its brackets it would make 4-grams of its own, and self-BLEU some points higher."""
    _, out, _ = self_bleu(b"<unk> <unk> a\n<unk> <unk> b\n")
    expected = 100 * (2 / 3 * 1 / 2 * 0.1 * 0.1) ** 0.25
    assert json.loads(out)["self_bleu4"] == pytest.approx(expected)
    assert json.loads(out)["pairwise_bleu4"] == 0


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (b"", (), "a.txt: too few sentences to compare: 0, expected two or more"),
        (b"a b c d\n", (), "a.txt: too few sentences to compare: 1, expected two or more"),
        (b"a\nb\n", ("--sentences", "1"), "--sentences: 1 is not a number of at least 2"),
        (b"a\n\xff\n", (), "a.txt, line 2: not UTF-8 (byte 0xff at position 1)"),
    ],
)
def test_wrong_input_is_one_line_of_error(self_bleu, text, options, message):
    status, out, err = self_bleu(text, *options)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert message in err


def test_a_missing_file_is_named(tmp_path, capsys):
    assert main(["self-bleu", str(tmp_path / "gone")]) == 1
    assert capsys.readouterr().err == f"textvae self-bleu: {tmp_path}/gone: no such file\n"


def test_needs_no_torch(tmp_path):
    """Nor pandas: a command that counts words answers at once."""
    (tmp_path / "a.txt").write_text("a b\n" * 3)
    code = (
        "import sys; from textvae.cli import main; status = main(sys.argv[1:]); "
        "sys.exit(status or bool({'torch', 'pandas'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, "self-bleu", str(tmp_path / "a.txt")]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0
