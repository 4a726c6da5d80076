"""Whether this machine compiles C, and compilers that do not."""

import os
import shlex
import shutil
import stat
from pathlib import Path

import pytest

COMPILER = (shlex.split(os.environ.get("CC", "")) or ["cc"])[0]
# Where there is one, sources that do not compile are a fault of theirs.
without_compiler = pytest.mark.skipif(
    shutil.which(COMPILER) is None, reason=f"no C compiler ({COMPILER})"
)


def compiler(folder: Path, text: str) -> Path:
    """A program of shell in the place of a compiler."""
    path = folder / "my-cc"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
