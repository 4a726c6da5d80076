"""The C compiler of this machine, and shell scripts that stand in for programs."""

import os
import shlex
import shutil
from pathlib import Path

import pytest

COMPILER = (shlex.split(os.environ.get("CC", "")) or ["cc"])[0]
without_compiler = pytest.mark.skipif(
    shutil.which(COMPILER) is None, reason=f"no C compiler ({COMPILER})"
)


def program(path: Path, script: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
