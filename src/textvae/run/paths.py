"""Paths as Snakemake records them, relative to the folder it runs in, and absolute ones, compared.

Symbolic links are not followed: results may be linked to another disk.
"""

import os
from pathlib import Path


def absolute(path: str | Path) -> Path:
    """Return an absolute path without `..`."""
    return Path(os.path.normpath(Path(path).absolute()))


def is_below(path: str | Path, folder: Path) -> bool:
    """Return whether a path is below a folder."""
    return absolute(path).is_relative_to(absolute(folder))


def below(path: str | Path, folder: Path) -> str:
    """Return the path of a file below a folder, relative to it."""
    return absolute(path).relative_to(absolute(folder)).as_posix()
