"""Record the configuration, machine and software of a run, as files and as an HTML page."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import yaml

from textvae import __version__
from textvae.paper.render.html import escape
from textvae.runtime.costs import counting_children
from textvae.runtime.gpus import TIMEOUT

_GIB = 2**30


@dataclass(frozen=True)
class Machine:
    """The machine: cores available to this process, total memory in GiB, and GPUs.

    GPUs are given by name and memory, as by nvidia-smi. None: unknown.
    """

    system: str
    processor: str | None
    cores: int
    memory_gib: float | None
    gpus: tuple[str, ...]


def this_machine(cpuinfo: Path = Path("/proc/cpuinfo")) -> Machine:
    """Return the machine of this process; cpuinfo: Linux's list of processors."""
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
    match = re.search(r"^model name\s*:\s*(\S.*)$", text, re.MULTILINE)
    return match[1].strip() if match else platform.processor() or None


def _memory_gib() -> float | None:
    try:
        bytes_ = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
    return round(bytes_ / _GIB, 1)


def _gpus() -> tuple[str, ...]:
    """Return name and memory of each GPU; empty if nvidia-smi is missing or does not respond."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    command = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        with counting_children():
            finished = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT,
                check=True,
            )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in finished.stdout.splitlines() if line.strip())


def software() -> dict[str, str]:
    """Return name -> version: textvae and Python first, then installed packages by name."""
    # An incompletely removed distribution has no name.
    installed = {
        name: entry.version for entry in distributions() if (name := entry.metadata["Name"])
    }
    first = {"textvae": __version__, "Python": platform.python_version()}
    return first | {name: installed[name] for name in sorted(installed, key=str.lower)}


_STYLE = """\
body { margin: 2rem; font: 15px/1.45 "Libertinus Serif", "Linux Libertine", Georgia, serif;
       color: #1a1a1a; background: #fff; }
h1 { font-size: 1.4em; font-weight: normal; }
h2 { margin-top: 2rem; font-size: 1.1em; font-weight: normal; border-bottom: 1px solid; }
td, th { padding: .12rem 1.5rem .12rem 0; text-align: left; vertical-align: top;
         font-weight: normal; }
th { color: #555; }
#software table { columns: 3; display: block; }
pre { font-size: .85em; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
_HEAD = (
    "# The configuration of the workflow: all files and --config merged, without the keys that\n"
    "# change no result (device, threads ...). Usable with `snakemake --configfile`; null removes\n"
    "# what config/config.yaml has.\n"
)
_MACHINE = (
    "The machine that wrote this page; jobs of a cluster may have run on others. The config.json "
    "of each cell records the type of device and the version of torch of its training."
)


def configuration_yaml(configuration: dict[str, Any]) -> str:
    """Return the configuration as YAML, keys in order, which Snakemake reads back unchanged."""
    # ASCII, because some other line ends (U+0085) would not be read back unchanged.
    return _HEAD + yaml.safe_dump(
        configuration, sort_keys=False, default_flow_style=None, width=100
    )


def information(machine: Machine, software: dict[str, str], code: dict[str, str]) -> dict[str, Any]:
    """Return the record as JSON; code: module -> digest, to be compared with later code."""
    return {"machine": asdict(machine), "software": software, "code": code}


def information_page(configuration: str, machine: Machine, software: dict[str, str]) -> str:
    """Return an HTML page with all three; configuration: YAML."""
    of_machine = {
        "system": machine.system,
        "processor": machine.processor or "unknown",
        "cores": str(machine.cores),
        "memory": "unknown" if machine.memory_gib is None else f"{machine.memory_gib} GiB",
        "GPUs": "; ".join(machine.gpus) or "none",
    }
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            "<title>The run</title>",
            f"<style>\n{_STYLE}</style>",
            "</head>",
            "<body>",
            "<h1>The run</h1>",
            *_section("machine", "Machine", f"<p>{escape(_MACHINE)}</p>", _rows(of_machine)),
            *_section("software", "Software", _rows(software)),
            *_section("configuration", "Configuration", f"<pre>{_lines(configuration)}</pre>"),
            "</body>",
            "</html>",
            "",
        ]
    )


def _section(name: str, title: str, *content: str) -> list[str]:
    return [f'<section id="{name}">', f"<h2>{title}</h2>", *content, "</section>"]


def _rows(values: dict[str, str]) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in values.items()
    )
    return f"<table>\n{rows}\n</table>"


def _lines(text: str) -> str:
    """Return the lines with their indentation kept and markup escaped."""
    lines = []
    for line in text.splitlines():
        text = line.lstrip(" ")
        lines.append(" " * (len(line) - len(text)) + escape(text))
    return "\n".join(lines)
