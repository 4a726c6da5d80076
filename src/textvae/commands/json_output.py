"""The output of the commands that measure: a JSON file, or the terminal."""

from pathlib import Path
from typing import Any

from textvae.files import json_text, write_json


def put(value: Any, path: Path | None) -> None:
    """Write `value` to the file, or print it where none is given."""
    if path:
        write_json(path, value)
    else:
        print(json_text(value, ensure_ascii=True))
