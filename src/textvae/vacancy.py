"""Which folders a model or a corpus may be written to: those without anything else in its place."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from textvae.errors import InputError
from textvae.io import check_own_files, read_json

_CONFIG, _LOG, _STATISTICS = "config.json", "training.jsonl", "statistics.json"
_VOCABULARY, _WEIGHTS = "vocabulary.txt", "model.safetensors"
# Written first: files beside it are of a corpus.
_FIRST_OF_CORPUS = "train.tokens.npy"


def check_model_folder(folder: Path) -> None:
    """Raise InputError if a model would replace other files of a folder, or is to join a corpus.

    What a training left that was interrupted while it saved its model may be replaced.
    """
    if _is_corpus(_content(folder / _STATISTICS)):
        raise InputError(f"{folder}: is a prepared corpus, expected another folder for a model")
    if is_model(_content(folder / _CONFIG)):
        return
    _refuse_if_there(folder / _CONFIG, "is not that of a model")
    if not _is_log(folder / _LOG):
        _refuse_if_there(folder / _LOG, "is not that of a training")
    check_own_files(folder, (_WEIGHTS, _VOCABULARY), _LOG)


def check_corpus_folder(folder: Path, given: Iterable[Path]) -> None:
    """Raise InputError if a corpus would replace other files of a folder, or is to join a model.

    given: the files that it is made from, which must not be replaced either. What an interrupted
    preparation left may be replaced.
    """
    for path in given:
        for name in (_VOCABULARY, _STATISTICS):
            if path.exists() and (folder / name).exists() and path.samefile(folder / name):
                raise InputError(
                    f"{path}: would be replaced by that of the corpus, expected another folder"
                )
    if is_model(_content(folder / _CONFIG)) or (folder / _WEIGHTS).exists():
        raise InputError(f"{folder}: has a model, expected another folder for a corpus")
    if _is_corpus(_content(folder / _STATISTICS)):
        return
    _refuse_if_there(folder / _STATISTICS, "is not that of a corpus")
    check_own_files(folder, (_VOCABULARY,), _FIRST_OF_CORPUS)


def is_model(config: Any) -> bool:
    """Return whether the content of a config.json is that of a text VAE or a language model."""
    return (
        isinstance(config, dict)
        and isinstance(config.get("training"), dict)
        and ("cell" in config or "language_model" in config)
    )


def _is_corpus(statistics: Any) -> bool:
    return isinstance(statistics, dict) and {"name", "splits"} <= statistics.keys()


def _is_log(path: Path) -> bool:
    """Return whether a file is the log of a training; one of less than a step's record is empty."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline()
    with suppress(ValueError, RecursionError):
        entry = json.loads(first or '{"step": 0, "epoch": 0}')
        return isinstance(entry, dict) and {"step", "epoch"} <= entry.keys()
    return False


def _content(path: Path) -> Any:
    """Return the value in a JSON file; None if there is none."""
    with suppress(InputError, OSError):
        return read_json(path)
    return None


def _refuse_if_there(path: Path, reason: str) -> None:
    if path.exists():
        raise InputError(f"{path}: would be replaced, and {reason}; expected a new folder")
