"""Files outside the package that register things: the configuration's key `extensions`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textvae.config.messages import shown
from textvae.config.paths import check_path
from textvae.errors import InputError
from textvae.registry import EXTENSIONS, PARTS


def use_extensions(config: Mapping[str, Any]) -> None:
    """Have the registries of this process and of its jobs import the files of `extensions`.

    To be called before the registries are asked for anything, so before the configuration is
    checked. InputError, one line, if a file is missing or cannot be imported.
    """
    paths = config.get("extensions", []) if isinstance(config, Mapping) else []
    if not isinstance(paths, list):
        raise InputError(f"extensions: got {shown(paths)}, expected a list")
    for index, path in enumerate(paths):
        if not isinstance(path, str):
            raise InputError(f"extensions[{index}]: got {shown(path)}, expected a text")
        check_path(f"extensions[{index}]", path)
        if os.pathsep in path:
            raise InputError(f"extensions[{index}]: {shown(path)} has {os.pathsep!r} in it")
    if paths:
        os.environ[EXTENSIONS] = os.pathsep.join(str(Path(path).resolve()) for path in paths)
    else:
        os.environ.pop(EXTENSIONS, None)
    # Imports them, unless what they declare is known from an earlier time.
    PARTS[0].declared()
