"""Inherited environment variables and streams that would break a command or change its numbers.

Notebooks, clusters and shells pass on variables that were meant for other programs. Those listed
here are removed before a command imports what reads them.
"""

import io
import os
import sys
from collections.abc import MutableMapping
from typing import TextIO

from textvae.errors import InputError

# Variable -> why it is removed.
REMOVED = {
    "MPLBACKEND": "figures need no backend, and that of a notebook may not be installed here",
    "NVIDIA_TF32_OVERRIDE": "float32 products of a GPU would be rounded to 10 bits",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": "float32 products of a GPU would be rounded to 10 bits",
    "ONEDNN_DEFAULT_FPMATH_MODE": "float32 products of a CPU would be rounded to bfloat16",
    "DNNL_DEFAULT_FPMATH_MODE": "the same, under the library's former name",
}


def clean(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove the variables of `REMOVED`."""
    for name in REMOVED:
        environment.pop(name, None)


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
        raise InputError("standard output is closed, expected an open one or --output FILE")


class _ClosedErrors(io.TextIOBase):
    """Standard error that is closed: messages are dropped."""

    def write(self, text: str) -> int:
        return len(text)


def prepare() -> None:
    """Clean the environment and set up the standard streams of a command.

    With standard error closed, messages are dropped; a result for a closed standard output is an
    InputError.
    """
    clean()
    # A closed stream is None, and `print` would write to standard output instead.
    if sys.stdout is None:
        sys.stdout = _ClosedOutput()
    if sys.stderr is None:
        sys.stderr = _ClosedErrors()
    for stream in (sys.stdout, sys.stderr):
        write_utf8(stream)
