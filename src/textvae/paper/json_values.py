"""Values as a JSON file gives them, held against what they should be.

InputError says what is wrong with a value; the file it stands in is named by `read_object`, or by
the caller.
"""

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.io import read_json

Read = TypeVar("Read")


def read_object(path: Path, what: str, parse: Callable[[dict[str, Any]], Read]) -> Read:
    """What `parse` makes of the object in a JSON file; its InputError, and ours, name the file."""
    content = read_json(path)
    try:
        return parse(json_object(content, what))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def json_object(value: Any, what: str) -> dict[str, Any]:
    """`value`, if it is a JSON object."""
    if not isinstance(value, dict):
        raise InputError(f"{what} must be a JSON object, got {_shown(value)}")
    return value


def text(value: Any, what: str) -> str:
    """`value`, if it is a text of one line, and not empty."""
    if not isinstance(value, str) or not value:
        raise InputError(f"{what} must be a text, got {_shown(value)}")
    return line(value)


def line(value: str) -> str:
    """`value`, if it may stand in a CSV: JSON's escapes can spell line ends and half characters."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise InputError(f"{_shown(value)} is not one line of Unicode text")
    return value


def sentences(value: Any, what: str) -> tuple[str, ...]:
    """`value`, if it is a list of sentences: texts of one line, which may be empty."""
    if not isinstance(value, list):
        raise InputError(f"{what} must be a list of sentences, got {_shown(value)}")
    for number, sentence in enumerate(value, start=1):
        if not isinstance(sentence, str):
            raise InputError(f"sentence {number} of {what} must be a text, got {_shown(sentence)}")
        # Words of a corpus may hold other control characters; tables spell them out.
        if any(c in "\n\r" or unicodedata.category(c) == "Cs" for c in sentence):
            raise InputError(f"{_shown(sentence)} is not one line of Unicode text")
    return tuple(value)


def whole_number(value: Any, what: str, least: int = 0) -> int:
    """`value`, if it is a whole number of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        bound = f" of at least {least}" if least else ""
        raise InputError(f"{what} must be a whole number{bound}, got {_shown(value)}")
    return value


def finite_number(value: Any, what: str) -> float:
    """`value`, if it is a number that a float can hold."""
    proper = isinstance(value, int | float) and not isinstance(value, bool)
    # A NaN is below nothing, and JSON's whole numbers may be too large for a float.
    if not proper or not abs(value) <= sys.float_info.max:
        raise InputError(f"{what} must be a finite number, got {_shown(value)}")
    return float(value)


def cell_of(value: Any) -> Cell:
    """The cell that an object of corpus, model, C and seed tells of."""
    parts = json_object(value, "'cell'")
    return Cell(
        text(parts.get("corpus"), "'corpus'"),
        text(parts.get("model"), "'model'"),
        finite_number(parts.get("C"), "C of the cell"),
        whole_number(parts.get("seed"), "seed of the cell"),
    )


def _shown(value: Any) -> str:
    """A wrong value on one line; a missing one is None in Python and nothing to its reader."""
    return "nothing" if value is None else f"{value!r:.60}"
