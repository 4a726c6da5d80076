"""`textvae prepare` as a person or a rule calls it."""

import hashlib
import json
from pathlib import Path

import pytest

from raw_texts import TEXTS, decoded, write
from textvae.cli import main
from textvae.corpora import sources as manifest
from textvae.corpora.encoded import EncodedCorpus


def command(folder: Path, *extra: str, texts: dict[str, str] = TEXTS) -> list[str]:
    paths = write(folder, texts)
    inputs = [word for split, path in paths.items() for word in (f"--{split}", str(path))]
    return ["prepare", "--name", "cats", *inputs, "--output", str(folder / "out"), *extra]


def test_every_setting_has_its_flag(tmp_path: Path) -> None:
    texts = dict.fromkeys(TEXTS, "1\tThe CAT 's .\n2\tthe end\n5\tA cat sat on the mat\n" * 4)
    flags = (
        "--format yelp --normalise lowercase drop-quotes --shortest 2 --longest 4 --vocabulary 3 "
        "--train-size 5 --valid-size 4 --test-size 3 --seed 8"
    )
    assert main(command(tmp_path, *flags.split(" "), texts=texts)) == 0
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_text())
    assert statistics["name"] == "cats"
    assert statistics["settings"] == {
        "format": "yelp",
        "normalise": ["lowercase", "drop-quotes"],
        "shortest": 2,
        "longest": 4,
        "vocabulary": 3,
        "train_size": 5,
        "valid_size": 4,
        "test_size": 3,
        "seed": 8,
    }
    sizes = [statistics["splits"][split]["sentences"] for split in TEXTS]
    assert sizes == [5, 4, 3]
    assert len(EncodedCorpus(tmp_path / "out").vocabulary) == 5


def test_it_ends_with_the_sizes_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(tmp_path, "--train-size", "100")) == 0
    printed = capsys.readouterr().out
    assert "sentences                 3            2            3" in printed
    assert "asked for               100          all          all" in printed


def test_a_closed_vocabulary(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("the\ncat\n")
    assert main(command(tmp_path, "--words", str(tmp_path / "words.txt"))) == 0
    assert decoded(tmp_path / "out", "train")[0] == "the cat <unk> <unk>"


def test_steps_may_be_none(tmp_path: Path) -> None:
    assert main(command(tmp_path, "--normalise")) == 0


def test_wrong_text_is_one_line_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(tmp_path, texts={**TEXTS, "valid": "\n"})) == 1
    assert capsys.readouterr().err == (
        f"textvae prepare: {tmp_path / 'valid.txt'}: nothing but 1 blank line in it, "
        "expected at least 2 sentences\n"
    )


@pytest.mark.parametrize("name", ["../cats", "", "a\udcff", "cats\n"])
def test_a_name_that_no_cell_could_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(command(tmp_path, "--name", name)) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"textvae prepare: --name {name!r}: a name is made of letters")
    assert not (tmp_path / "out").exists()


def test_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    argv = command(tmp_path)
    strange = tmp_path / "valid\udcff.txt"
    (tmp_path / "valid.txt").rename(strange)
    assert main([*argv, "--valid", str(strange)]) == 0
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_text())
    assert statistics["splits"]["valid"]["file"] == r"valid\udcff.txt"


def test_a_path_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = command(tmp_path)
    (tmp_path / "test.txt").unlink()
    assert main(argv) == 1
    assert capsys.readouterr().err == (f"textvae prepare: {tmp_path / 'test.txt'}: no such file\n")


def test_a_source_whose_file_was_replaced_since(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `textvae fetch` left it, one file was put in the place of another afterwards."""
    argv = command(tmp_path)
    entry = {"file": "valid.txt", "bytes": 27, "sha256": hashlib.sha256(b"").hexdigest()}
    manifest.write(tmp_path, "cats", [entry])
    assert main(argv) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"textvae prepare: {tmp_path / 'valid.txt'}: not the file that was ch")
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()
    (tmp_path / "manifest.json").unlink()
    assert main(argv) == 0


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("--longest", "0"), "textvae prepare: --longest: 0 is not a number of at least 1"),
        (("--format", "xml"), "argument --format: invalid choice: 'xml'"),
        (("--normalise", "upper"), "argument --normalise: invalid choice: 'upper'"),
        (("--train-size", "many"), "argument --train-size: invalid int value: 'many'"),
    ],
)
def test_wrong_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], extra: tuple[str, ...], said: str
) -> None:
    try:
        status = main(command(tmp_path, *extra))
    except SystemExit as leaving:
        status = leaving.code
    assert status in (1, 2)
    assert said in capsys.readouterr().err
