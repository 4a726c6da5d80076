"""Inherited environment variables and streams that would break a command or change its numbers.

Notebooks, clusters and shells pass on variables that were meant for other programs. Those listed
here are removed before a command imports what reads them.
"""

import os
import sys
from collections.abc import MutableMapping
from typing import TextIO

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


def prepare() -> None:
    """Clean the environment and set up the standard streams of a command."""
    clean()
    # A closed stream is None.
    for stream in filter(None, (sys.stdout, sys.stderr)):
        write_utf8(stream)
