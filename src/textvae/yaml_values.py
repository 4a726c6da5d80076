"""What of YAML a configuration may hold: texts, numbers, lists, and mappings with texts as keys.

YAML knows more than a schema speaks of: keys that are no texts, dates, NaN, numbers of any length,
characters that no terminal shows, lists that hold themselves.
"""

import math
import re
from typing import Any

from textvae.errors import InputError
from textvae.schema_errors import dotted, shown
from textvae.settings import MOST

# Levels of lists and mappings: more than any schema has.
DEEPEST = 20

# Control characters but tab and line end, marks that turn the direction of writing, halves of
# characters: a command line does not take them all, and none of them shows.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def check(value: Any, place: tuple[str | int, ...] = ()) -> None:
    """InputError, one line, at the first value or key that is none of these; `place` is its own."""
    wrong = _wrong(value, len(place))
    if wrong:
        raise InputError(f"{dotted(place) or 'top level'}: {wrong}")
    if isinstance(value, dict):
        for key, inner in value.items():
            check(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check(inner, (*place, index))


def _wrong(value: Any, depth: int) -> str:
    """What is wrong with a value as such, "" for nothing."""
    match value:
        case dict() | list() if depth > DEEPEST:
            return f"nested too deep, expected {DEEPEST} levels at the most"
        case dict():
            for key in value:
                if not isinstance(key, str):
                    return f"the key {shown(key)} is not a text (in quotes it is)"
                if _HIDDEN.search(key):
                    return f"the key {shown(key)} has characters that do not show"
        case str() if _HIDDEN.search(value):
            return f"got {shown(value)}, which has characters that do not show"
        case int() if abs(value) > MOST:
            return f"got {hex(value):.40}, expected at most {MOST}"
        case float() if not math.isfinite(value):
            return f"got {value}, expected a finite number"
        case None | bool() | int() | float() | str() | list():
            return ""
        case _:
            return f"got {shown(value)}, expected a text, a number, a list or a mapping"
    return ""
