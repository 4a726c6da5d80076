"""Validate values read from JSON files.

An InputError describes the invalid value; `read_object`, or the caller, adds the file name.
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

# Digits of a SHA-256 in tables.
DIGITS = 12


def read_object(path: Path, what: str, parse: Callable[[dict[str, Any]], Read]) -> Read:
    """Parse the object in a JSON file with `parse`; every InputError names the file."""
    content = read_json(path)
    try:
        return parse(json_object(content, what))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def json_object(value: Any, what: str) -> dict[str, Any]:
    """Return `value`; InputError if it is not a JSON object."""
    if not isinstance(value, dict):
        raise InputError(f"{what} must be a JSON object, got {_shown(value)}")
    return value


def text(value: Any, what: str) -> str:
    """Return `value`; InputError if it is not a non-empty text of one line."""
    if not isinstance(value, str) or not value:
        raise InputError(f"{what} must be a text, got {_shown(value)}")
    return line(value)


def line(value: str) -> str:
    """Return `value`; InputError if it has control characters or lone surrogates.

    JSON can escape both, and a CSV cannot hold them.
    """
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise InputError(f"{_shown(value)} is not one line of Unicode text")
    return value


def sentences(value: Any, what: str) -> tuple[str, ...]:
    """Return `value` as a tuple; InputError if it is not a list of texts of one line.

    A text may be empty.
    """
    if not isinstance(value, list):
        raise InputError(f"{what} must be a list of sentences, got {_shown(value)}")
    for number, sentence in enumerate(value, start=1):
        if not isinstance(sentence, str):
            raise InputError(f"sentence {number} of {what} must be a text, got {_shown(sentence)}")
        # Words of a corpus may contain other control characters, which tables escape.
        if any(c in "\n\r" or unicodedata.category(c) == "Cs" for c in sentence):
            raise InputError(f"{_shown(sentence)} is not one line of Unicode text")
    return tuple(value)


def whole_number(value: Any, what: str, minimum: int = 0) -> int:
    """Return `value`; InputError if it is not a whole number of at least `minimum`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
        bound = f" of at least {minimum}" if minimum else ""
        raise InputError(f"{what} must be a whole number{bound}, got {_shown(value)}")
    return value


def finite_number(value: Any, what: str) -> float:
    """Return `value` as a float; InputError if it is not a number in the range of floats."""
    proper = isinstance(value, int | float) and not isinstance(value, bool)
    # Every comparison with NaN is false; integers in JSON may be too large for a float.
    if not proper or not abs(value) <= sys.float_info.max:
        raise InputError(f"{what} must be a finite number, got {_shown(value)}")
    return float(value)


def cell_of(value: Any) -> Cell:
    """Return the cell of an object with corpus, model, C and seed; InputError if it is invalid."""
    parts = json_object(value, "'cell'")
    return Cell(
        text(parts.get("corpus"), "'corpus'"),
        text(parts.get("model"), "'model'"),
        finite_number(parts.get("C"), "C of the cell"),
        whole_number(parts.get("seed"), "seed of the cell"),
    )


def digits_of(content: dict[str, Any], key: str) -> str:
    """Return the first digits of a SHA-256, as of a model's `weights`; "" if it is not recorded."""
    digest = content.get(key)
    return "" if digest is None else text(digest, repr(key))[:DIGITS]


def _shown(value: Any) -> str:
    """Return an invalid value for a message, on one line; None (a missing key) as "nothing"."""
    return "nothing" if value is None else f"{value!r:.60}"
