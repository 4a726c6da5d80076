"""Settings as frozen pydantic models, whose fields have type, bounds and description.

    class DecoderSettings(Settings):
        blocks: int = setting(2, "gated blocks", ge=1)

From the fields come the command-line flags (`learning_rate` becomes `--learning-rate`), the keys of
the configuration and their reference, and the one-line message for a wrong value. A field is an
int, a float, a str or a bool, or one of these with `| None`, or a `tuple[str, ...]`.
"""

import argparse
import os
import types
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any, Self, TypeVar, Union, get_args, get_origin

# No plugins: the search for them takes as long as the rest of the import.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from textvae.errors import InputError
from textvae.spec import MAX_FLOAT, MAX_INTEGER, TYPES, Spec

# None and the two bools as words of a command, as in YAML.
NULL = "null"
_BOOLS = {"true": True, "false": False}

__all__ = [
    "MAX_FLOAT",
    "MAX_INTEGER",
    "NULL",
    "Settings",
    "Spec",
    "setting",
    "settings_class",
    "specs",
    "union",
]


class Settings(BaseModel):
    """Base of all settings: frozen, strict about types, without unknown fields."""

    # Validators are built when a class is first used: a command uses few of those it imports.
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True
    )

    def __init__(self, **values: Any) -> None:
        """Raise InputError, one line with the flag, for an invalid value."""
        fields = {one.name: one for one in specs(type(self))}
        for name, value in values.items():
            if name not in fields:
                raise InputError(f"{name!r:.80} is not a setting")
            if wrong := fields[name].wrong(value):
                raise InputError(f"{fields[name].flag}: {wrong}")
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        super().__init__(**(values | lists))

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values; InputError for an invalid one."""
        return type(self)(**(self.model_dump() | changes))


S = TypeVar("S", bound=Settings)


def setting(
    default: Any,
    description: str,
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    choices: Iterable[str] | None = None,
    kind: str | None = None,
) -> Any:
    """Declare a field.

    ge, gt, le, lt: bounds. choices: the allowed strings. kind: the registry (`encoder`, say) whose
    names are allowed.
    """
    extra = {"choices": None if choices is None else list(choices), "kind": kind}
    extra = {name: value for name, value in extra.items() if value is not None}
    return Field(
        default,
        description=description,
        ge=ge,
        gt=gt,
        le=le,
        lt=lt,
        json_schema_extra=extra or None,
    )


@cache
def specs(cls: type[Settings]) -> tuple[Spec, ...]:
    """Return the fields of a class of settings, in order."""
    return tuple(_spec(name, info) for name, info in cls.model_fields.items())


def union(owner: str, fields: Iterable[Spec]) -> tuple[Spec, ...]:
    """Return the fields without duplicates; InputError if two with the same name differ."""
    by_name: dict[str, Spec] = {}
    for one in fields:
        if by_name.setdefault(one.name, one) != one:
            raise InputError(f"{owner}: the setting {one.name!r} has two different declarations")
    return tuple(by_name.values())


def settings_class(name: str, fields: Iterable[Spec], doc: str = "") -> type[Settings]:
    """Create a class of settings; InputError if two fields with the same name differ."""
    annotated: dict[str, Any] = {
        one.name: (
            _annotation(one),
            setting(
                one.default,
                one.description,
                ge=one.ge,
                gt=one.gt,
                le=one.le,
                lt=one.lt,
                choices=one.choices,
                kind=one.kind,
            ),
        )
        for one in union(name, fields)
    }
    return create_model(name, __base__=Settings, __doc__=doc or name, **annotated)


def check(settings: Settings) -> None:
    """Raise InputError, one line, for a field of the wrong type or outside its bounds."""
    for one in specs(type(settings)):
        if wrong := one.wrong(getattr(settings, one.name)):
            raise InputError(f"{one.flag}: {wrong}")


def resolve(cls: type[S], values: Mapping[str, Any]) -> S:
    """Create a `cls` from the `values` of its fields, with defaults for missing ones.

    1 and 1.0 are equal, whatever the type of the field. InputError for an invalid value.
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
            type=partial(_value, one),
            default=one.default,
            choices=one.allowed,
            nargs="*" if one.many else None,
            metavar=None if one.allowed is not None else one.name.upper(),
            help=one.description.replace("%", "%%"),
        )


def _value(one: Spec, text: str) -> Any:
    """Return the value of a word on the command line: true and false, null if None is allowed."""
    if one.optional and text == NULL:
        return None
    if one.type == "bool":
        if text not in _BOOLS:
            raise argparse.ArgumentTypeError(f"{text!r:.80} is not {' or '.join(_BOOLS)}")
        return _BOOLS[text]
    try:
        return TYPES[one.type](text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"invalid {one.type} value: {text!r:.80}") from None


def from_flags(cls: type[S], args: argparse.Namespace) -> S:
    """Read the settings from the flags of `add_flags(parser, cls)`; InputError if invalid."""
    return cls(**{one.name: getattr(args, one.name) for one in specs(cls)})


def _annotation(one: Spec) -> Any:
    kind: Any = TYPES[one.type]
    if one.many:
        kind = tuple[kind, ...]
    return kind | None if one.optional else kind


def _spec(name: str, info: FieldInfo) -> Spec:
    bounds: dict[str, Any] = {}
    for constraint in info.metadata:
        for bound in ("ge", "gt", "le", "lt"):
            value = getattr(constraint, bound, None)
            if value is not None:
                bounds[bound] = value
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    choices = extra.get("choices")
    kind: Any = info.annotation
    optional = get_origin(kind) in (Union, types.UnionType)
    if optional:
        kind = next(each for each in get_args(kind) if each is not type(None))
    many = get_origin(kind) is tuple
    if many:
        kind = get_args(kind)[0]
    return Spec(
        name,
        kind.__name__,
        info.default,
        info.description or "",
        choices=None if choices is None else tuple(choices),
        kind=extra.get("kind"),
        optional=optional,
        many=many,
        **bounds,
    )
