"""A fake nvidia-smi that lists GPUs."""

from pathlib import Path

from compilers import program

UUIDS = ("GPU-1a2b3c4d-0000", "GPU-1a2b5e6f-1111", "GPU-99990000-2222", "GPU-99991111-3333")


def nvidia_smi(folder: Path, count: int) -> Path:
    """Write the program to `folder`, to be put first in PATH; return the folder."""
    lines = [f"echo '{number}, {uuid}'\n" for number, uuid in enumerate(UUIDS[:count])]
    return answering(folder, "".join(lines))


def answering(folder: Path, commands: str) -> Path:
    """Write a program that runs shell `commands`; return the folder."""
    return program(folder / "nvidia-smi", commands).parent
