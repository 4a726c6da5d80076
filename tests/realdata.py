"""Real text for tests, which are skipped on machines without it.

It is not part of the project: its folder is the value of the environment variable TEXTVAE_REALDATA,
or else shared/realdata beside the repository.
"""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "realdata"


def real_file(name: str) -> Path:
    """Return the path of a file in the folder; skip the test if it is missing."""
    path = Path(os.environ.get("TEXTVAE_REALDATA") or _BESIDE) / name
    if not path.exists():
        pytest.skip(f"no real text at {path} (set TEXTVAE_REALDATA to its folder)")
    return path
