"""The machine that a step runs on."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from textvae.gpus import PATIENCE

_GIB = 2**30


@dataclass(frozen=True)
class Machine:
    """Cores are those that this process may use; memory, in GiB, is all that the machine has.

    GPUs are told by name and memory, as nvidia-smi does. None: the system does not say.
    """

    system: str
    processor: str | None
    cores: int
    memory_gib: float | None
    gpus: tuple[str, ...]


def this_machine(cpuinfo: Path = Path("/proc/cpuinfo")) -> Machine:
    """The machine of this process; `cpuinfo` is where Linux tells of its processors."""
    return Machine(
        system=platform.platform(),
        processor=_processor(cpuinfo),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        memory_gib=_memory_gib(),
        gpus=_gpus(),
    )


def _processor(cpuinfo: Path) -> str | None:
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    named = re.search(r"^model name\s*:\s*(\S.*)$", text, re.MULTILINE)
    return named[1].strip() if named else platform.processor() or None


def _memory_gib() -> float | None:
    try:
        bytes_ = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
    return round(bytes_ / _GIB, 1)


def _gpus() -> tuple[str, ...]:
    """Empty where nvidia-smi is not there, or does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    command = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in done.stdout.splitlines() if line.strip())
