"""The commands `textvae prepare` and `textvae split`."""

import hashlib
import json

import pytest

from raw_texts import TEXTS, decoded, write
from textvae.cli import main
from textvae.corpora import sources
from textvae.corpora.encoded import EncodedCorpus


def command(folder, *extra, texts=TEXTS):
    paths = write(folder, texts)
    inputs = [word for split, path in paths.items() for word in (f"--{split}", str(path))]
    return ["prepare", "--name", "cats", *inputs, "--output", str(folder / "out"), *extra]


def test_every_setting_has_its_flag(tmp_path):
    texts = dict.fromkeys(TEXTS, "1\tThe CAT 's .\n2\tthe end\n5\tA cat sat on the mat\n" * 4)
    flags = (
        "--format plain --label tab --split-sentences en --normalise lowercase drop-quotes "
        "--shortest 2 --longest 4 --vocabulary 3 "
        "--train-size 5 --valid-size 4 --test-size 3 --seed 8"
    )
    assert main(command(tmp_path, *flags.split(" "), texts=texts)) == 0
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_text())
    assert statistics["name"] == "cats"
    assert statistics["settings"] == json.loads(
        """{"format": "plain", "label": "tab", "split_sentences": "en",
        "normalise": ["lowercase", "drop-quotes"], "shortest": 2,
        "longest": 4, "vocabulary": 3, "train_size": 5, "valid_size": 4, "test_size": 3,
        "seed": 8}"""
    )
    assert [statistics["splits"][split]["sentences"] for split in TEXTS] == [5, 4, 3]
    corpus = EncodedCorpus(tmp_path / "out")
    assert len(corpus.vocabulary) == 5
    assert corpus.normalise == ("lowercase", "drop-quotes")


def test_words_are_read_and_sizes_printed(tmp_path, capsys):
    (tmp_path / "words.txt").write_text("the\ncat\n")
    argv = command(tmp_path, "--words", str(tmp_path / "words.txt"), "--normalise")
    assert main([*argv, "--train-size", "100"]) == 0
    assert decoded(tmp_path / "out", "train")[0] == "the cat <unk> <unk>"
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["asked", "for", "100", "all", "all"] in rows


def test_file_name_that_is_not_utf_8_is_escaped(tmp_path):
    argv = command(tmp_path)
    strange = tmp_path / "valid\udcff.txt"
    (tmp_path / "valid.txt").rename(strange)
    assert main([*argv, "--valid", str(strange)]) == 0
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_text())
    assert statistics["splits"]["valid"]["file"] == r"valid\udcff.txt"


def test_file_changed_since_its_fetch_is_refused(tmp_path, capsys):
    argv = command(tmp_path)
    entry = {"file": "valid.txt", "bytes": 27, "sha256": hashlib.sha256(b"").hexdigest()}
    sources.write(tmp_path, "cats", [entry])
    assert main(argv) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"textvae prepare: {tmp_path / 'valid.txt'}: ")
    assert not (tmp_path / "out").exists()
    (tmp_path / "manifest.json").unlink()
    assert main(argv) == 0


NAMES = [["--name", name] for name in ("../cats", "", "a\udcff", "cats\n")]


@pytest.mark.parametrize(
    "flags", [*NAMES, ["--longest", "0"], ["--format", "xml"], ["--normalise", "upper"]]
)
def test_invalid_name_or_setting_is_named(tmp_path, capsys, flags):
    try:
        status = main(command(tmp_path, *flags))
    except SystemExit as leaving:
        status = leaving.code
    assert status in (1, 2)
    last = capsys.readouterr().err.splitlines()[-1]
    assert flags[0] in last
    assert (repr(flags[1]) if flags in NAMES else flags[1]) in last
    assert not (tmp_path / "out").exists()


def test_split_prints_the_lines_of_each_split(tmp_path, capsys):
    text = tmp_path / "text.txt"
    argv = ["split", "--text", str(text), "--output", str(tmp_path / "out")]
    assert main(argv) == 1
    assert capsys.readouterr().err == f"textvae split: {text}: no such file\n"
    text.write_text("a b c\n" * 120)
    assert main([*argv, "--seed", "-1"]) == 1
    assert "--seed: -1" in capsys.readouterr().err
    assert main([*argv, "--seed", "0"]) == 0
    printed = (
        f"{tmp_path}/out: lines of train 96, valid 12, test 12; also in train: valid 12, test 12"
    )
    assert capsys.readouterr().out == f"{printed}\n"
