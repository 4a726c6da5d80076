"""Verify a file: its size, SHA-256 and git blob id, and those declared."""

import hashlib
from dataclasses import dataclass
from typing import IO

# The largest size of a file declared without one; more than any of our files has.
MAX_BYTES = 8 << 30


@dataclass(frozen=True)
class Contents:
    """The number of bytes of a file, their SHA-256 and git blob id (both hexadecimal)."""

    bytes: int
    sha256: str
    git_blob: str

    @classmethod
    def of(cls, file: IO[bytes]) -> "Contents":
        """Compute the contents of a seekable binary file."""
        size = file.seek(0, 2)
        file.seek(0)
        sha256 = hashlib.sha256()
        # As printed by `git hash-object`: SHA-1 of a header with the size, then the bytes.
        git_blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
        while chunk := file.read(1 << 20):
            sha256.update(chunk)
            git_blob.update(chunk)
        return cls(size, sha256.hexdigest(), git_blob.hexdigest())


@dataclass(frozen=True)
class Checks:
    """The declared size and hashes of a file; None if not declared."""

    bytes: int | None = None
    sha256: str | None = None
    git_blob: str | None = None

    @property
    def max_bytes(self) -> int:
        """Return the largest number of bytes that the file may have."""
        return MAX_BYTES if self.bytes is None else self.bytes

    def fault(self, contents: Contents) -> str | None:
        """Return what is wrong with `contents`, with the expected value; None if nothing."""
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
        """Describe the file to a user: "3,683,468 bytes, sha256 3247..."."""
        facts = [f"{self.bytes:,} bytes"] if self.bytes is not None else []
        facts += [f"sha256 {self.sha256}"] if self.sha256 is not None else []
        facts += [f"git blob {self.git_blob}"] if self.git_blob is not None else []
        return ", ".join(facts) or "of unknown checksum"
