"""Facts about files in the user's cache folder: digests, checks they passed, and what code says."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from textvae.errors import InputError
from textvae.io import write_json

# Bytes below which a file is read again each time.
_SMALL = 1_000_000
# Entries of a table; the oldest are dropped.
_MAX_ENTRIES = 3000
# A file may change again within the resolution of its time stamps, unnoticed. Nanoseconds.
_SETTLED = 2_000_000_000


def folder() -> Path:
    """Return the package's folder in the user's cache folder; it may not exist."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "textvae"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content; OSError if it cannot be read.

    A large file is read again only if its size, times or inode have changed. (The time of the last
    change of the inode is set even by `cp -p` and `touch -d`, which set the other one at will.)
    """
    path = Path(path)
    stat = path.stat()
    stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
    known = _entry("digests", str(path.resolve()))
    with suppress(OSError, ValueError, TypeError):
        *cached, digest = json.loads(known.read_text(encoding="utf-8"))
        if cached == stamp and isinstance(digest, str):
            return digest
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if stat.st_size >= _SMALL and stat.st_ctime_ns < time.time_ns() - _SETTLED:
        _write(known, [*stamp, digest])
    return digest


def check_once(path: Path, version: str, check: Callable[[Path], object]) -> None:
    """Call `check` on a file, unless the same content has passed the same version of it before."""
    small = Path(path).stat().st_size < _SMALL
    passed = None if small else _entry("passed", f"{version} {sha256(path)}")
    if passed is None or not passed.exists():
        check(path)
        if passed is not None:
            _write(passed, version)


def read_table(name: str) -> dict[str, Any]:
    """Return the table that `write_table` stored under a name; empty if there is none."""
    with suppress(OSError, ValueError):
        table = json.loads(_entry("tables", name).read_text(encoding="utf-8"))
        if isinstance(table, dict):
            return table
    return {}


def write_table(name: str, table: dict[str, Any]) -> None:
    """Store a table under a name, with its last 3,000 entries."""
    _write(_entry("tables", name), dict([*table.items()][-_MAX_ENTRIES:]))


def _entry(kind: str, key: str) -> Path:
    return folder() / kind / f"{hashlib.sha256(os.fsencode(key)).hexdigest()[:32]}.json"


def _write(path: Path, value: object) -> None:
    # Without a writable cache folder, files are read again each time.
    with suppress(OSError, InputError):
        write_json(path, value)
