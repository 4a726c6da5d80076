"""Files outside the package that register components, and what they import beside them.

They are those of the environment variable TEXTVAE_EXTENSIONS, which the workflow sets from the
configuration's key `extensions`.
"""

import hashlib
import importlib.util
import os
import sys
from pathlib import Path

from textvae.errors import InputError

EXTENSIONS = "TEXTVAE_EXTENSIONS"


def extensions() -> tuple[Path, ...]:
    """Return the files outside the package that register components, from TEXTVAE_EXTENSIONS."""
    names = os.environ.get(EXTENSIONS, "").split(os.pathsep)
    return tuple(Path(name).resolve() for name in names if name)


def load_extensions() -> None:
    """Import the extensions, each once; InputError names a file that is missing or fails.

    They may import the files beside them.
    """
    check_files()
    for path in extensions():
        # The full path, so that two files of the same name are two modules.
        digest = hashlib.sha256(str(path).encode()).hexdigest()[:8]
        name = f"textvae_extension_{path.stem}_{digest}"
        if name in sys.modules:
            continue
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise InputError(f"extensions: {path} is not a Python file (.py)")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        # Last, so that no file beside it hides a package.
        if str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))
        try:
            spec.loader.exec_module(module)
        except InputError:
            del sys.modules[name]
            raise
        except Exception as error:
            del sys.modules[name]
            raise InputError(f"extensions: {path}: {type(error).__name__}: {error}") from error
        _check_own_imports(path)


def _check_own_imports(path: Path) -> None:
    """Raise InputError if Python took another module for a file beside `path`, or another's file.

    The first module of a name that is imported is that of every later import, and packages and the
    standard library come before the files beside extensions.
    """
    from textvae import provenance

    files = with_imports(path)
    beside = {file.relative_to(path.parent).parts[0].removesuffix(".py") for file in files[1:]}
    others = [other.parent for other in extensions() if other.parent != path.parent]
    for name in dict.fromkeys(name for file in files for name in provenance.other_imports(file)):
        places = _places_of(name)
        if any(path.parent in place.parents for place in places):
            continue
        elsewhere = next(
            (place for place in places for other in others if other in place.parents), None
        )
        if elsewhere is not None:
            raise InputError(
                f"extensions: {path} imports {name}, for which Python took {elsewhere}, beside"
                " another extension; expected a file beside it, with a name of its own"
            )
        if name in beside:
            taken = places[0] if places else "a module of Python"
            raise InputError(
                f"extensions: {path} imports {name}, for which Python took {taken}, not the file"
                " beside it; expected another name for that"
            )


def _places_of(name: str) -> list[Path]:
    """Return the files and folders of a module; none if it is built in or does not exist."""
    module = sys.modules.get(name)
    try:
        spec = importlib.util.find_spec(name) if module is None else None
    except (ImportError, ValueError):
        return []
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    if spec is not None:
        places += [spec.origin, *(spec.submodule_search_locations or ())]
    return [Path(place) for place in places if place and place not in ("built-in", "frozen")]


def check_files() -> None:
    """Raise InputError for an extension that is missing."""
    for path in extensions():
        if not path.is_file():
            raise InputError(f"extensions: no such file: {path}")


def with_imports(path: Path) -> list[Path]:
    """Return an extension and the files beside it that it imports, itself first."""
    from textvae import provenance

    try:
        return provenance.own_files(path)
    except (SyntaxError, UnicodeDecodeError):
        # Importing it says what is wrong.
        return [path]
