"""Digests and passed checks of large files are kept in the user's cache folder."""

import hashlib
import os
import time

import pytest

from textvae import cache


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A large file that was written some time ago."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_SETTLED", 0)
    file = tmp_path / "text.txt"
    file.write_bytes(b"a" * 1_000_000)
    time.sleep(0.02)
    return file


def test_digest_is_read_again_only_after_a_change(path, monkeypatch):
    first = cache.sha256(path)
    assert first == hashlib.sha256(path.read_bytes()).hexdigest()
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "file_digest", None)
        assert cache.sha256(path) == first
    stat = path.stat()
    path.write_bytes(b"b" * 1_000_000)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert cache.sha256(path) == hashlib.sha256(b"b" * 1_000_000).hexdigest()


def test_passed_check_is_not_repeated_for_the_same_content_and_version(path):
    checked = []
    for version in ("1", "1", "2"):
        cache.check_once(path, version, checked.append)
    path.write_bytes(b"b" * 1_000_000)
    cache.check_once(path, "2", checked.append)
    assert checked == [path] * 3


def test_failed_check_is_repeated(path):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            cache.check_once(path, "1", lambda _: 1 / 0)


def test_unwritable_cache_folder_is_no_fault(path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(path))
    assert cache.sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()
