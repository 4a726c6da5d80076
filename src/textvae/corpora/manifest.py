"""What was checked of a source's files, as the `manifest.json` beside them says.

The workflow looks at the manifest and not at the files, which a person may have put there; so a
file that is replaced afterwards is noticed only by who reads it, here.
"""

from pathlib import Path
from typing import Any

from textvae.corpora.checksums import Checks, Contents
from textvae.errors import InputError
from textvae.files import read_json, write_json

NAME = "manifest.json"


def write(folder: Path, source: str, entries: list[dict[str, Any]]) -> None:
    """Of each file of `source`: file, bytes, sha256, origin."""
    write_json(folder / NAME, {"source": source, "files": entries})


def check_unchanged(path: Path) -> None:
    """InputError if there is a manifest beside `path` that is of another file of this name."""
    manifest = path.parent / NAME
    if not (path.is_file() and manifest.is_file()):
        return
    checks = _checks(read_json(manifest), path.name)
    with path.open("rb") as file:
        fault = checks.fault(Contents.of(file)) if checks else None
    if fault:
        advice = f"put that one back, or delete {manifest} and fetch anew to have this one checked"
        raise InputError(f"{path}: not the file that was checked ({fault}); {advice}")


def _checks(manifest: Any, name: str) -> Checks | None:
    """What is said of the file `name`; None if nothing is, as in a manifest of others' making."""
    try:
        for entry in manifest["files"]:
            if entry["file"] == name:
                size, sha256 = entry["bytes"], entry["sha256"]
                return Checks(size, sha256) if isinstance(size, int) else None
    except (KeyError, TypeError):
        pass
    return None
