"""The folder of a search: what was asked for, and what may be removed from it."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from textvae.errors import InputError
from textvae.io import read_json, write_json
from textvae.models.folders import WEIGHTS
from textvae.training.fingerprint import other_training
from textvae.training.loop import COSTS

_REQUEST = "request.json"
# Folders of `textvae choose-C --text`, of which the first has a request of its own.
_OF_TEXT = ("corpus", "raw")
_MODELS = re.compile(r"search|without-code|autoencoder|model\d*")
_RUNG = re.compile(r"rung\d+")
_CHECKPOINTS = ".checkpoints"
# Files of a model that was stopped while it was saved, and all of one that was measured.
_BEFORE_CONFIG = {"training.jsonl", "vocabulary.txt", WEIGHTS}
_FILES = _BEFORE_CONFIG | {"config.json", "validation.json", "text.txt", "costs.npy"}
_LANGUAGE_MODEL = {"lm", "lm.checkpoints"}
_OF_C = re.compile(r"C\d+(\.\d+)?(e[+-]?\d+)?")


def check_request(folder: Path, request: dict[str, Any], overwrite: bool = False) -> None:
    """Write what is searched for to a folder; InputError if it has anything else.

    overwrite: remove another search instead.
    """
    check_folder(folder)
    if _another(folder, request, overwrite):
        _remove_search(folder)
    write_json(folder / _REQUEST, request)


def check_folder(folder: Path) -> None:
    """Raise InputError if a folder has files and no search."""
    if (folder / _REQUEST).exists() or not folder.exists():
        return
    made = _OF_TEXT if (folder / _OF_TEXT[0] / _REQUEST).exists() else ()
    for name in sorted(path.name for path in folder.iterdir()):
        if name not in made and not name.startswith("."):
            raise InputError(
                f"--output: {folder} has {name:.80} and no {_REQUEST} of a search; expected a new"
                " or empty folder, or that of a search"
            )


def is_prepared(folder: Path, request: Mapping[str, Any], overwrite: bool = False) -> bool:
    """Return whether a folder has the corpus of a text, prepared so; InputError if of another.

    overwrite: have it prepared again instead.
    """
    another = _another(folder, request, overwrite)
    return not another and (folder / "statistics.json").is_file()


def write_request(folder: Path, request: Mapping[str, Any]) -> None:
    """Write of what text, and how, the corpus of a folder was prepared."""
    write_json(folder / _REQUEST, request)


def _another(folder: Path, request: Mapping[str, Any], overwrite: bool) -> bool:
    """Return whether a folder has another request; InputError without `overwrite`."""
    path = folder / _REQUEST
    if not path.exists():
        return False
    known, request = read_json(path), _as_json(request)
    other = [
        name for name in request if not isinstance(known, dict) or known.get(name) != request[name]
    ]
    if other == ["code"] and not overwrite:
        raise InputError(
            f"--output: {folder} has a search of another code, that of an earlier version perhaps;"
            " expected that version, another folder, or --overwrite"
        )
    if other and not overwrite:
        raise InputError(
            f"--output: {folder} has a search with another {other[0].replace('_', '-')}; expected"
            " the same flags, another folder, or --overwrite"
        )
    return bool(other)


def check_model(folder: Path, identity: Mapping[str, Any]) -> None:
    """Raise InputError if a folder has the model of another training.

    identity: as TrainingJob has it. Its environment may differ: a search goes on elsewhere.
    """
    path = folder / "config.json"
    if reason := other_training(read_json(path), dict(identity)):
        cell = "/".join(f"{value}" for value in identity["cell"].values())
        raise InputError(
            f"--output: {path} is not of the training {cell} of this search ({reason}); expected"
            f" another folder, or {folder.name} to be moved"
        )


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _remove_search(folder: Path) -> None:
    """Remove what a search made, and nothing else of its folder."""
    for name in ("choice.json", "precision.json", COSTS):
        (folder / name).unlink(missing_ok=True)
    made = [*_made(folder)]
    for path in made:
        if path.name.endswith(_CHECKPOINTS):
            shutil.rmtree(path, ignore_errors=True)
            continue
        for one in [*path.iterdir()]:
            if one.name in _LANGUAGE_MODEL:
                shutil.rmtree(one, ignore_errors=True)
            elif one.name in _FILES:
                one.unlink(missing_ok=True)
    # A folder that has files of others stays.
    for emptied in (*made, *(path.parent for path in made if path.parent != folder)):
        with suppress(OSError):
            emptied.rmdir()


def _made(folder: Path) -> Iterator[Path]:
    """Yield the folders of models and checkpoints that a search made."""
    for path in folder.iterdir():
        if path.is_dir() and _OF_C.fullmatch(path.name):
            yield from (one for one in path.iterdir() if _is_made(one, _RUNG, "fce"))
        elif _is_made(path, _MODELS):
            yield path


def _is_made(path: Path, names: re.Pattern[str], model: str | None = None) -> bool:
    """Return whether a path is the folder of such a model, or of its checkpoints.

    model: what the search calls it, by default as its folder.
    """
    name = path.name.removesuffix(_CHECKPOINTS)
    if not names.fullmatch(name) or not path.is_dir():
        return False
    return _is_model(path.with_name(name), model or name)


def _is_model(folder: Path, name: str) -> bool:
    """Return whether a folder is that of a model of this name, or has no finished model."""
    path = folder / "config.json"
    if not path.exists():
        found = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
        return found <= _BEFORE_CONFIG
    with suppress(InputError, KeyError, TypeError):
        return read_json(path)["cell"]["model"] == name
    return False
