"""What has come of a file before its transfer was cut, kept until the rest is there.

Beside the file's place lie `.NAME.download`, the bytes so far, and `.NAME.download.json`, what they
are the bytes of. Each piece is handed to the system as it comes, so that a process that is killed
leaves what it had got.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from textvae.errors import InputError
from textvae.files import flush, naming, read_json, write_all, write_json


@dataclass(frozen=True)
class Version:
    """Which file a server sends, told from what it sent at another time.

    bytes: of the whole file, None where not announced.
    mark: what the server calls this version, a strong ETag or a date; None where it does not.
    """

    url: str
    bytes: int | None = None
    mark: str | None = None


@dataclass(frozen=True)
class Kept:
    """The first `bytes` of a version."""

    bytes: int
    version: Version

    @property
    def complete(self) -> bool:
        """Whether nothing is missing: the process was killed while it checked them."""
        return self.bytes == self.version.bytes


class Partial:
    """The partial file of `path`, for one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._data = self.path.with_name(f".{self.path.name}.download")
        self._note = self.path.with_name(f".{self.path.name}.download.json")

    def kept(self) -> Kept | None:
        """What is there; None if nothing is, or nothing that is known for something."""
        try:
            version = Version(**read_json(self._note))
            size = self._data.stat().st_size
        except (InputError, TypeError, FileNotFoundError):
            return None
        texts = isinstance(version.url, str) and isinstance(version.mark, str | None)
        right = texts and isinstance(version.bytes, int | None)
        return Kept(size, version) if right and size else None

    def begin(self, version: Version) -> None:
        """Begin with no bytes of `version`, whatever was there."""
        # In this order there are never bytes under a note that is not theirs.
        self.discard()
        write_json(self._note, asdict(version))

    @contextmanager
    def appending(self) -> Iterator[Callable[[bytes], None]]:
        """A function that adds bytes at the end; OSError with the file's name if it cannot."""
        with self._data.open("ab", buffering=0) as file:

            def append(piece: bytes) -> None:
                with naming(self.path):
                    write_all(file, piece)

            yield append

    def read(self) -> IO[bytes]:
        """The bytes so far, opened for reading."""
        return self._data.open("rb")

    def finish(self) -> None:
        """Give the file its place, in one step and flushed to the disk."""
        with naming(self.path):
            flush(self._data)
            os.replace(self._data, self.path)
        self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Let go of what has come."""
        self._data.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
