"""Atomic file writes, reading of text and JSON, and messages for file errors.

A job may be killed at any moment. A file is written under a temporary name in the same folder,
flushed to the disk, and renamed in one step, so that no reader (and no restarted workflow) ever
reads a partial file.
"""

import codecs
import errno
import io
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from textvae.errors import InputError

BYTE_ORDER_MARK = "\ufeff"
# Bytes at the beginning of a file that reveal UTF-16 and UTF-32.
HEAD_BYTES = 4096

# Bytes of disk space that any step of the workflow needs for its log and a small result.
_MIN_FREE_BYTES = 100_000

# The first bytes of compressed files, and what decompresses them.
_COMPRESSED = (
    (b"\x1f\x8b", "gzip", "gunzip"),
    (b"PK\x03\x04", "zip", "unzip"),
    (b"BZh91AY&SY", "bzip2", "bunzip2"),
    (b"\xfd7zXZ\0", "xz", "unxz"),
    (b"\x28\xb5\x2f\xfd", "zstd", "unzstd"),
)

# A list of numbers; the group is the text between the brackets.
_NUMBERS = re.compile(r"\[\n\s*([-+.\deE]+(?:,\n\s*[-+.\deE]+)*)\n\s*\]")

# Advice for errors that a user can fix.
_FREE_SPACE = "free disk space and run this again: finished work is kept"
_GET_PERMISSION = "choose another folder, or get write permission, and run this again"
_ADVICE = {
    errno.ENOSPC: _FREE_SPACE,
    errno.EDQUOT: _FREE_SPACE,
    errno.EROFS: "choose a writable folder, and run this again",
    errno.EACCES: _GET_PERMISSION,
    errno.EPERM: _GET_PERMISSION,
}

# In place of a file name in errors.
STANDARD_OUTPUT = "standard output"


