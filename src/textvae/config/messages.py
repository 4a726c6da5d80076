"""What of YAML a configuration may hold: texts, numbers, lists, and mappings with texts as keys.

YAML knows more than a schema speaks of: keys that are no texts, dates, NaN, numbers of any length,
characters that no terminal shows, lists that hold themselves.
"""

import difflib
import math
import re
from collections.abc import Iterable
from typing import Any

import jsonschema

from textvae.errors import InputError
from textvae.settings import MOST


def explain(error: jsonschema.ValidationError) -> str:
    """The error in one line."""
    where = dotted(error.absolute_path) or "top level"
    rule, got = error.validator_value, error.instance
    match error.validator:
        case "additionalProperties":
            known = list(error.schema.get("properties", {}))
            unknown = next(key for key in got if key not in known)
            return f"{where}: unknown key {shown(unknown)}, expected {one_of(known, str(unknown))}"
        case "required":
            missing = next(key for key in rule if key not in got)
            return f"{where}: the key {missing!r} is missing"
        case "pattern":
            slash = ", '/'" if "/" in rule else ""
            return f"{where}: {shown(got)} is not made of letters, digits, '-', '_'{slash} and '.'"
        case "enum":
            return f"{where}: got {shown(got)}, expected {one_of(rule, str(got))}"
        case "type":
            return f"{where}: got {shown(got)}, expected {_TYPES.get(str(rule), str(rule))}"
        case "minimum":
            return f"{where}: got {got}, expected at least {rule}"
        case "exclusiveMinimum":
            return f"{where}: got {got}, expected more than {rule}"
        case "maximum":
            return f"{where}: got {got}, expected at most {rule}"
        case "minItems":
            return f"{where}: got an empty list, expected at least one entry"
        case "uniqueItems":
            twice = next(item for i, item in enumerate(got) if item in got[:i])
            return f"{where}: {shown(twice)} appears twice"
    return f"{where}: got {shown(got)}, which is wrong by {error.validator!r}"


# Characters of a wrong value that are shown.
_LONGEST = 60
_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "a mapping of keys to values",
    "boolean": "true or false",
}


def dotted(path: Iterable[str | int]) -> str:
    """A place in a tree as a person writes it: experiments.table1.C[0]."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def one_of(known: Iterable[Any], got: str) -> str:
    """The names to choose from, and the one that was likely meant."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(got[:_LONGEST], names, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    return "one of " + ", ".join(names) + meant


def shown(value: Any) -> str:
    """A value that is wrong, or the beginning of it, on a line."""
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


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
