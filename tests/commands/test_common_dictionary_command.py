"""`textvae common-dictionary`: from synthetic corpora to the words that they share."""

import pytest

from textvae.cli import main
from textvae.corpora.vocabulary import Vocabulary


@pytest.fixture
def common(tmp_path, capsys):
    """Run the command on texts; the status, and what it printed."""
    Vocabulary(["the", "cat", "dog", "sat"]).save(tmp_path / "vocabulary.txt")

    def run(*texts):
        paths = [tmp_path / f"copy{number}.txt" for number in range(1, len(texts) + 1)]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        argv = ["common-dictionary", *paths, "--vocabulary", tmp_path / "vocabulary.txt"]
        status = main([*map(str, argv), "--output", str(tmp_path / "new/dictionary.txt")])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_the_dictionary_is_a_vocabulary(common, tmp_path):
    path = tmp_path / "new/dictionary.txt"
    status, out, err = common("sat the cat\n", "\nthe dog sat\n", "the sat mouse\n")
    assert (status, err) == (0, "")
    assert out == f"{path}: 2 words common to 3 texts\n"
    assert path.read_text() == "<eos>\n<unk>\nthe\nsat\n"
    assert Vocabulary.load(path).words[2:] == ("the", "sat")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["the cat\n", ""], "copy2.txt: it is empty, so nothing can be learnt from it"),
        (["<unk>\n", "the\n"], "copy1.txt: it has no word but <unk>, so nothing can be learnt"),
        (["the cat\n", "dog sat\n"], "no word is common to 2 texts"),
    ],
)
def test_what_makes_no_dictionary_is_one_line(common, tmp_path, texts, message):
    status, out, err = common(*texts)
    assert (status, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("textvae common-dictionary: ")
    assert message in line
    assert not (tmp_path / "new").exists()
