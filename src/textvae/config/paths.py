"""Paths in the configuration: of files that must be there, and of folders below another."""

from pathlib import Path

from textvae.cells import LONGEST_NAME
from textvae.config.messages import shown
from textvae.errors import InputError


def check_path(where: str, path: str) -> None:
    """Raise InputError unless a path, given at `where` in the configuration, is of a file."""
    if not path.isprintable():
        raise InputError(f"{where}: {shown(path)} has characters in it that do not show")
    if set("{}") & set(path):
        raise InputError(f"{where}: {shown(path)} has a bracket in it, which Snakemake fills in")
    try:
        there = Path(path).is_file()
    except OSError:  # a name that is too long, for instance
        there = False
    if not there:
        raise InputError(f"{where}: no such file: {path:.300}")


def check_parts(where: str, path: str) -> None:
    """Raise InputError unless a path consists of names below a folder, none of them too long."""
    for part in path.split("/"):
        if part in ("", ".", ".."):
            raise InputError(f"{where}: {shown(path)} has {part!r} in it, expected names alone")
        if len(part) > LONGEST_NAME:
            most = f"expected at most {LONGEST_NAME}"
            raise InputError(f"{where}: {part[:40]!r}... has {len(part)} characters, {most}")
