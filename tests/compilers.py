"""The C compiler of this machine, and scripts that stand in for one."""

import os
import shlex
import shutil
from pathlib import Path

import pytest

COMPILER = (shlex.split(os.environ.get("CC", "")) or ["cc"])[0]
without_compiler = pytest.mark.skipif(
    shutil.which(COMPILER) is None, reason=f"no C compiler ({COMPILER})"
)


def compiler(folder: Path, text: str) -> Path:
    """Write a shell script that is called instead of a compiler."""
    path = folder / "my-cc"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path
