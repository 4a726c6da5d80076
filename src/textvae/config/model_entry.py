"""Model entries of the configuration: flat keys of the shared settings and of every part.

The keys are those of `Architecture` and `TrainingSettings`, and those that encoders, decoders,
posteriors, priors, objectives and strategies declare at their registration. A training depends on
the shared settings and those of the parts that an entry selects. `base: NAME` inherits another
entry.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from textvae.composed import with_parts
from textvae.config.messages import one_of, shown
from textvae.errors import InputError
from textvae.models.architecture import Architecture
from textvae.registry import PARTS, Declaration
from textvae.settings import Spec, specs, union
from textvae.training.config import TrainingSettings

BASE = "base"


@cache
def shared() -> tuple[Spec, ...]:
    """Return the settings that every model has."""
    return union("models", (*specs(Architecture), *specs(TrainingSettings)))


def known_keys() -> tuple[Spec, ...]:
    """Return every setting that an entry may give; InputError if parts declare one differently."""
    return with_parts(shared(), _parts())


def owners(setting: str) -> tuple[tuple[str, str], ...]:
    """Return (kind, name) of the parts that a setting belongs to; empty if every model has it."""
    if any(one.name == setting for one in shared()):
        return ()
    return tuple(
        (part.kind, part.name)
        for part in _parts()
        if any(one.name == setting for one in part.specs)
    )


def inherited(models: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Return the entry `name` of the section merged with the chain of its bases.

    InputError if a base is not an entry, or the chain is circular.
    """
    chain = [name]
    while (base := models[chain[-1]].get(BASE)) is not None:
        where = f"models.{chain[-1]}.{BASE}"
        if base not in models:
            raise InputError(f"{where}: got {shown(base)}, expected {one_of(models, str(base))}")
        if base in chain:
            cycle = " -> ".join([*chain, base])
            raise InputError(
                f"{where}: got the cycle {cycle}, expected a chain of entries that ends"
            )
        chain.append(base)
    entry: dict[str, Any] = {}
    for each in reversed(chain):
        entry |= models[each]
    entry.pop(BASE, None)
    return entry


def resolved(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings that a training depends on, with defaults, in canonical order and form.

    Keys of parts that are not selected are left out.
    """
    fields = list(shared())
    chosen = {one.name: _value(one, entry) for one in fields}
    for registry in PARTS:
        part = registry.declared().get(chosen.get(registry.kind))
        if part is not None:
            chosen |= {one.name: _value(one, entry) for one in part.specs}
    return chosen


def _value(one: Spec, entry: Mapping[str, Any]) -> Any:
    return one.cast(entry.get(one.name, one.default))


def _parts() -> list[Declaration]:
    return [part for registry in PARTS for part in registry.declared().values()]


def no_effect(key: str) -> str:
    """Return, as the end of a message, which parts a setting belongs to."""
    parts = " or ".join(f"the {kind} {part}" for kind, part in owners(key))
    return f"has no effect, it is a setting of {parts}"
