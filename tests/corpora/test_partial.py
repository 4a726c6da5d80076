"""What came before a transfer was cut is known for what it is, or for nothing."""

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from small_disk import fill, small_disk
from textvae.corpora.transfer import Kept, Partial, Version

VERSION = Version("https://example.org/a", 12, '"v1"')


def begun(path: Path, *pieces: bytes, version: Version = VERSION) -> Partial:
    partial = Partial(path)
    partial.begin(version)
    with partial.appending() as append:
        for piece in pieces:
            append(piece)
    return partial


def test_what_was_appended_is_kept_with_its_version(tmp_path: Path) -> None:
    begun(tmp_path / "deep" / "a", b"the ", b"cat")
    kept = Partial(tmp_path / "deep" / "a").kept()
    assert kept == Kept(7, VERSION)
    assert not kept.complete
    assert not (tmp_path / "deep" / "a").exists()


def test_it_goes_on_at_the_end(tmp_path: Path) -> None:
    partial = begun(tmp_path / "a", b"the ")
    with partial.appending() as append:
        append(b"cat sat.")
    assert partial.kept().complete
    with partial.read() as file:
        assert file.read() == b"the cat sat."


def test_every_piece_is_there_at_once(tmp_path: Path) -> None:
    """A killed process has no time to flush."""
    partial = begun(tmp_path / "a")
    with partial.appending() as append:
        append(b"the")
        assert Partial(tmp_path / "a").kept().bytes == 3
        append(b" cat")
        assert Partial(tmp_path / "a").kept().bytes == 7


def test_the_whole_file_takes_its_place_and_nothing_else_stays(tmp_path: Path) -> None:
    partial = begun(tmp_path / "a", b"the cat sat.")
    partial.finish()
    assert (tmp_path / "a").read_bytes() == b"the cat sat."
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o666 & ~mask
    assert partial.kept() is None


def test_another_version_begins_anew(tmp_path: Path) -> None:
    begun(tmp_path / "a", b"the cat")
    partial = begun(tmp_path / "a", b"a", version=Version("https://example.org/b"))
    assert partial.kept() == Kept(1, Version("https://example.org/b"))


def test_bytes_are_never_under_a_note_that_is_not_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(tmp_path / "a", b"the cat")

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("textvae.corpora.transfer.write_json", full)
    with pytest.raises(OSError, match="No space left"):
        Partial(tmp_path / "a").begin(Version("https://example.org/b"))
    assert Partial(tmp_path / "a").kept() is None
    assert list(tmp_path.iterdir()) == []


def test_to_discard_what_is_not_there(tmp_path: Path) -> None:
    begun(tmp_path / "a", b"the").discard()
    Partial(tmp_path / "a").discard()
    assert list(tmp_path.iterdir()) == []


def test_no_bytes_are_nothing(tmp_path: Path) -> None:
    assert begun(tmp_path / "a", b"").kept() is None


@pytest.mark.parametrize("lost", [".a.download", ".a.download.json"])
def test_one_without_the_other_is_nothing(tmp_path: Path, lost: str) -> None:
    begun(tmp_path / "a", b"the cat")
    (tmp_path / lost).unlink()
    assert Partial(tmp_path / "a").kept() is None


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NOTE = st.dictionaries(st.sampled_from(["url", "bytes", "mark", "more"]), ANY_JSON)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=50) | (ANY_JSON | NOTE).map(lambda note: json.dumps(note).encode()))
def test_a_note_of_any_bytes_is_a_version_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, note: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    partial = begun(path, b"the cat")
    path.with_name(".a.download.json").write_bytes(note)
    kept = partial.kept()
    assert kept is None or isinstance(kept.version.url, str)


def test_a_full_disk_keeps_what_it_took_and_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        partial = begun(disk / "a", b"the")
        fill(disk, leave=100_000)
        with partial.appending() as append, pytest.raises(OSError, match="No space left") as caught:
            append(bytes(500_000))
        assert caught.value.errno == errno.ENOSPC
        assert caught.value.filename == str(disk / "a")
        assert 3 < partial.kept().bytes < 500_000
