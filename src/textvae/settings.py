"""Settings, stated once: frozen pydantic models whose fields carry type, bounds and description.

    class DecoderSettings(Settings):
        blocks: int = setting(2, "gated blocks", ge=1)

From the fields come the command-line flags (`learning_rate` becomes `--learning-rate`), the
configuration's schema and reference, and the one-line message for a wrong value.
"""

import argparse
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from textvae.errors import InputError

# No setting needs more. The first is the largest seed; the second, times a weight, is a float32.
MOST = 2**32 - 1
MOST_FLOAT = 1e30

_TYPES = {"int": int, "float": float, "str": str, "bool": bool}


class Settings(BaseModel):
    """Base of all settings: frozen, strict about types, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:
        """Raise InputError, one line, naming the flag of a value that is wrong."""
        fields = {one.name: one for one in specs(type(self))}
        for name, value in values.items():
            if name not in fields:
                raise InputError(f"{name!r:.80} is not a setting")
            if wrong := fields[name].wrong(value):
                raise InputError(f"{fields[name].flag}: {wrong}")
        super().__init__(**values)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values; InputError where one is wrong."""
        return type(self)(**(self.model_dump() | changes))


S = TypeVar("S", bound=Settings)


def setting(
    default: Any,
    description: str,
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    choices: Iterable[str] | None = None,
    kind: str | None = None,
) -> Any:
    """Declare a field.

    ge, gt, le: bounds. choices: the texts that are allowed. kind: of a registry (`encoder`, say),
    whose names are allowed.
    """
    extra = {"choices": None if choices is None else list(choices), "kind": kind}
    extra = {name: value for name, value in extra.items() if value is not None}
    return Field(
        default, description=description, ge=ge, gt=gt, le=le, json_schema_extra=extra or None
    )


@dataclass(frozen=True)
class Spec:
    """One field as plain data: what flags, schema, reference and messages are made from."""

    name: str
    type: str
    default: Any
    description: str
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    choices: tuple[str, ...] | None = None
    kind: str | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Spec":
        """Read what `dataclasses.asdict` made of one."""
        choices = value["choices"]
        return cls(**{**value, "choices": None if choices is None else tuple(choices)})

    @property
    def flag(self) -> str:
        """As on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def allowed(self) -> tuple[str, ...] | None:
        """The texts that the field takes, None if any."""
        if self.kind is None:
            return self.choices
        from textvae.registry import _REGISTRIES

        return _REGISTRIES[self.kind].names()

    @property
    def expected(self) -> str:
        """What the field takes, in words."""
        if self.allowed is not None:
            return "one of " + ", ".join(self.allowed)
        if self.gt is not None:
            return f"a number above {self.gt:g}"
        if self.ge is not None and self.le is not None:
            return f"a number from {self.ge:g} to {self.le:g}"
        if self.ge is not None:
            return f"a number of at least {self.ge:g}"
        return {"int": "a whole number", "float": "a number", "str": "a text"}.get(
            self.type, "true or false"
        )

    def wrong(self, value: Any) -> str | None:
        """Return what is wrong with a value (`-1 is not a number of at least 0`), None if nothing.

        Of a float's type is any finite number, of an int's a whole number without a point.
        """
        kind = _TYPES[self.type]
        if kind is float:
            fits = type(value) is int or (type(value) is float and math.isfinite(value))
        else:
            fits = type(value) is kind
        if not fits:
            return f"{value!r:.80} is not {self.expected}"
        most = {int: MOST, float: MOST_FLOAT}.get(kind)
        if most is not None and value > most:
            return f"{value!r:.40} is not a number of at most {most}"
        if (
            (self.allowed is not None and value not in self.allowed)
            or (self.ge is not None and value < self.ge)
            or (self.gt is not None and value <= self.gt)
            or (self.le is not None and value > self.le)
        ):
            return f"{value} is not {self.expected}"
        return None

    def cast(self, value: Any) -> Any:
        """Return a number as the field's type has it, where nothing is lost; else the value."""
        kind = _TYPES[self.type]
        if kind is float and type(value) is int:
            return float(value)
        if kind is int and type(value) is float and value.is_integer():
            return int(value)
        return value


def specs(cls: type[Settings]) -> tuple[Spec, ...]:
    """Return the fields of a class of settings, in order."""
    return tuple(_spec(name, info) for name, info in cls.model_fields.items())


def settings_class(name: str, fields: Iterable[Spec], doc: str = "") -> type[Settings]:
    """Make a class of settings from fields.

    InputError where two of them share a name and are not the same.
    """
    found: dict[str, Spec] = {}
    for one in fields:
        if found.setdefault(one.name, one) != one:
            raise InputError(f"{name}: the setting {one.name!r} is declared twice, differently")
    made = {
        one.name: (
            _TYPES[one.type],
            setting(
                one.default,
                one.description,
                ge=one.ge,
                gt=one.gt,
                le=one.le,
                choices=one.choices,
                kind=one.kind,
            ),
        )
        for one in found.values()
    }
    return create_model(name, __base__=Settings, __doc__=doc or name, **made)


def check(settings: Settings) -> None:
    """Raise InputError, one line, at a field that is not of its type or outside its bounds."""
    for one in specs(type(settings)):
        if wrong := one.wrong(getattr(settings, one.name)):
            raise InputError(f"{one.flag}: {wrong}")


def resolve(cls: type[S], values: Mapping[str, Any]) -> S:
    """Make a `cls` from those of `values` that are its fields, defaults for the others.

    1 and 1.0 are one setting, whatever the field's type. InputError where a value is wrong.
    """
    fields = {one.name: one for one in specs(cls)}
    return cls(
        **{name: fields[name].cast(value) for name, value in values.items() if name in fields}
    )


def add_flags(parser: argparse.ArgumentParser, cls: type[Settings]) -> None:
    """Add one flag for every field."""
    group = parser.add_argument_group((cls.__doc__ or cls.__name__).splitlines()[0].rstrip("."))
    for one in specs(cls):
        group.add_argument(
            one.flag,
            type=_TYPES[one.type],
            default=one.default,
            choices=one.allowed,
            metavar=None if one.allowed is not None else one.name.upper(),
            help=one.description.replace("%", "%%"),
        )


def from_flags(cls: type[S], args: argparse.Namespace) -> S:
    """Read the settings back from a parser with `add_flags(parser, cls)`; InputError if wrong."""
    return cls(**{one.name: getattr(args, one.name) for one in specs(cls)})


def _spec(name: str, info: FieldInfo) -> Spec:
    bounds: dict[str, Any] = {}
    for constraint in info.metadata:
        for bound in ("ge", "gt", "le"):
            value = getattr(constraint, bound, None)
            if value is not None:
                bounds[bound] = value
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    choices = extra.get("choices")
    return Spec(
        name,
        info.annotation.__name__,
        info.default,
        info.description or "",
        choices=None if choices is None else tuple(choices),
        kind=extra.get("kind"),
        **bounds,
    )
