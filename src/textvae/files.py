"""Files that are either whole or not there.

A job may be killed at any moment. Whatever it writes goes to a neighbour of the target first, is
flushed to the disk, and then takes the target's name in one step, so that no reader (and no
restarted workflow) ever meets half a file.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from textvae.errors import InputError


@contextmanager
def whole(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open `path` for writing so that it appears complete or not at all.

    `mode` is "w" (UTF-8 text, line ends as written) or "wb". The folder is made if need be. If the
    body raises, the target is left as it was. InputError where a folder has that name.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected the name of a file")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    try:
        with open(handle, mode, **text) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; a result is as readable as any other new file.
        os.chmod(partial, 0o666 & ~_umask())
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` whole, as UTF-8."""
    with whole(path) as file:
        file.write(text)


def write_json(path: Path, value: Any) -> None:
    """Write `value` whole, as indented JSON.

    NaN and infinities are refused with a ValueError: they are not JSON, and a measurement that is
    not a number must say so by itself (null, with a reason beside it).
    """
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


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