@contextmanager
def atomic_write(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open `path` for writing so that it appears complete or not at all.

    `mode` is "w" (UTF-8 text, line ends as written) or "wb". The folder is created if needed. If
    the body raises, the target is unchanged. A symbolic link stays, and the file that it names is
    replaced. InputError if `path` is a folder, a device or a pipe, which cannot be replaced. The
    file name of an OSError in writing is `path`; an OSError raised by the body itself is unchanged.
    """
    path = Path(path)
    check_target(path)
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with with_filename(path):
        name = {"prefix": f".{path.name}.", "suffix": ".partial"}
        handle, partial = tempfile.mkstemp(dir=path.parent, **name)
    try:
        # Not a BufferedWriter: numpy would bypass it, with less informative errors.
        file: IO[Any] = io.BufferedRandom(_NamedFile(handle, path))
        if "b" not in mode:
            file = io.TextIOWrapper(file, encoding="utf-8", newline="")
        with file:
            yield file
            file.flush()
            with with_filename(path):
                os.fsync(handle)
        with with_filename(path):
            # mkstemp creates private files; a result should have the permissions of a new file.
            os.chmod(partial, 0o666 & ~_umask())
            os.replace(partial, path)
    except BaseException:
        with suppress(OSError):  # report the first error
            Path(partial).unlink()
        raise


def append(path: Path, text: str) -> None:
    """Append UTF-8 text to a file; if the job is killed, part of the text may be written."""
    with with_filename(path), open(path, "ab", buffering=0) as file:
        write_all(file, text.encode())


def write_all(file: io.FileIO, data: bytes) -> None:
    """Write all of `data` to an unbuffered file, whose `write` may write only a part of it."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def flush(path: Path) -> None:
    """Flush a file to the disk, and return when that is done."""
    with with_filename(path), open(path, "rb") as file:
        os.fsync(file.fileno())


def unwritable(folder: Path) -> str | None:
    """Return why `folder`, which may not exist yet, is not writable; None if it is."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    try:
        with with_filename(existing), tempfile.TemporaryFile(dir=existing) as file:
            file.write(bytes(_MIN_FREE_BYTES))
            file.flush()
    except OSError as error:
        return fault(error)
    return None


def remove_partials(folder: Path) -> None:
    """Remove partial files of killed writers; nobody may be writing to the folder."""
    for path in folder.glob(".*.partial"):
        with suppress(OSError):
            path.unlink()


@contextmanager
def with_filename(path: Path | str) -> Iterator[None]:
    """Add the name `path` to an OSError, which operations on open files lack."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def fault(error: OSError) -> str:
    """Return a message for an OSError: the file, the reason, and advice if any."""
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    advice = _ADVICE.get(error.errno or 0)
    if error.filename == STANDARD_OUTPUT:
        advice = "send it to a pipe, or to a disk with free space"
    return f"{where}{error.strerror or error}{f'; {advice}' if advice else ''}"


class _NamedFile(io.FileIO):
    """An open file whose write errors have the name of another file."""

    def __init__(self, handle: int, path: Path) -> None:
        super().__init__(handle, "r+")
        self._path = path

    def write(self, data: Any) -> int | None:
        with with_filename(self._path):
            return super().write(data)


def check_target(path: Path) -> None:
    """Raise InputError if `path` cannot become a file: a folder, a device, or below a file."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected the name of a file")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: not a regular file, expected the name of a file")
    if files := [folder for folder in path.parents if folder.is_file()]:
        raise InputError(f"{files[0]}: is a file, expected a folder for {path.name}")


def check_own_files(folder: Path, names: Iterable[str], mark: str) -> None:
    """Raise InputError if a folder has a file of these names, but not the file `mark`.

    mark: what the command that is to write these files writes with them.
    """
    if (folder / mark).exists():
        return
    for name in names:
        if (folder / name).exists():
            raise InputError(
                f"{folder / name}: would be replaced, and {folder} has no {mark}, which says that"
                " it was written by this command; expected a new folder"
            )


def matching(root: Path, pattern: str) -> list[Path]:
    """Return what matches a pattern as of `Path.glob`, sorted, also in linked folders below `**`.

    Results may be linked to another disk. A folder is not entered again inside itself.
    """
    before, stars, after = pattern.partition("**/")
    if not stars:
        return sorted(root.glob(pattern))
    starts = root.glob(before) if before else [root]
    folders = [each for start in starts for each in _folders(start, frozenset())]
    return sorted({path for folder in folders for path in folder.glob(after)})


def _folders(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    """Yield a folder and all below it; above: the device and inode of those that contain it."""
    try:
        stamp = folder.stat()
        own = (stamp.st_dev, stamp.st_ino)
        inner = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        # As glob does with folders that cannot be read.
        return
    if own not in above:
        yield folder
        for each in inner:
            yield from _folders(each, above | {own})


def write_text(path: Path, text: str) -> None:
    """Write `text` atomically, as UTF-8."""
    with atomic_write(path) as file:
        file.write(text)


def write_json(path: Path, value: Any) -> None:
    """Write `value` atomically, in the format of `json_text`."""
    write_text(path, json_text(value, ensure_ascii=False) + "\n")


def json_text(value: Any, ensure_ascii: bool) -> str:
    """Return indented JSON, in which each list of numbers is on one line.

    ValueError for NaN and infinities, which are not JSON: an undefined measurement must be null,
    with a note.
    """
    text = json.dumps(value, indent=2, ensure_ascii=ensure_ascii, allow_nan=False)
    # Line breaks occur between values only: within strings they are escaped.
    return _NUMBERS.sub(lambda match: "[" + " ".join(match[1].split()) + "]", text)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without the byte order mark that some editors write first.

    InputError if the file is missing or not UTF-8.
    """
    try:
        data = Path(path).read_bytes()  # once, because it may be a pipe
        check_encoding(path, data)
        return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig").read()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, expected a file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None


def check_encoding(path: Path, head: bytes) -> None:
    """Raise InputError if a file's first bytes are compressed, or of UTF-16 or UTF-32."""
    for magic, name, command in _COMPRESSED:
        if head.startswith(magic):
            raise InputError(
                f"{path}: compressed ({name}), expected text; `{command}` decompresses it"
            )
    if name := _wide_encoding(head[:HEAD_BYTES]):
        convert = f"`iconv -f {name} -t UTF-8` converts it"
        raise InputError(f"{path}: {name}, expected UTF-8; {convert}")


def _wide_encoding(head: bytes) -> str | None:
    """Return UTF-16 or UTF-32 if `head` is of one of them; None otherwise."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    # Without a mark: even a script whose letters have no zero bytes has spaces and line breaks.
    if max(even, odd) < 2 or 20 * (even + odd) < len(head):
        return None
    if min(even, odd) > len(head) // 5:
        return "UTF-32LE" if head[:1] != b"\0" else "UTF-32BE"
    if min(even, odd) > 0:
        return None
    return "UTF-16BE" if even else "UTF-16LE"


def read_json(path: Path) -> Any:
    """Return the value in a JSON file; InputError if it is missing or not JSON."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}: not JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        ) from None
    except (ValueError, RecursionError):
        message = "not JSON (a number is too long, or nested too deep)"
        raise InputError(f"{path}: {message}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
