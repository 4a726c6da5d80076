"""One-line messages for an invalid configuration, and a check for unsupported YAML values.

YAML allows more than a configuration: keys that are not text, dates, NaN, numbers of any length,
invisible characters, lists that contain themselves.
"""

import difflib
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from textvae.errors import InputError
from textvae.spec import MAX_FLOAT, MAX_INTEGER

# Characters of an invalid value in a message.
_SHOWN = 60
# Levels of nested lists and mappings; no section has as many.
MAX_DEPTH = 20
# Control characters except tab and line end, marks that change the direction of writing, lone
# surrogates: all invisible, and some invalid on a command line.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)", re.ASCII)
_SCIENTIFIC = re.compile(rf"{_NUMBER.pattern}[eE][-+]?\d{{1,4}}", re.ASCII)
_TYPES = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def explain(error: Mapping[str, Any], names_at: Callable[[tuple], Iterable[str]]) -> str:
    """Return one of pydantic's errors (of `ValidationError.errors()`) as one line.

    names_at: returns the valid names at a location: keys of a mapping, or choices of a text.
    """
    location, kind, got = tuple(error["loc"]), error["type"], error["input"]
    where = dotted(error_location(error)) or "top level"
    if got is None and kind not in ("extra_forbidden", "missing"):
        return (
            f"{where}: got null, which removes a key that another configuration file gives, but"
            " none gives this one; expected a value, or no such key"
        )
    if kind == "extra_forbidden":
        *parent, key = location
        expected = one_of(names_at(tuple(parent)), str(key))
        return f"{where}: unknown key {shown(key)}, expected {expected}"
    if kind == "missing":
        return f"{where}: the key {location[-1]!r} is missing"
    if kind == "literal_error":
        return f"{where}: got {shown(got)}, expected {one_of(names_at(location), str(got))}"
    if kind == "string_pattern_mismatch" and "sha256" in location:
        return f"{where}: got {shown(got)}, expected 64 hexadecimal digits, as sha256sum prints"
    if kind == "string_pattern_mismatch" and got.startswith(("/", "~")):
        return (
            f"{where}: got {shown(got)}, expected a folder below this one, such as results/mine"
            " (which may be a symbolic link to a folder elsewhere)"
        )
    if kind == "string_pattern_mismatch":
        slash = ", '/'" if "/" in error["ctx"]["pattern"] else ""
        return f"{where}: {shown(got)} is not made of letters, digits, '-', '_'{slash} and '.'"
    if kind == "too_short":
        return f"{where}: got an empty list, expected at least one entry"
    if kind in _TYPES:
        return f"{where}: got {shown(got)}, expected {_TYPES[kind]}{_advice(kind, got)}"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{where}: got {got}, expected {words} {_number(error['ctx'][name])}"
    return f"{where}: {error['msg']}"


def scientific(value: Any) -> bool:
    """Return whether a value is a text like 1e-3 or 85e5, a finite number except in YAML 1.1."""
    match = isinstance(value, str) and _SCIENTIFIC.fullmatch(value)
    return bool(match) and math.isfinite(float(value))


def _advice(kind: str, got: Any) -> str:
    """Return how to write a value that has the wrong type only for its quotes; "" for others."""
    if kind == "string_type" and isinstance(got, int | float):
        return f": write {str(got)!r}, in quotes"
    unquoted = isinstance(got, str) and (_NUMBER.fullmatch(got) or got.lower() in ("true", "false"))
    # YAML 1.1 reads 010 as 8, and 08 as a text.
    if kind in ("int_type", "float_type") and unquoted and re.fullmatch("0+[1-9][0-9.]*", got):
        return f": write {got.lstrip('0')}, without 0 before it"
    if kind in ("int_type", "float_type", "bool_type") and unquoted:
        return (
            ": write it without quotes; within a section that --config gives every value is a"
            " text, so use a file and --configfile"
        )
    return ""


def error_location(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Return the location for a message: that of the value, or of the mapping for a wrong key."""
    location = tuple(error["loc"])
    if error["type"] in ("extra_forbidden", "missing"):
        return location[:-1]
    # Pydantic appends this to the location of an invalid name of an entry.
    return location[:-2] if location and location[-1] == "[key]" else location


def dotted(path: Iterable[str | int]) -> str:
    """Return a location in dotted notation: experiments.table1.C[0]."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def one_of(known: Iterable[Any], got: str) -> str:
    """Return the valid names, and a suggestion if one resembles `got`."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(got[:_SHOWN], names, n=1)
    suggestion = f" (did you mean {near[0]!r}?)" if near else ""
    return "one of " + ", ".join(names) + suggestion


def check_known(known: Collection[str], kind: str, value: str, where: str) -> None:
    """Raise InputError unless `value` is one of the names of a kind; where: the key that has it."""
    if value not in known:
        expected = f"{one_of(known, value)} (see {kind})"
        raise InputError(f"{where}: got {shown(value)}, expected {expected}")


def shown(value: Any) -> str:
    """Return an invalid value, or its beginning, on one line."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def check_values(value: Any, location: tuple[str | int, ...] = ()) -> None:
    """Raise InputError, one line, at the first unsupported value or key.

    Supported are text, numbers, booleans, null, lists, and mappings with text as keys.
    """
    wrong = _wrong(value, len(location))
    if wrong:
        raise InputError(f"{dotted(location) or 'top level'}: {wrong}")
    if isinstance(value, dict):
        for key, inner in value.items():
            check_values(inner, (*location, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            check_values(inner, (*location, index))


def _wrong(value: Any, depth: int) -> str:
    """Return why a value is unsupported; "" if it is supported."""
    match value:
        case dict() | list() if depth > MAX_DEPTH:
            return f"nested too deep, expected at most {MAX_DEPTH} levels"
        case dict():
            for key in value:
                if not isinstance(key, str):
                    return f"the key {shown(key)} is not a text, expected one in quotes"
                if _HIDDEN.search(key):
                    return f"the key {shown(key)} has unprintable characters"
        case str() if _HIDDEN.search(value):
            return f"got {shown(value)}, which has unprintable characters"
        case int() if abs(value) > MAX_INTEGER:
            return f"got {hex(value):.40}, expected at most {MAX_INTEGER}"
        case float() if not math.isfinite(value):
            return f"got {value}, expected a finite number"
        case float() if abs(value) > MAX_FLOAT:
            return f"got {value}, expected at most {MAX_FLOAT}"
        case None | bool() | int() | float() | str() | list():
            return ""
        case _:
            return f"got {shown(value)}, expected a text, a number, a list or a mapping"
    return ""


def _number(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else str(bound)
