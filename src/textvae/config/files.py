"""Validate paths in the configuration, and import the extensions that it lists."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textvae.cells import MAX_NAME_LENGTH
from textvae.config.messages import shown
from textvae.errors import InputError
from textvae.extensions import EXTENSIONS
from textvae.registry import PARTS


def check_path(where: str, path: str) -> None:
    """Raise InputError unless `path`, at the key `where`, is an existing file."""
    if not path.isprintable():
        raise InputError(f"{where}: {shown(path)} has unprintable characters")
    if set("{}") & set(path):
        raise InputError(
            f"{where}: {shown(path)} contains a bracket, which Snakemake would replace"
        )
    try:
        exists = Path(path).is_file()
    except OSError:  # a name that is too long, for example
        exists = False
    if not exists:
        raise InputError(f"{where}: no such file: {path:.300}")


def check_parts(where: str, path: str) -> None:
    """Raise InputError unless a path is relative, without `..`, and no name in it is too long."""
    for part in path.split("/"):
        if part in ("", ".", ".."):
            raise InputError(f"{where}: {shown(path)} contains {part!r}, expected names")
        if len(part) > MAX_NAME_LENGTH:
            expected = f"expected at most {MAX_NAME_LENGTH}"
            raise InputError(f"{where}: {part[:40]!r}... has {len(part)} characters, {expected}")


def use_extensions(config: Mapping[str, Any]) -> None:
    """Import the files of `extensions` in the registries of this process and of its jobs.

    Must be called before any registry is queried, and so before the configuration is checked.
    InputError, one line, if a file is missing or cannot be imported.
    """
    paths = config.get("extensions", []) if isinstance(config, Mapping) else []
    if not isinstance(paths, list):
        raise InputError(f"extensions: got {shown(paths)}, expected a list")
    for index, path in enumerate(paths):
        if not isinstance(path, str):
            raise InputError(f"extensions[{index}]: got {shown(path)}, expected a text")
        check_path(f"extensions[{index}]", path)
        if os.pathsep in path:
            raise InputError(f"extensions[{index}]: {shown(path)} contains {os.pathsep!r}")
    if paths:
        os.environ[EXTENSIONS] = os.pathsep.join(str(Path(path).resolve()) for path in paths)
    else:
        os.environ.pop(EXTENSIONS, None)
    # Imports the extensions, unless their declarations are cached.
    PARTS[0].declared()
