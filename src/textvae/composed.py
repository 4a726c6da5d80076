"""Composed settings: shared ones, and those of the parts that the shared ones select.

A model consists of an encoder, a decoder, a posterior and a prior; a training of an objective and a
strategy. Each part declares its settings. All settings are stored as one flat mapping:
`{"decoder": "cnn", "latent": 64, "blocks": 2, ...}`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Generic, Self, TypeVar

from textvae.errors import InputError
from textvae.registry import Declaration, Registry
from textvae.settings import Settings, Spec, resolve, settings_class, specs

Shared = TypeVar("Shared", bound=Settings)

# Further flags of `textvae train` and `choose-C`, and the key of an entry that inherits another:
# names that no setting of a part may have.
RESERVED = frozenset(
    {
        *("base", "C", "cells_per_gpu", "checkpoint_minutes", "checkpoints", "corpus", "device"),
        *("grace", "help", "keep_last", "name", "output", "overwrite", "seed", "text", "threads"),
        *("also_measure", "by", "corrections", "decoding", "levels", "sentences"),
        *("format", "label", "longest", "normalise", "shortest", "split_sentences", "vocabulary"),
        *("train_size", "valid_size", "test_size"),
    }
)


def with_parts(shared: Iterable[Spec], parts: Iterable[Declaration]) -> tuple[Spec, ...]:
    """Return shared settings and those of parts, each name once.

    InputError if a part declares one differently from the shared ones or from an earlier part, or
    by a name that is a flag or key already.
    """
    fields = {one.name: one for one in shared}
    declared_by = dict.fromkeys(fields, "the settings of every model")
    for part in parts:
        for one in part.specs:
            if one.name in RESERVED:
                raise InputError(
                    f"{part.module}: the {part.kind} {part.name!r} declares the setting"
                    f" {one.name!r}, which is a flag of `textvae train` or `choose-C`, or a key of"
                    " every model; choose another name"
                )
            if fields.setdefault(one.name, one) != one:
                raise InputError(
                    f"{part.module}: the {part.kind} {part.name!r} declares the setting"
                    f" {one.name!r} differently from {declared_by[one.name]}; choose another name"
                )
            declared_by.setdefault(one.name, f"the {part.kind} {part.name!r}")
    return tuple(fields.values())


class Composed(Generic[Shared]):
    """Shared settings with those of the selected parts; frozen, and compared by value.

    A subclass sets SHARED, the class of shared settings, which has a field for each kind of part,
    and PARTS, the registries of the parts.
    """

    SHARED: ClassVar[type[Settings]]
    PARTS: ClassVar[tuple[Registry, ...]]

    def __init__(self, **values: Any) -> None:
        """Raise InputError, with the flag, for an invalid or undeclared value."""
        names = self.SHARED.model_fields
        self.shared: Shared = self.SHARED(**{k: v for k, v in values.items() if k in names})
        own = settings_class(type(self).__name__, self._own_specs(self.shared))
        self._own = own(**{k: v for k, v in values.items() if k not in names})

    @classmethod
    def resolve(cls, values: Mapping[str, Any]) -> Self:
        """Create settings from `values`, with defaults for missing ones.

        1 and 1.0 are equal. Values that only unselected parts declare are ignored.
        """
        shared = resolve(cls.SHARED, values)
        own = resolve(settings_class(cls.__name__, cls._own_specs(shared)), values)
        return cls(**shared.model_dump(), **own.model_dump())

    @classmethod
    def every(cls) -> type[Settings]:
        """Return the class of all settings: shared ones, and those of every registered part."""
        declared = [each for parts in cls.PARTS for each in parts.declared().values()]
        fields = with_parts(specs(cls.SHARED), declared)
        return settings_class(cls.__name__, fields, cls.__doc__ or "")

    @classmethod
    def _own_specs(cls, shared: Settings) -> list[Spec]:
        """Return the fields that the selected parts declare."""
        return [
            one
            for parts in cls.PARTS
            for one in parts.declared()[getattr(shared, parts.kind)].specs
        ]

    def part(self, kind: str) -> Settings:
        """Return the settings of the selected part of a kind, as an instance of its class."""
        parts = next(parts for parts in self.PARTS if parts.kind == kind)
        cls = getattr(parts[getattr(self.shared, kind)], "Settings", Settings)
        return cls(**{name: getattr(self._own, name) for name in cls.model_fields})

    def model_dump(self) -> dict[str, Any]:
        """Return all settings as one flat mapping."""
        return self.shared.model_dump() | self._own.model_dump()

    def replace(self, **changes: Any) -> Self:
        """Return a copy with changes, without settings that only a replaced part declared."""
        kept = self.model_dump()
        if any(parts.kind in changes for parts in self.PARTS):
            fields = self.SHARED.model_fields
            chosen = self.shared.replace(**{k: v for k, v in changes.items() if k in fields})
            names = {*fields, *(one.name for one in self._own_specs(chosen))}
            kept = {name: value for name, value in kept.items() if name in names}
        return type(self)(**(kept | changes))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.model_dump() == self.model_dump()

    def __hash__(self) -> int:
        return hash(tuple(self.model_dump().items()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.model_dump().items())
        return f"{type(self).__name__}({values})"
