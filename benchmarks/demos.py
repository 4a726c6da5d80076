"""Run the demo of another revision and of this working tree, each in a separate folder."""

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.processes import ROOT


def make_demos(revision: str, folder: Path, cores: str) -> tuple[Path, Path]:
    """Run the demo of `revision` and of this working tree below `folder`; return their results.

    CalledProcessError if git, the installation or the workflow fails.
    """
    old, new = folder / "old", folder / "new"
    _call(["git", "clone", "--quiet", "--no-checkout", str(ROOT), str(old)], folder)
    _call(["git", "checkout", "--quiet", "--detach", _commit(revision)], old)
    listed = _call(["git", "ls-files", "-z", "-co", "--exclude-standard"], ROOT, capture=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, new / name)
    for tree in (old, new):
        _call(["make", "install"], tree)
        binaries = str(tree / ".venv" / "bin")
        environment = {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
        workflow = ["snakemake", "--configfile", "config/demo.yaml", "--cores", cores]
        _call([f"{binaries}/{workflow[0]}", *workflow[1:]], tree, environment)
    return old / "results" / "demo", new / "results" / "demo"


def _commit(revision: str) -> str:
    """Return the hash of `revision` in this repository: a clone has only the current branch."""
    command = ["git", "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"]
    return _call(command, ROOT, capture=True).strip()


def _call(
    command: list[str], folder: Path, environment: dict[str, str] | None = None, *, capture=False
) -> str:
    inherited = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    printed = subprocess.PIPE if capture else None
    return subprocess.run(
        command, cwd=folder, env=inherited | (environment or {}), stdout=printed, text=True,
        check=True,
    ).stdout  # fmt: skip
