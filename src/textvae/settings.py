"""Settings are frozen dataclasses; this room gives each field its bounds, its help and its flag.

A field's metadata comes from one of the functions below. `check` holds a whole object against
them, `add_flags` makes a command-line flag of every field (`learning_rate` becomes
`--learning-rate`), and `from_flags` reads the object back.
"""

import argparse
import math
from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, TypeVar

from textvae.errors import InputError

Settings = TypeVar("Settings")

# No setting needs more. The first is the largest seed; the second, times a weight, is a float32.
MOST = 2**32 - 1
MOST_FLOAT = 1e30


def one_of(*choices: str, help: str) -> Mapping[str, Any]:
    """Metadata of a name out of a list."""
    return {"help": help, "choices": choices}


def at_least(bound: float, *, help: str) -> Mapping[str, Any]:
    """Metadata of a finite number >= bound."""
    return {"help": help, "least": bound}


def positive(*, help: str) -> Mapping[str, Any]:
    """Metadata of a finite number > 0."""
    return {"help": help, "above": 0}


def between(low: float, high: float, *, help: str) -> Mapping[str, Any]:
    """Metadata of a number in [low, high]."""
    return {"help": help, "least": low, "most": high}


def check(settings: Any) -> None:
    """InputError, one line, where a field is not of its type, or outside its bounds."""
    for entry in fields(settings):
        value, rule = getattr(settings, entry.name), entry.metadata
        if not _is_of(entry.type, value):
            raise InputError(f"{_flag(entry)}: {value!r:.80} is not {_expected(rule)}")
        most = {int: MOST, float: MOST_FLOAT}.get(entry.type)
        if most is not None and value > most:
            raise InputError(f"{_flag(entry)}: {value!r:.40} is not a number of at most {most}")
        if (
            ("choices" in rule and value not in rule["choices"])
            or ("least" in rule and value < rule["least"])
            or ("above" in rule and value <= rule["above"])
            or ("most" in rule and value > rule["most"])
        ):
            raise InputError(f"{_flag(entry)}: {value} is not {_expected(rule)}")


def resolve(cls: type[Settings], values: Mapping[str, Any]) -> Settings:
    """A `cls` of those of `values` that are its fields, in their fields' types; defaults else."""
    known = {entry.name: entry.type for entry in fields(cls)}
    return cls(**{name: known[name](value) for name, value in values.items() if name in known})


def add_flags(parser: argparse.ArgumentParser, cls: type) -> None:
    """One flag for every field of the dataclass `cls`."""
    group = parser.add_argument_group(cls.__doc__.splitlines()[0].rstrip("."))
    for entry in fields(cls):
        group.add_argument(
            _flag(entry),
            type=entry.type,
            default=entry.default,
            choices=entry.metadata.get("choices"),
            metavar=None if "choices" in entry.metadata else entry.name.upper(),
            help=entry.metadata["help"],
        )


def from_flags(cls: type[Settings], args: argparse.Namespace) -> Settings:
    """The settings that a parser with `add_flags(parser, cls)` read; checked."""
    settings = cls(**{entry.name: getattr(args, entry.name) for entry in fields(cls)})
    check(settings)
    return settings


def _is_of(kind: type, value: Any) -> bool:
    """Whether a value is of a field's type; of a float's, any number that is finite."""
    if kind is float:
        return type(value) is int or (type(value) is float and math.isfinite(value))
    return type(value) is kind


def _flag(entry: Field) -> str:
    return "--" + entry.name.replace("_", "-")


def _expected(rule: Mapping[str, Any]) -> str:
    if "choices" in rule:
        return "one of " + ", ".join(rule["choices"])
    if "above" in rule:
        return f"a number above {rule['above']}"
    if "most" in rule:
        return f"a number from {rule['least']} to {rule['most']}"
    return f"a number of at least {rule['least']}"
