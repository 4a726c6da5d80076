"""JSON files for tests, and the refusal of wrong ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textvae.errors import InputError


def write(path: Path, content: dict[str, Any], changes: dict[str, Any] | None = None) -> Path:
    """Write JSON with some values replaced, each given by its keys joined with dots."""
    content = json.loads(json.dumps(content))
    for keys, value in (changes or {}).items():
        *outer, last = keys.split(".")
        part = content
        for key in outer:
            part = part[key]
        part[last] = value
    path.write_text(json.dumps(content))
    return path


def check_refused(read: Callable[[Path], object], path: Path, *parts: object) -> None:
    """Check that `read` raises an InputError: one line with the path and all parts in it."""
    with pytest.raises(InputError) as error:
        read(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert [part for part in parts if str(part) not in message] == [], message
