"""One member of a tar or zip archive, taken out without trusting the archive.

Nothing is ever unpacked where the archive says: the one member that was asked for is read as a
stream of bytes, within a bound, into the file that was asked for. Links, devices and folders are
refused, whatever their name.
"""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from textvae.corpora.checksums import Checks, Contents
from textvae.corpora.downloading import MOST_BYTES
from textvae.corpora.sources import OriginError
from textvae.files import whole

_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,  # a compression that the standard library cannot undo
)


def is_archive(path: Path) -> bool:
    """Whether `path` begins like a tar (of any compression) or a zip archive."""
    try:
        return tarfile.is_tarfile(path) or zipfile.is_zipfile(path)
    except _DAMAGE:
        return False


def extract(archive: Path, member: str, path: Path, checks: Checks) -> Contents:
    """Write `member` of `archive` to `path`, whole and checked.

    `member` is its path in the archive, or the end of that path from a folder on. OriginError if
    the archive is damaged, lacks the member, or holds something there that fails `checks`.
    """
    most = MOST_BYTES if checks.bytes is None else checks.bytes
    try:
        with _member(archive, member) as stream, whole(path, "wb") as file:
            copied = 0
            while chunk := stream.read(1 << 20):
                copied += len(chunk)
                if copied > most:
                    raise OriginError(f"{archive}: {member} is too long: more than {most:,} bytes")
                file.write(chunk)
            file.flush()
            # The handle that `whole` writes through can be read as well.
            with open(file.fileno(), "rb", closefd=False) as written:
                contents = Contents.of(written)
            if fault := checks.fault(contents):
                raise OriginError(f"{archive}: {member} is {fault}")
            return contents
    except _DAMAGE as error:
        raise OriginError(
            f"{archive}: damaged ({error or type(error).__name__}); delete it to have it anew"
        ) from None


@contextmanager
def _member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    # First tar: whatever ends in a zip archive (a tar of one, say) passes for zip.
    if tarfile.is_tarfile(archive):
        with tarfile.open(archive) as opened:
            entries = {info.name: info for info in opened.getmembers()}
            info = entries[_path_of(archive, member, list(entries))]
            if not info.isreg():
                raise OriginError(f"{archive}: {member} is no plain file in it")
            yield opened.extractfile(info)
    else:
        with zipfile.ZipFile(archive) as opened:
            entries = {info.filename: info for info in opened.infolist()}
            info = entries[_path_of(archive, member, list(entries))]
            # The upper half of external_attr is the Unix mode; 0 where there is none.
            kind = info.external_attr >> 16 & 0o170000
            encrypted = info.flag_bits & 1
            if info.is_dir() or kind not in (0, 0o100000) or encrypted:
                raise OriginError(f"{archive}: {member} is no plain file in it")
            with opened.open(info) as stream:
                yield stream


def _path_of(archive: Path, member: str, paths: list[str]) -> str:
    """The one of `paths` that is `member`, or ends in it after folders."""
    matching = [path for path in paths if path == member] or [
        path for path in paths if path.endswith(f"/{member}")
    ]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise OriginError(f"{archive}: {member} may be any of {', '.join(matching[:3])}")
    shown = ", ".join(paths[:5]) + (", ..." if len(paths) > 5 else "")
    raise OriginError(f"{archive}: holds no {member} (it holds {shown or 'nothing'})")
