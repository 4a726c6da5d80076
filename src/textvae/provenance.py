"""The code that a result depends on: its modules, and a digest of their canonical text.

A result depends on its root modules and, within the package, all modules that they import, directly
or not, with the C sources in the same folders; a file of yours also on the files beside it that it
imports. Imports are read from the statements of a file, at any depth, except those for type
checkers. Modules imported by a computed name (registered components) must be roots. The digest is
that of the canonical text (`textvae.canonical`), so it changes with a formula, but not with wording
or layout.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from textvae import cache as user_cache
from textvae import canonical

PACKAGE = "textvae"
SOURCE = Path(__file__).parents[1]

# Modules and packages that affect no number, with the reason: they only pass values between users,
# files and the code that computes. Results do not depend on them, and their imports are ignored.
EXCLUDED = {
    "textvae.cli": "passes the command line to commands",
    "textvae.commands": "pass flags, which are params of the rules",
    "textvae.api": "passes values between Python and the code that computes",
    "textvae.config": "its values are params of the rules",
    "textvae.settings": "its values are params of the rules and part of checkpoint names",
    "textvae.composed": "its values are params of the rules and part of checkpoint names",
    "textvae.spec": "its values are params of the rules",
    "textvae.extensions": "imports files; those in use are roots",
    "textvae.registry": "finds components by name; those in use are roots",
    "textvae.stages": "lists roots",
    "textvae.cache": "digests files, for params of the rules",
    "textvae.canonical": "reads code",
    "textvae.provenance": "reads code",
    "textvae.errors": "messages",
    "textvae.io": "writes and reads values as they are",
    "textvae.vacancy": "refuses folders with other files",
    "textvae.runtime.costs": "measures time and memory",
    "textvae.runtime.gpus": "selects a GPU",
    "textvae.runtime.locks": "delays work",
    "textvae.runtime.progress": "messages",
    "textvae.runtime.signals": "stops work",
    "textvae.training.completion": "decides when checkpoints are deleted",
    "textvae.training.fingerprint": "names checkpoints",
    "textvae.corpora.download": "files are checked against a declared SHA-256",
    "textvae.corpora.archives": "files are checked against a declared SHA-256",
    "textvae.corpora.transfer": "files are checked against a declared SHA-256",
    "textvae.corpora.sources": "files are checked against a declared SHA-256",
}


def digest(source: Path, *roots: str) -> str:
    """Return the SHA-256 of the names and canonical texts of all modules that `roots` need."""
    return total(digests(source, *roots))


def total(own: Mapping[str, str]) -> str:
    """Return the SHA-256 of module names and their digests."""
    lines = (f"{_short(name)} {digest}\n" for name, digest in own.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def digests(source: Path, *roots: str) -> dict[str, str]:
    """Return module -> SHA-256 of its canonical text, for all modules that `roots` need."""
    own = {name: _file(path).digest for name, path in modules(source, *roots).items()}
    _remember()
    return own


def file_digest(path: Path) -> str:
    """Return the SHA-256 of the canonical text of a Python file."""
    return _file(path).digest


def modules(source: Path, *roots: str) -> dict[str, Path]:
    """Return name -> file of the modules that `roots` need, roots included, sorted by name.

    roots: dotted modules below `source`, or paths of Python files outside the package. The name of
    a module is dotted, that of a file outside is its path, that of a C source its path below
    `source`. Modules that do nothing are left out. Raises ModuleNotFoundError if a root is missing,
    and ValueError if it is one of EXCLUDED.
    """
    for root in roots:
        if reason := excluded(root):
            raise ValueError(f"no result depends on {root}: {reason}")
    return imports(source, *roots, excluding=True)


def imports(source: Path, *roots: str, excluding: bool = False) -> dict[str, Path]:
    """Return the same as `modules`; without `excluding`, EXCLUDED modules are included."""
    files: dict[str, Path] = {}
    waiting = [name for root in roots for name in _first(root)]
    while waiting:
        name = waiting.pop()
        if name in files or (excluding and excluded(name)):
            continue
        path = Path(name) if _is_path(name) else _file_of(source, name)
        if path is None or not path.is_file():
            raise ModuleNotFoundError(f"no {name} below {source}")
        files[name] = path
        waiting += _existing(source, _file(path).names)
    files = {name: path for name, path in files.items() if not _file(path).empty}
    for folder in {path.parent for name, path in files.items() if not _is_path(name)}:
        files |= {path.relative_to(source).as_posix(): path for path in _c_sources(folder)}
    return dict(sorted(files.items()))


def own_files(path: Path) -> list[Path]:
    """Return a file outside the package and the files beside it that it imports, itself first.

    A name is looked for beside `path`, as in the import of an extension, also if it is imported by
    one of these files in a folder of its own.
    """
    found: dict[Path, None] = {}
    waiting = [path]
    while waiting:
        if (file := waiting.pop()) not in found:
            found[file] = None
            waiting += _beside(file, path.parent)
    return list(found)


def other_imports(path: Path) -> tuple[str, ...]:
    """Return the first parts of the names that a file imports from outside the package."""
    return _file(path).others


def all_modules(source: Path, extensions: Iterable[Path] = ()) -> dict[str, str]:
    """Return module -> digest of all modules that a result may depend on."""
    names = (
        ".".join(path.relative_to(source).with_suffix("").parts)
        for path in (source / PACKAGE).rglob("*.py")
    )
    roots = (name.removesuffix(".__init__") for name in names)
    inside = [root for root in roots if not excluded(root)]
    return digests(source, *inside, *map(str, extensions))


@cache
def excluded(name: str) -> str | None:
    """Return why no result depends on a module, None if one may."""
    for module, reason in EXCLUDED.items():
        if name == module or name.startswith(f"{module}."):
            return reason
    return None


@dataclass(frozen=True)
class _File:
    """A source file: the digest of its canonical text, and the dotted names that it imports.

    names: within the package. others: the first parts of the others.
    """

    digest: str
    empty: bool
    names: tuple[str, ...]
    others: tuple[str, ...]


def _first(root: str) -> list[str]:
    """Return the names to begin with for a root."""
    if _is_path(root) and Path(root).is_file():
        return [str(path) for path in own_files(Path(root))]
    return _with_packages(root)


def _beside(file: Path, folder: Path) -> list[Path]:
    """Return what `file` imports of a folder: files, and all of packages, with or without init."""
    found: list[Path] = []
    for name in _file(file).others:
        if (module := folder / f"{name}.py").is_file():
            found.append(module)
        found += sorted((folder / name).rglob("*.py"))
    return found


def _file(path: Path) -> _File:
    stamp = path.stat()
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@cache
def _read(path: Path, modified: int, size: int) -> _File:
    """Read a source file; cached by its modification time and size."""
    content = path.read_bytes()
    key = f"{hashlib.sha256(content).hexdigest()}{path.suffix}"
    with suppress(KeyError, TypeError, ValueError):
        digest, empty, names, others = _known()[key]
        return _File(digest, empty, tuple(names), tuple(others))
    text = content.decode("utf-8")
    if path.suffix != ".py":
        text, imported = canonical.c(text), []
    else:
        tree = ast.parse(text)
        text, imported = canonical.python(tree), _imported(tree)
    names = [name for name in imported if name.split(".")[0] == PACKAGE]
    others = list(dict.fromkeys(name.split(".")[0] for name in imported if name not in names))
    file = _File(hashlib.sha256(text.encode()).hexdigest(), not text, tuple(names), tuple(others))
    _NEW[key] = [file.digest, file.empty, names, others]
    return file


# What this process has read that the user's cache does not contain.
_NEW: dict[str, Any] = {}


@cache
def _known() -> dict[str, Any]:
    """Return what is known of source files by their content, from the user's cache.

    Parsing all files takes half a second; each command that plans would do so again.
    """
    return user_cache.read_table(_table())


def _remember() -> None:
    if _NEW:
        _known().update(_NEW)
        _NEW.clear()
        user_cache.write_table(_table(), _known())


@cache
def _table() -> str:
    """Return a name that changes with the code that reads source files, and with Python."""
    readers = (Path(__file__), Path(canonical.__file__))
    own = (hashlib.sha256(path.read_bytes()).hexdigest() for path in readers)
    return " ".join(["source files", sys.version, *own])


def _imported(tree: ast.Module) -> list[str]:
    """Return the dotted names that a module imports, or may import."""
    names: list[str] = []
    for node in canonical.statements(tree.body):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            # `from package import module` or `from module import name`: whichever is a file.
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return list(dict.fromkeys(names))


@cache
def _existing(source: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for name in names for part in _with_packages(name) if _file_of(source, part))


def _with_packages(module: str) -> list[str]:
    """Return a.b and a.b.c for a.b.c: the modules that its import runs, without the package a."""
    if _is_path(module):
        return [module]
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(2, len(parts) + 1)]


def _is_path(name: str) -> bool:
    return name.endswith(".py")


def _short(name: str) -> str:
    """Return a name that is independent of the folder of a file outside the package."""
    return Path(name).name if _is_path(name) else name


@cache
def _file_of(source: Path, module: str) -> Path | None:
    stem = source.joinpath(*module.split("."))
    candidates = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


@cache
def _c_sources(folder: Path) -> tuple[Path, ...]:
    return (*folder.glob("*.c"), *folder.glob("*.h"))
