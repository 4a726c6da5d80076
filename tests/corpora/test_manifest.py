"""A file that was replaced after it was checked is noticed by who reads it."""

import hashlib
import json
from pathlib import Path

import pytest

from textvae.corpora import sources as manifest
from textvae.corpora.sources import check_unchanged
from textvae.errors import InputError

TEXT = b"the cat sat .\n" * 3


def checked(folder: Path) -> Path:
    """A file with the manifest that fetching it left."""
    path = folder / "train.txt"
    path.write_bytes(TEXT)
    sha256 = hashlib.sha256(TEXT).hexdigest()
    entry = {"file": "train.txt", "bytes": len(TEXT), "sha256": sha256, "origin": "found here"}
    manifest.write(folder, "cats", [entry])
    return path


def test_the_file_that_was_checked(tmp_path: Path) -> None:
    check_unchanged(checked(tmp_path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TEXT.replace(b"cat", b"cow"), "wrong checksum: sha256 "),
        (TEXT[:-1], "too short: 41 bytes, expected 42"),
        (b"", "empty (0 bytes)"),
    ],
)
def test_another_file_of_its_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = checked(tmp_path)
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        check_unchanged(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: not the file that was checked ({said}")
    assert f"; put that one back, or delete {tmp_path / 'manifest.json'} and fetch again" in line
    assert "\n" not in line


def test_a_file_that_no_manifest_is_of(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_bytes(TEXT)
    check_unchanged(tmp_path / "own.txt")
    checked(tmp_path)
    check_unchanged(tmp_path / "own.txt")
    check_unchanged(tmp_path / "missing.txt")


@pytest.mark.parametrize(
    "others", [[], {"files": 3}, {"files": ["train.txt"]}, {"files": [{"file": "train.txt"}]}, None]
)
def test_a_manifest_of_others_making_says_nothing(tmp_path: Path, others: object) -> None:
    path = checked(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(others))
    check_unchanged(path)
