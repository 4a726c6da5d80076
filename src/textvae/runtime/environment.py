"""Inherited environment variables and streams that would break a command or change its numbers.

Notebooks, clusters and shells pass on variables that were meant for other programs. Those listed
here are removed, and others set, before a command imports what reads them.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TextIO, cast

from textvae.errors import InputError
from textvae.io import STANDARD_OUTPUT, with_filename

# Variable -> why it is removed.
REMOVED = {
    "MPLBACKEND": "figures need no backend, and that of a notebook may not be installed here",
    "NVIDIA_TF32_OVERRIDE": "float32 products of a GPU would be rounded to 10 bits",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": "float32 products of a GPU would be rounded to 10 bits",
    "ONEDNN_DEFAULT_FPMATH_MODE": "float32 products of a CPU would be rounded to bfloat16",
    "DNNL_DEFAULT_FPMATH_MODE": "the same, under the library's former name",
}

# Variable -> value, unless it is set.
DEFAULTS = {
    # NumPy's OpenBLAS would have a thread for each core, which waits actively between two small
    # products: beside other cells, a measurement would take many times its CPU time.
    "OPENBLAS_NUM_THREADS": "1",
}


def clean(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove the variables of `REMOVED`, and set those of `DEFAULTS` that are not set."""
    for name in REMOVED:
        environment.pop(name, None)
    for name, value in DEFAULTS.items():
        environment.setdefault(name, value)


def write_utf8(stream: TextIO) -> None:
    """Make a text stream write UTF-8, as all files do, if it is a file or pipe of another encoding.

    A terminal keeps its encoding; characters that it lacks are written as escapes, such as \\u4eca.
    """
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    if stream.isatty():
        reconfigure(errors="backslashreplace")
    else:
        reconfigure(encoding="utf-8", errors="backslashreplace")


class _ClosedOutput(io.TextIOBase):
    """Standard output that is closed."""

    def write(self, text: str) -> int:
        """Raise InputError."""
        raise InputError(f"{STANDARD_OUTPUT} is closed, expected an open one")


class _ClosedErrors(io.TextIOBase):
    """Standard error that is closed: messages are dropped."""

    def write(self, text: str) -> int:
        return len(text)


class _Output:
    """Standard output, whose write errors have its name."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._handled():
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._handled():
            self._stream.flush()

    def _handled(self) -> AbstractContextManager[None]:
        return with_filename(STANDARD_OUTPUT)


class _Errors(_Output):
    """Standard error: messages for a full disk are dropped."""

    @contextmanager
    def _handled(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise


def prepare() -> None:
    """Clean the environment and set up the standard streams of a command.

    With standard error closed or on a full disk, messages are dropped; a result for a closed
    standard output is an InputError, and an OSError of standard output names it.
    """
    clean()
    # A closed stream is None, and `print` would write to standard output instead.
    if sys.stdout is None:
        sys.stdout = _ClosedOutput()
    if sys.stderr is None:
        sys.stderr = _ClosedErrors()
    for stream in (sys.stdout, sys.stderr):
        write_utf8(stream)
    if not isinstance(sys.stdout, _ClosedOutput | _Output):
        sys.stdout = cast(TextIO, _Output(sys.stdout))
    if not isinstance(sys.stderr, _ClosedErrors | _Output):
        sys.stderr = cast(TextIO, _Errors(sys.stderr))
