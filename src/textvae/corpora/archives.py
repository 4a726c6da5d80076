"""Extract one member of a tar or zip archive without trusting the archive.

The archive never decides where a file goes: the requested member is read as a stream of bytes, up
to a limit, into the requested file. Links, devices and folders are refused, whatever their name; so
are archives whose list of members would fill the memory.
"""

import bz2
import errno
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from textvae.corpora.contents import MAX_BYTES, Checks, Contents
from textvae.corpora.sources import OriginError
from textvae.errors import InputError
from textvae.io import atomic_write

# Bytes of all headers of an archive, its list of members: enough for some thousands of members.
MAX_HEADERS_BYTES = 2 << 20
# Bytes of one header of a tar; the longest possible path has 4096.
MAX_HEADER_BYTES = 8 << 10
# Global settings of a tar, which are copied to each member; GitHub's archives have one.
MAX_SETTINGS = 100

_COMPRESSIONS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
# Other methods may expand a few bytes to gigabytes in memory in one step.
_STREAMABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def is_archive(path: Path) -> bool:
    """Return whether `path` begins like a tar (with any compression) or a zip archive."""
    return _is_tar(path) or zipfile.is_zipfile(path)


def extract(archive: Path, member: str, path: Path, checks: Checks) -> Contents:
    """Write `member` of `archive` to `path`, atomically and verified.

    `member` is its path in the archive, or the last components of that path. OriginError if the
    archive is damaged or lacks the member, or if the member fails `checks`.
    """
    # Tar first: any file that ends with a zip archive (a tar of one, for example) passes for zip.
    opened = _tar_member if _is_tar(archive) else _zip_member
    try:
        with opened(archive, member, checks.max_bytes) as stream, atomic_write(path, "wb") as file:
            while chunk := stream.read(1 << 20):
                file.write(chunk)
            file.flush()
            # The handle that `atomic_write` writes with is also readable.
            with open(file.fileno(), "rb", closefd=False) as written:
                contents = Contents.of(written)
            if fault := checks.fault(contents):
                raise OriginError(f"{archive}: {member} is {fault}")
            return contents
    except (OriginError, InputError):
        raise
    except Exception as error:
        if _is_system_error(error):
            raise
        damage = str(error) or type(error).__name__
        raise OriginError(
            f"{archive}: damaged ({damage}); delete it to have it downloaded again"
        ) from None


def _is_system_error(error: Exception) -> bool:
    """Return whether disk or memory failed; any other exception in reading means damage."""
    if isinstance(error, OSError):
        return error.errno not in (None, errno.EINVAL)
    return isinstance(error, MemoryError)


class _LimitedHeaders:
    """An archive's bytes; reading is limited to the size of headers until `headers_read` is set."""

    def __init__(self, file: IO[bytes], max_header: int) -> None:
        self._file, self._max_header, self._left = file, max_header, MAX_HEADERS_BYTES
        self.headers_read = False
        self.tell, self.seekable = file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if self.headers_read:
            return self._file.read(size)
        if size > self._max_header:
            raise ValueError(f"a header of {size:,} bytes")
        if size > self._left:
            raise ValueError(f"headers of more than {MAX_HEADERS_BYTES:,} bytes")
        data = self._file.read(self._left if size < 0 else size)
        self._left -= len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        # Seeking in compressed data reads everything up to there.
        if offset > MAX_BYTES:
            raise ValueError(f"members of more than {MAX_BYTES:,} bytes")
        return self._file.seek(offset, whence)


@contextmanager
def _open_tar(archive: Path) -> Iterator[tuple[tarfile.TarFile, _LimitedHeaders]]:
    with archive.open("rb") as raw:
        head = raw.read(6)
        raw.seek(0)
        openers = [opener for magic, opener in _COMPRESSIONS.items() if head.startswith(magic)]
        with openers[0](raw) if openers else raw as unpacked:
            bounded = _LimitedHeaders(unpacked, MAX_HEADER_BYTES)
            yield tarfile.TarFile(fileobj=bounded), bounded


def _is_tar(path: Path) -> bool:
    try:
        with _open_tar(path):
            return True
    except Exception as error:
        if _is_system_error(error):
            raise
        return False


@contextmanager
def _tar_member(archive: Path, member: str, max_bytes: int) -> Iterator[IO[bytes]]:
    with _open_tar(archive) as (opened, bounded):
        entries = {}
        for info in opened:
            entries[info.name] = info
            if len(opened.pax_headers) > MAX_SETTINGS:
                raise ValueError(f"more than {MAX_SETTINGS} settings for all its members")
        info = entries[_find_member(archive, member, list(entries))]
        # A sparse file may consist of holes only.
        _check_member(archive, member, info.isreg() and not info.issparse(), info.size, max_bytes)
        bounded.headers_read = True
        yield opened.extractfile(info)


@contextmanager
def _zip_member(archive: Path, member: str, max_bytes: int) -> Iterator[IO[bytes]]:
    with archive.open("rb") as raw:
        bounded = _LimitedHeaders(raw, MAX_HEADERS_BYTES)
        with zipfile.ZipFile(bounded) as opened:
            entries = {info.filename: info for info in opened.infolist()}
            info = entries[_find_member(archive, member, list(entries))]
            # The upper half of external_attr is the Unix mode; 0 if unknown.
            kind = info.external_attr >> 16 & 0o170000
            encrypted = info.flag_bits & 1
            regular = not info.is_dir() and kind in (0, 0o100000) and not encrypted
            _check_member(archive, member, regular, info.file_size, max_bytes)
            if info.compress_type not in _STREAMABLE:
                raise OriginError(f"{archive}: {member} is not compressed by the deflate method")
            bounded.headers_read = True
            with opened.open(info) as stream:
                yield stream


def _check_member(archive: Path, member: str, regular: bool, size: int, max_bytes: int) -> None:
    """Raise OriginError if a member is not a regular file, or longer than `max_bytes`."""
    if not regular:
        raise OriginError(f"{archive}: {member} is not a regular file")
    if size > max_bytes:
        raise OriginError(f"{archive}: {member} is too long: more than {max_bytes:,} bytes")


def _find_member(archive: Path, member: str, paths: list[str]) -> str:
    """Return the path that equals `member` or ends with it; OriginError unless exactly one does."""
    matching = [path for path in paths if path == member] or [
        path for path in paths if path.endswith(f"/{member}")
    ]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise OriginError(f"{archive}: {member} is ambiguous: {', '.join(matching[:3])}")
    shown = ", ".join(paths[:5]) + (", ..." if len(paths) > 5 else "")
    raise OriginError(f"{archive}: no member {member} among {shown or 'none'}")
