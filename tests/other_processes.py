"""Processes that run a few lines of Python."""

import subprocess
import sys
from pathlib import Path


def running(code: str, *arguments: object, **environment: str) -> subprocess.Popen:
    """Start a process that can import the package; pipe its input and its two outputs in one."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment["PYTHONPATH"] = str(Path(__file__).parents[1] / "src")
    streams = dict.fromkeys(("stdin", "stdout"), subprocess.PIPE) | {"stderr": subprocess.STDOUT}
    return subprocess.Popen(command, env=environment, text=True, **streams)
