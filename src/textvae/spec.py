"""One setting as plain data: its type, default, bounds and description.

Flags, messages, the configuration's classes and its reference are derived from specs. Does not
import pydantic, unlike `textvae.settings`, so that commands without settings start faster.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Upper bounds of all settings: the largest seed, and a float whose product with a weight is finite
# in float32.
MAX_INTEGER = 2**32 - 1
MAX_FLOAT = 1e30

TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_WORDS = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false"}


@dataclass(frozen=True)
class Spec:
    """One field of a class of settings.

    type: a key of `TYPES`. ge, gt, le, lt: bounds. choices: the allowed strings. kind: the registry
    (`encoder`, say) whose names are allowed. optional: None is allowed. many: the value is a list
    of values of that type.
    """

    name: str
    type: str
    default: Any
    description: str
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    choices: tuple[str, ...] | None = None
    kind: str | None = None
    optional: bool = False
    many: bool = False

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Spec":
        """Create a spec from the output of `dataclasses.asdict`."""
        lists = ("choices", "default")
        return cls(
            **{
                name: tuple(one) if name in lists and isinstance(one, list) else one
                for name, one in value.items()
            }
        )

    @property
    def flag(self) -> str:
        """Return the flag on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def allowed(self) -> tuple[str, ...] | None:
        """Return the allowed strings, None if any is allowed."""
        if self.kind is None:
            return self.choices
        from textvae.registry import REGISTRIES

        return REGISTRIES[self.kind].names()

    @property
    def expected(self) -> str:
        """Return a description of the allowed values."""
        if self.allowed is not None:
            return "one of " + ", ".join(self.allowed)
        if self.ge is not None and self.le is not None:
            return f"a number from {self.ge:g} to {self.le:g}"
        bounds = {
            "above": self.gt,
            "of at least": self.ge,
            "at most": self.le,
            "below": self.lt,
        }
        given = [f"{words} {bound:g}" for words, bound in bounds.items() if bound is not None]
        return f"a number {' and '.join(given)}" if given else _WORDS[self.type]

    def wrong(self, value: Any) -> str | None:
        """Return why a value is invalid (`-1 is not a number of at least 0`), None if it is valid.

        A float field takes any finite number, an int field whole numbers of type int; neither takes
        a bool.
        """
        if value is None and self.optional:
            return None
        if self.many:
            if not isinstance(value, list | tuple):
                return f"{value!r:.80} is not a list"
            return next((wrong for each in value if (wrong := self._wrong(each))), None)
        return self._wrong(value)

    def _wrong(self, value: Any) -> str | None:
        kind = TYPES[self.type]
        if kind is float:
            fits = type(value) is int or (type(value) is float and math.isfinite(value))
        else:
            fits = type(value) is kind
        if not fits:
            return f"{value!r:.80} is not {self.expected}"
        maximum = {int: MAX_INTEGER, float: MAX_FLOAT}.get(kind)
        if maximum is not None and value > maximum:
            return f"{value!r:.40} is not a number of at most {maximum}"
        if (
            (self.allowed is not None and value not in self.allowed)
            or (self.ge is not None and value < self.ge)
            or (self.gt is not None and value <= self.gt)
            or (self.le is not None and value > self.le)
            or (self.lt is not None and value >= self.lt)
        ):
            return f"{value} is not {self.expected}"
        return None

    def cast(self, value: Any) -> Any:
        """Convert a number to the field's type if that is exact, and a list to a tuple."""
        if self.many and isinstance(value, list):
            return tuple(value)
        kind = TYPES[self.type]
        if kind is float and type(value) is int:
            return float(value)
        if kind is int and type(value) is float and value.is_integer():
            return int(value)
        return value
