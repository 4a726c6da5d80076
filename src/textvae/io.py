"""Files that are either whole or not there.

A job may be killed at any moment. Whatever it writes goes to a neighbour of the target first, is
flushed to the disk, and then takes the target's name in one step, so that no reader (and no
restarted workflow) ever meets half a file.
"""

import errno
import io
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from textvae.errors import InputError

# Bytes of room that any step of the workflow needs for its log and a small result.
_LITTLE = 100_000

# What is between the brackets of a list of numbers.
_NUMBERS = re.compile(r"\[\n\s*([-+.\deE]+(?:,\n\s*[-+.\deE]+)*)\n\s*\]")

# What a person can do about the faults that are not of the code.
_MAKE_ROOM = "make room and run this again: what was finished is kept"
_BE_ALLOWED = "choose another place, or have your rights there changed, and run this again"
_ADVICE = {
    errno.ENOSPC: _MAKE_ROOM,
    errno.EDQUOT: _MAKE_ROOM,
    errno.EROFS: "choose a place that can be written to, and run this again",
    errno.EACCES: _BE_ALLOWED,
    errno.EPERM: _BE_ALLOWED,
}


@contextmanager
def whole(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open `path` for writing so that it appears complete or not at all.

    `mode` is "w" (UTF-8 text, line ends as written) or "wb". The folder is made if need be. If the
    body raises, the target is left as it was. InputError where a folder has that name; an OSError
    of writing carries the name `path`, one that the body raises for itself is as it was.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected the name of a file")
    path.parent.mkdir(parents=True, exist_ok=True)
    with naming(path):
        name = {"prefix": f".{path.name}.", "suffix": ".partial"}
        handle, partial = tempfile.mkstemp(dir=path.parent, **name)
    try:
        # Not a BufferedWriter: numpy would go around it, and its errors say less.
        file: IO[Any] = io.BufferedRandom(_Named(handle, path))
        if "b" not in mode:
            file = io.TextIOWrapper(file, encoding="utf-8", newline="")
        with file:
            yield file
            file.flush()
            with naming(path):
                os.fsync(handle)
        with naming(path):
            # mkstemp makes files private; a result is as readable as any other new file.
            os.chmod(partial, 0o666 & ~_umask())
            os.replace(partial, path)
    except BaseException:
        with suppress(OSError):  # what went wrong first is what is told
            Path(partial).unlink()
        raise


def append(path: Path, text: str) -> None:
    """Add UTF-8 text to the end of a file; a job that is killed may leave a part of it."""
    with naming(path), open(path, "ab", buffering=0) as file:
        write_all(file, text.encode())


def write_all(file: io.FileIO, data: bytes) -> None:
    """All of `data` into an unbuffered file, whose `write` may take a part where room is short."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def flush(path: Path) -> None:
    """Come back when what was written to a file is on the disk."""
    with naming(path), open(path, "rb") as file:
        os.fsync(file.fileno())


def unwritable(folder: Path) -> str | None:
    """Why no files can be put into `folder`, which need not be there yet; None if they can."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    try:
        with naming(there), tempfile.TemporaryFile(dir=there) as file:
            file.write(bytes(_LITTLE))
            file.flush()
    except OSError as error:
        return fault(error)
    return None


def remove_partials(folder: Path) -> None:
    """Remove what writers that were killed have left; nobody may be writing there."""
    for path in folder.glob(".*.partial"):
        with suppress(OSError):
            path.unlink()


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """An OSError of what is done to an open file does not say which file: this adds its name."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def fault(error: OSError) -> str:
    """What the system refused, of which file, and what to do about it where that is known."""
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
    advice = _ADVICE.get(error.errno or 0)
    return f"{where}{error.strerror or error}{f'; {advice}' if advice else ''}"


class _Named(io.FileIO):
    """An open file whose errors of writing carry a name, that of another file."""

    def __init__(self, handle: int, path: Path) -> None:
        super().__init__(handle, "r+")
        self._path = path

    def write(self, data: Any) -> int | None:
        with naming(self._path):
            return super().write(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` whole, as UTF-8."""
    with whole(path) as file:
        file.write(text)


def write_json(path: Path, value: Any) -> None:
    """Write `value` whole, as `json_text` has it."""
    write_text(path, json_text(value, ensure_ascii=False) + "\n")


def json_text(value: Any, ensure_ascii: bool) -> str:
    """Indented JSON for people: lists of numbers, which may be long, stand on one line each.

    NaN and infinities are refused with a ValueError: they are not JSON, and a measurement that is
    not a number must say so by itself (null, with a reason beside it).
    """
    text = json.dumps(value, indent=2, ensure_ascii=ensure_ascii, allow_nan=False)
    # Line ends stand between values alone: within a text they are spelled out.
    return _NUMBERS.sub(lambda found: "[" + " ".join(found[1].split()) + "]", text)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file; InputError if it is missing or not UTF-8."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, expected a file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None


def read_json(path: Path) -> Any:
    """The value in a JSON file; InputError if it is missing or not JSON."""
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
