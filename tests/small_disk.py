"""Mounted disks that are small or read-only; mounting needs root."""

import os
import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def small_disk(folder, megabytes):
    """Mount a disk of that size on `folder`; skips the test if it cannot."""
    with _mounted(folder, "-t", "tmpfs", "-o", f"size={int(megabytes * 1024)}k", "tmpfs"):
        yield folder


@contextmanager
def read_only(folder):
    """Make `folder` read-only, for root as well."""
    with _mounted(folder, "--bind", "-o", "ro", str(folder)):
        yield folder


def fill(folder, leave=0):
    """Fill the disk of `folder` with a file until `leave` bytes are free; return the file."""
    path = folder / "filling"
    free = os.statvfs(folder)
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_frsize - leave))
    return path


@contextmanager
def _mounted(folder, *arguments):
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", *arguments, str(folder)]
    try:
        mount = subprocess.run(command, capture_output=True, text=True, check=False)
        error = mount.stderr.strip() if mount.returncode else ""
    except FileNotFoundError:
        error = "no command mount"
    if error:
        pytest.skip(f"mounting a disk needs root on Linux: {error}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
