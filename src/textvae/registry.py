"""Registries of objectives, posteriors, measurements, tables and other components, by name.

A component is registered in the file that defines it:

    @OBJECTIVES.register("rate-target", title="|R - C|", uses_C=True)
    class RateTarget(Objective): ...

A registry finds the components of the package by importing all modules of one folder, and those of
a user by importing the extensions (`textvae.extensions`). Flags, the configuration's schema and
reference, rules, gathering and the report follow from the registration.

The `Declaration` of a component is plain data that is known without importing it. Planning a
workflow needs only declarations and must not import torch, which takes seconds; so the declarations
of kinds that import torch are cached under a digest of the sources.
"""

import hashlib
import importlib
import importlib.util
import json
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textvae import cache as user_cache
from textvae.errors import InputError
from textvae.extensions import EXTENSIONS, check_files, extensions, load_extensions, with_imports
from textvae.io import atomic_write
from textvae.spec import Spec

if TYPE_CHECKING:
    from textvae.settings import Settings

Component = TypeVar("Component")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# What the modules that register components import.
_NEEDED = ("torch", "sacrebleu")
# The package's own declarations, for planning where torch is not installed; `make reference`
# writes it.
SHIPPED = Path(__file__).with_name("declarations.json")


@dataclass(frozen=True)
class Declaration:
    """A registered component as plain data.

    module: dotted name within the package, or the path of an extension's file. specs: its settings.
    facts: further data that its kind requires at registration, as JSON.
    """

    kind: str
    name: str
    summary: str
    module: str
    specs: tuple[Spec, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def of_package(self) -> bool:
        """Return whether it is registered by the package, not by an extension."""
        return self.module.split(".")[0] == "textvae"

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Declaration":
        """Create a declaration from the output of `asdict`."""
        own = tuple(Spec.from_json(each) for each in value["specs"])
        return cls(**{**value, "specs": own})


class Registry(Generic[Component]):
    """The components of one kind by name.

    package: dotted name of the folder whose modules register them, or of a single module.
    needs_torch: whether importing those imports torch. facts: facts required at registration.
    optional: facts that are allowed, too; None if any is. reserved: names of other files in the
    same folder, which no component may have.
    """

    def __init__(
        self,
        kind: str,
        package: str,
        needs_torch: bool,
        facts: tuple[str, ...] = (),
        optional: tuple[str, ...] | None = (),
        reserved: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.facts = facts
        self.optional = optional
        self.reserved = reserved
        self.package = package
        self.needs_torch = needs_torch
        self._components: dict[str, Component] = {}
        self._declarations: dict[str, Declaration] = {}
        REGISTRIES[kind] = self

    def register(
        self,
        name: str,
        *,
        summary: str | None = None,
        settings: "type[Settings] | None" = None,
        **facts: Any,
    ) -> Callable[[Component], Component]:
        """Register the decorated class or function as `name`.

        summary: by default the first line of its docstring. settings: by default its attribute
        `Settings`, if it has one; given here, it becomes that attribute. facts: plain data that its
        kind requires.
        """

        def decorate(component: Component) -> Component:
            module = _module_of(component)
            self._check_name(module, name)
            known = self._declarations.get(name)
            if known is not None and self._components[name] is not component:
                # The module of the package first, in any order of imports.
                both = sorted({known.module, module}, key=lambda name: Path(name).is_absolute())
                where = " and in ".join(both) if len(both) > 1 else f"{module} twice"
                raise InputError(
                    f"the {self.kind} {name!r} is registered in {where}, expected a unique name"
                )
            if missing := [fact for fact in self.facts if fact not in facts]:
                raise InputError(
                    f"{module}: the {self.kind} {name!r} is registered without {missing[0]}="
                )
            if self.optional is not None:
                self._check_facts(f"{module}: the {self.kind} {name!r}", facts)
            if settings:
                component.Settings = settings
            cls = getattr(component, "Settings", None)
            own = _specs(cls) if cls else ()
            if (fixed := facts.get("C_setting")) and fixed not in [one.name for one in own]:
                raise InputError(
                    f"{module}: the {self.kind} {name!r} is registered with C_setting={fixed!r},"
                    " expected one of its settings"
                )
            lines = (component.__doc__ or name).strip().splitlines()
            self._components[name] = component
            self._declarations[name] = Declaration(
                self.kind,
                name,
                summary or lines[0].rstrip("."),
                module,
                own,
                facts,
            )
            return component

        return decorate

    def _check_name(self, module: str, name: str) -> None:
        """Raise InputError for a name that cannot be a part of the names of files."""
        what = f"{module}: the {self.kind} {name!r:.80}"
        if not _NAME.fullmatch(name):
            raise InputError(f"{what}: expected letters, digits, - and _ in its name")
        if name in self.reserved:
            raise InputError(f"{what} has the name of another file, expected another")

    def _check_facts(self, what: str, facts: Mapping[str, Any]) -> None:
        """Raise InputError for a fact that the kind does not have, which would have no effect."""
        from textvae.config.messages import one_of

        allowed = (*self.facts, *(self.optional or ()))
        for fact in facts:
            if fact not in allowed:
                expected = one_of(allowed, fact) if allowed else "no further fact"
                raise InputError(f"{what} is registered with {fact}=, expected {expected}")

    def __getitem__(self, name: str) -> Component:
        """Import and return the component `name`; InputError if it is not registered.

        For a component of the package, only its module is imported.
        """
        if name not in self._components:
            known = self.declared().get(name)
            if known and known.of_package:
                importlib.import_module(known.module)
            else:
                self._load()
        if name not in self._components:
            raise InputError(self.unknown(name))
        return self._components[name]

    def declared(self) -> Mapping[str, Declaration]:
        """Return name -> declaration, in the order of files and of registrations in them."""
        if self._loaded or not (self.needs_torch or extensions()):
            self._load()
            return self._declarations
        return _cached_declarations()[self.kind]

    def all(self) -> Mapping[str, Component]:
        """Import all components; return name -> component in the order of `declared`."""
        self._load()
        return self._components

    def names(self) -> tuple[str, ...]:
        """Return all names."""
        return tuple(self.declared())

    def unknown(self, name: str) -> str:
        """Return the message for an unknown name, with the most similar registered one."""
        from textvae.config.messages import one_of

        return f"got {name!r:.80}, expected {one_of(self.names(), str(name))}"

    def check_registered(self, name: str) -> None:
        """Raise InputError if a name read from a file is not registered."""
        if name not in self.names():
            raise InputError(
                f"the {self.kind} {name!r:.80} is not registered: the file that registers it must"
                f" be one of the configuration's `extensions` (or of {EXTENSIONS})"
            )

    @property
    def _loaded(self) -> bool:
        return self.kind in _LOADED

    def _load(self) -> None:
        if self._loaded:
            return
        if sys.flags.optimize > 1:
            raise InputError(
                "PYTHONOPTIMIZE=2 (python -OO) removes the descriptions of what is registered;"
                " expected Python without it"
            )
        # Before importing, because a file may query the registry while it is imported.
        _LOADED.add(self.kind)
        package = importlib.import_module(self.package)
        folder = getattr(package, "__path__", ())
        modules = sorted(f"{self.package}.{each.name}" for each in pkgutil.iter_modules(folder))
        for module in modules:
            importlib.import_module(module)
        load_extensions()
        # Restore the order of files: a single module may have been imported earlier.
        order = {module: index for index, module in enumerate(modules)}
        declared = sorted(
            self._declarations.items(), key=lambda item: order.get(item[1].module, len(order))
        )
        self._declarations = dict(declared)


REGISTRIES: dict[str, Registry] = {}
_LOADED: set[str] = set()

# Facts of the parts of a model.
_OF_PARTS = ("check", "notes")

ENCODERS: Registry = Registry(
    "encoder", "textvae.models.encoders", needs_torch=True, optional=_OF_PARTS
)
DECODERS: Registry = Registry(
    "decoder", "textvae.models.decoders", needs_torch=True, optional=_OF_PARTS
)
POSTERIORS: Registry = Registry(
    "posterior",
    "textvae.models.posteriors",
    needs_torch=True,
    optional=(*_OF_PARTS, "C_setting", "fixed_rate"),
)
PRIORS: Registry = Registry("prior", "textvae.models.priors", needs_torch=True, optional=_OF_PARTS)
OBJECTIVES: Registry = Registry(
    "objective",
    "textvae.training.objectives",
    needs_torch=False,
    facts=("title", "uses_C"),
    optional=("C_setting",),
)
STRATEGIES: Registry = Registry(
    "strategy",
    "textvae.training.strategies",
    needs_torch=False,
    optional=("rate_free_at_first", "selects_on_valid"),
)
MEASUREMENTS: Registry = Registry(
    "measurement",
    "textvae.measurements",
    needs_torch=True,
    optional=("of", "bounded", "texts", "language_model"),
    # Beside the model.
    reserved=("config",),
)
# `textvae.paper.exhibit` checks their facts.
EXHIBITS: Registry = Registry(
    "exhibit",
    "textvae.paper.exhibits",
    needs_torch=False,
    optional=None,
    # The document of all exhibits.
    reserved=("paper",),
)
CLAIMS: Registry = Registry(
    "claim",
    "textvae.paper.claims",
    needs_torch=False,
    optional=("section", "statistic", "bound", "range"),
)
FORMATS: Registry = Registry(
    "format",
    "textvae.corpora.formats",
    needs_torch=False,
    optional=("splits", "drops_label", "json"),
)
STEPS: Registry = Registry("normalisation step", "textvae.corpora.normalisation", needs_torch=False)

# Parts selected by a model entry, in the order of its keys.
PARTS: tuple[Registry, ...] = (ENCODERS, DECODERS, POSTERIORS, PRIORS, OBJECTIVES, STRATEGIES)


@cache
def _cached_declarations() -> Mapping[str, Mapping[str, Declaration]]:
    """Return kind -> name -> declaration, from the cache or by importing all registries."""
    check_files()
    path = user_cache.folder() / f"declarations-{_sources_digest()}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return _read_declarations(json.loads(path.read_text(encoding="utf-8")))
    missing = any(importlib.util.find_spec(name) is None for name in _NEEDED)
    if missing and not extensions():
        # Planning with Snakemake alone: conda installs the other packages for each job. Or timing
        # trainings on a machine with torch alone.
        return _read_declarations(json.loads(SHIPPED.read_text(encoding="utf-8")))
    declarations = own_declarations()
    # Without a writable cache folder, every process imports again.
    with suppress(OSError, InputError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(json.dumps(declarations))
    return _read_declarations(json.loads(json.dumps(declarations)))


def own_declarations() -> dict[str, dict[str, Any]]:
    """Return kind -> name -> declaration as plain data; import all registering modules."""
    for registry in REGISTRIES.values():
        registry._load()
    return {
        kind: {name: asdict(one) for name, one in registry.declared().items()}
        for kind, registry in REGISTRIES.items()
    }


def _read_declarations(value: Mapping[str, Any]) -> Mapping[str, Mapping[str, Declaration]]:
    return {
        kind: {name: Declaration.from_json(one) for name, one in value[kind].items()}
        for kind in REGISTRIES
    }


def _sources_digest() -> str:
    """Return a SHA-256 of all sources of package and extensions, and of Python's version."""
    digest = hashlib.sha256(sys.version.encode())
    for path in _sources():
        # The full path, because a declaration contains the path of an extension.
        digest.update(f"\0{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    yield from sorted(Path(__file__).parent.rglob("*.py"))
    # With the files beside them that they import, which may have the defaults of settings.
    for path in extensions():
        if path.is_file():
            yield from with_imports(path)


def _specs(cls: "type[Settings]") -> tuple[Spec, ...]:
    # Imported only if there are settings, to save the import of pydantic.
    from textvae.settings import specs

    return specs(cls)


def _module_of(component: Any) -> str:
    """Return the dotted name of the defining module, or the path of an extension's file."""
    name = component.__module__
    if name.split(".")[0] == "textvae":
        return name
    return str(sys.modules[name].__file__)
