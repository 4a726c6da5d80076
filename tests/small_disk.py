"""Disks that are full soon, or that nobody may write to: mounts, which take root."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: float) -> Iterator[Path]:
    """A disk of that size in the place of `folder`; the test is skipped where none can be had."""
    with _mounted(folder, "-t", "tmpfs", "-o", f"size={int(megabytes * 1024)}k", "tmpfs"):
        yield folder


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """`folder` as it is, but nobody may write to it, root no more than others."""
    with _mounted(folder, "--bind", "-o", "ro", str(folder)):
        yield folder


def fill(folder: Path, leave: int = 0) -> Path:
    """Fill the disk of `folder` with a file until `leave` bytes are left; returns the file."""
    path = folder / "filling"
    free = os.statvfs(folder)
    with path.open("wb") as file:
        file.truncate(0)
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - leave))
    return path


@contextmanager
def _mounted(folder: Path, *arguments: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        mount = subprocess.run(
            ["mount", *arguments, str(folder)], capture_output=True, text=True, check=False
        )
        refused = mount.stderr.strip() if mount.returncode else ""
    except FileNotFoundError:
        refused = "there is no mount here"
    if refused:
        pytest.skip(f"a disk of its own takes root on Linux: {refused}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
