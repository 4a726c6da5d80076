"""What the bytes of a file are, and what they were declared to be."""

import hashlib
from dataclasses import dataclass
from typing import IO

# More than any file of ours has; what is declared without its size may not be longer.
MOST_BYTES = 8 << 30


@dataclass(frozen=True)
class Contents:
    """What the bytes of a file are: their number, SHA-256 and git blob id (both hexadecimal)."""

    bytes: int
    sha256: str
    git_blob: str

    @classmethod
    def of(cls, file: IO[bytes]) -> "Contents":
        """Of everything in a seekable binary file."""
        size = file.seek(0, 2)
        file.seek(0)
        sha256 = hashlib.sha256()
        # What `git hash-object` prints: SHA-1 of a header with the size, then the bytes.
        git_blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        while chunk := file.read(1 << 20):
            sha256.update(chunk)
            git_blob.update(chunk)
        return cls(size, sha256.hexdigest(), git_blob.hexdigest())


@dataclass(frozen=True)
class Checks:
    """What is known beforehand of a file's bytes; None where it is not."""

    bytes: int | None = None
    sha256: str | None = None
    git_blob: str | None = None

    @property
    def most_bytes(self) -> int:
        """How many bytes there can be at most; where more come, they are not the file."""
        return MOST_BYTES if self.bytes is None else self.bytes

    def fault(self, contents: Contents) -> str | None:
        """What is wrong with `contents`, with the found and the expected value; None if nothing."""
        if contents.bytes == 0:
            return "empty (0 bytes)"
        if self.bytes is not None and contents.bytes != self.bytes:
            size = "too short" if contents.bytes < self.bytes else "too long"
            return f"{size}: {contents.bytes:,} bytes, expected {self.bytes:,}"
        if self.sha256 is not None and contents.sha256 != self.sha256:
            return f"wrong checksum: sha256 {contents.sha256}, expected {self.sha256}"
        if self.git_blob is not None and contents.git_blob != self.git_blob:
            return f"wrong checksum: git blob {contents.git_blob}, expected {self.git_blob}"
        return None

    def __str__(self) -> str:
        """For a person who looks for the file: "3,683,468 bytes, sha256 3247..."."""
        known = [f"{self.bytes:,} bytes"] if self.bytes is not None else []
        known += [f"sha256 {self.sha256}"] if self.sha256 is not None else []
        known += [f"git blob {self.git_blob}"] if self.git_blob is not None else []
        return ", ".join(known) or "no checksum of it is known"
