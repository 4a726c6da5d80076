"""The code that a result stands on: which modules, and a digest of what they do.

A result stands on the domain modules that made it: its roots and, within the package, all that they
import, directly or not, with the sources in C beside them. Imports are read from the statements of
a file, wherever they stand, except those for type checkers. What is imported by a computed name
(the registered things that a result uses) must be a root of its own. The digest is that of the
canonical text (`textvae.canonical`), so that prose and layout are free and a formula is not.
"""

import ast
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from textvae import canonical

PACKAGE = "textvae"
SOURCE = Path(__file__).parents[1]

# What decides no number: packages and modules that only carry values between a person, a file and
# the code that computes with them. They are neither part of a result's code nor followed.
EXCLUDED = {
    "textvae.cli": "passes the command line on",
    "textvae.commands": "pass flags on, which are params of the rules",
    "textvae.config": "its values are params of the rules",
    "textvae.settings": "its values are params of the rules, and part of what names a checkpoint",
    "textvae.composed": "its values are params of the rules, and part of what names a checkpoint",
    "textvae.spec": "settings as plain data; values are params of the rules",
    "textvae.registry": "finds things by name; those in use are roots",
    "textvae.stages": "names roots",
    "textvae.canonical": "reads code",
    "textvae.provenance": "reads code",
    "textvae.errors": "messages",
    "textvae.io": "writes and reads values as they are",
    "textvae.runtime.gpus": "which GPU",
    "textvae.runtime.locks": "when",
    "textvae.runtime.progress": "messages",
    "textvae.runtime.signals": "when",
    "textvae.training.completion": "when checkpoints may be deleted",
    "textvae.training.fingerprint": "names checkpoints",
    "textvae.corpora.download": "files are checked against a declared SHA-256",
    "textvae.corpora.archives": "files are checked against a declared SHA-256",
    "textvae.corpora.transfer": "files are checked against a declared SHA-256",
    "textvae.corpora.sources": "files are checked against a declared SHA-256",
}


def digest(source: Path, *roots: str) -> str:
    """Return the SHA-256 of the code that `roots` stand on: module names, canonical texts."""
    return total(digests(source, *roots))


def total(own: Mapping[str, str]) -> str:
    """Return the SHA-256 of modules with their digests."""
    lines = (f"{_short(name)} {digest}\n" for name, digest in own.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def digests(source: Path, *roots: str) -> dict[str, str]:
    """Return module -> SHA-256 of its canonical text, for all modules that `roots` stand on."""
    return {name: _file(path).digest for name, path in modules(source, *roots).items()}


def modules(source: Path, *roots: str) -> dict[str, Path]:
    """Return name -> file of the modules that `roots` stand on, themselves among them, by name.

    roots: dotted modules below `source`, or paths of Python files outside the package. A module is
    called by its dotted name, a file outside by its path, a source in C by its path below `source`.
    Modules that do nothing are left out. Raises ModuleNotFoundError if a root is missing, and
    ValueError if it is one of EXCLUDED.
    """
    for root in roots:
        if reason := excluded(root):
            raise ValueError(f"no result stands on {root}: {reason}")
    return imports(source, *roots, excluding=True)


def imports(source: Path, *roots: str, excluding: bool = False) -> dict[str, Path]:
    """Return the same as `modules`; without `excluding`, EXCLUDED modules are among them."""
    found: dict[str, Path] = {}
    waiting = [name for root in roots for name in _with_packages(root)]
    while waiting:
        name = waiting.pop()
        if name in found or (excluding and excluded(name)):
            continue
        path = Path(name) if _is_path(name) else _file_of(source, name)
        if path is None or not path.is_file():
            raise ModuleNotFoundError(f"no {name} below {source}")
        found[name] = path
        waiting += _existing(source, _file(path).names)
    found = {name: path for name, path in found.items() if not _file(path).empty}
    for folder in {path.parent for name, path in found.items() if not _is_path(name)}:
        found |= {path.relative_to(source).as_posix(): path for path in _in_c(folder)}
    return dict(sorted(found.items()))


def all_modules(source: Path, extensions: Iterable[Path] = ()) -> dict[str, str]:
    """Return module -> digest of everything that some result may stand on."""
    names = (
        ".".join(path.relative_to(source).with_suffix("").parts)
        for path in (source / PACKAGE).rglob("*.py")
    )
    roots = (name.removesuffix(".__init__") for name in names)
    inside = [root for root in roots if not excluded(root)]
    return digests(source, *inside, *map(str, extensions))


def excluded(name: str) -> str | None:
    """Return why no result stands on a module, None if one may."""
    for module, reason in EXCLUDED.items():
        if name == module or name.startswith(f"{module}."):
            return reason
    return None


@dataclass(frozen=True)
class _File:
    """A source file: the digest of its canonical text, and the dotted names that it imports."""

    digest: str
    empty: bool
    names: tuple[str, ...]


def _file(path: Path) -> _File:
    stamp = path.stat()
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@cache
def _read(path: Path, modified: int, size: int) -> _File:
    """Read a file, once for each version of it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text, names = canonical.c(text), ()
    else:
        tree = ast.parse(text)
        text, names = canonical.python(tree), tuple(_imported(tree))
    return _File(hashlib.sha256(text.encode()).hexdigest(), not text, names)


def _imported(tree: ast.Module) -> list[str]:
    """Return the dotted names within the package that a module imports, or may import."""
    names: list[str] = []
    for node in canonical.statements(tree.body):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            # `from package import module` or `from module import name`: whichever is a file.
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in dict.fromkeys(names) if name.split(".")[0] == PACKAGE]


def _existing(source: Path, names: Iterable[str]) -> list[str]:
    return [part for name in names for part in _with_packages(name) if _file_of(source, part)]


def _with_packages(module: str) -> list[str]:
    """Return what importing a.b.c runs below a, whose own __init__ has but the version."""
    if _is_path(module):
        return [module]
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(2, len(parts) + 1)]


def _is_path(name: str) -> bool:
    return name.endswith(".py")


def _short(name: str) -> str:
    """Return a name that does not depend on where a file outside the package lies."""
    return Path(name).name if _is_path(name) else name


@cache
def _file_of(source: Path, module: str) -> Path | None:
    stem = source.joinpath(*module.split("."))
    candidates = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


@cache
def _in_c(folder: Path) -> tuple[Path, ...]:
    return (*folder.glob("*.c"), *folder.glob("*.h"))
