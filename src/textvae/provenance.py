"""Which source files a module stands on, so that a step reruns when one of them changes.

Followed are the package's own imports, wherever they stand in a file, except those for type
checkers alone, and sources in C that lie beside a module. A module that is imported by a computed
name must be asked for by itself. Files that only say in a docstring what room they open decide
nothing; they are left out, because the whole paper has a thousand jobs, and each looks at all of
its files.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "textvae"


@cache
def source_files(source: Path, *modules: str) -> tuple[Path, ...]:
    """All files below `source` that the dotted `modules` import, directly or not, and themselves.

    Sorted. ModuleNotFoundError where one of `modules` is not there.
    """
    found: dict[str, Path] = {}
    waiting = [package for module in modules for package in _with_packages(module)]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        path = _file_of(source, module)
        if path is None:
            raise ModuleNotFoundError(f"no {module} below {source}")
        found[module] = path
        waiting += _imports(source, path)
    files = {path for path in found.values() if not _is_sign(path)}
    folders = {path.parent for path in files}
    return tuple(sorted(files.union(*map(_in_c, folders))))


# Every rule asks for its own modules, and most stand on the same ones.
@cache
def _imports(source: Path, path: Path) -> tuple[str, ...]:
    """The package's modules that one file imports."""
    return tuple(_imported(source, path))


def _imported(source: Path, path: Path) -> Iterator[str]:
    for node in _statements(_parsed(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            # `from package import module` or `from module import name`: whichever is a file.
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            if name.split(".")[0] == PACKAGE:
                yield from (part for part in _with_packages(name) if _file_of(source, part))


@cache
def _in_c(folder: Path) -> list[Path]:
    return [*folder.glob("*.c"), *folder.glob("*.h")]


@cache
def _is_sign(path: Path) -> bool:
    """Whether a file makes a package of its folder and does nothing else."""
    if path.name != "__init__.py":
        return False
    module = _parsed(path)
    return len(module.body) == (ast.get_docstring(module) is not None)


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _with_packages(module: str) -> list[str]:
    """Importing a.b.c runs a/__init__.py and a/b/__init__.py too: ["a", "a.b", "a.b.c"]."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements of a file, however deep, but those for type checkers; no expressions."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, block, ()):
            if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)):
                yield child
                yield from _statements(child)


def _file_of(source: Path, module: str) -> Path | None:
    stem = source.joinpath(*module.split("."))
    candidates = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)
