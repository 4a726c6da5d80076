"""What a schema finds wrong, in one line: where, what it got, and what it takes."""

import difflib
from collections.abc import Iterable
from typing import Any

import jsonschema


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
