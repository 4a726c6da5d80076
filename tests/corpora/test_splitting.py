"""One text as three splits: each line in one of them, in its order."""

from itertools import chain

import pytest

from textvae.corpora.preparation import split_text
from textvae.errors import InputError


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("".join(f"line {number}\n\n" for number in range(250)))
    return path


def read(folder):
    return {
        split: (folder / f"{split}.txt").read_text().splitlines()
        for split in ("train", "valid", "test")
    }


def test_every_line_is_in_one_split(text, tmp_path):
    counts = split_text(text, tmp_path / "out", seed=1)
    splits = read(tmp_path / "out")
    assert counts == {"train": 200, "valid": 25, "test": 25}
    assert {split: len(lines) for split, lines in splits.items()} == counts
    numbers = {split: [int(line.split()[1]) for line in lines] for split, lines in splits.items()}
    assert sorted(chain(*numbers.values())) == list(range(250))
    assert all(one == sorted(one) for one in numbers.values())


def test_what_is_held_out_follows_from_the_seed(text, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        split_text(text, tmp_path / name, seed)
    assert read(tmp_path / "a") == read(tmp_path / "b")
    assert read(tmp_path / "a")["test"] != read(tmp_path / "c")["test"]


def test_of_much_text_10_000_lines_each_are_held_out(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("a\n" * 130_000)
    counts = split_text(path, tmp_path / "out", seed=1)
    assert counts == {"train": 110_000, "valid": 10_000, "test": 10_000}


def test_too_little_text(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("a\n\n" * 99)
    with pytest.raises(InputError, match=r"short\.txt: 99 lines with text, expected at least 100"):
        split_text(path, tmp_path / "out", seed=1)
    assert not (tmp_path / "out").exists()


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "bad.txt"
    path.write_bytes(b"a\n" * 150 + b"\xff\n")
    with pytest.raises(InputError, match=r"bad\.txt, line 151: not UTF-8 \(byte 0xff"):
        split_text(path, tmp_path / "out", seed=1)
