"""Real text for tests that can use it, where a machine has it.

It is no part of the project: the folder is named by the environment variable TEXTVAE_REALDATA, or
lies beside the repository as shared/realdata. Without it the tests that ask for it are skipped.
"""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "realdata"


def real_file(name: str) -> Path:
    """The real file `name`, a path inside the folder; skips the test if it is not there."""
    path = Path(os.environ.get("TEXTVAE_REALDATA") or _BESIDE) / name
    if not path.exists():
        pytest.skip(f"no real text at {path} (TEXTVAE_REALDATA names the folder)")
    return path
