"""How large corpora are: what their statistics.json tells of what section 3 prints."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textvae.errors import InputError
from textvae.paper.json_values import (
    finite_number,
    json_object,
    read_object,
    text,
    whole_number,
)

_SPLITS = ("train", "valid", "test")


def read_sizes(paths: Iterable[Path]) -> dict[str, dict[str, float]]:
    """Corpus -> metric (train_sentences, ..., vocabulary_size) -> value, of files as prepared.

    Where it is told also test_mean_length, the words of a test sentence.

    InputError names the file that tells of no corpus, or of one that another file told of.
    """
    sizes: dict[str, dict[str, float]] = {}
    told_by: dict[str, Path] = {}
    for path in paths:
        corpus, found = read_object(path, "statistics of a corpus", _sizes)
        if told_by.setdefault(corpus, path) is not path:
            raise InputError(f"{path}: is of the corpus {corpus}, as is {told_by[corpus]}")
        sizes[corpus] = found
    return sizes


def _sizes(content: dict[str, Any]) -> tuple[str, dict[str, float]]:
    splits = json_object(content.get("splits"), "'splits'")
    sizes: dict[str, float] = {}
    for split in _SPLITS:
        counted = json_object(splits.get(split), f"'{split}' of 'splits'")
        sizes[f"{split}_sentences"] = _count(counted.get("sentences"), f"'sentences' of '{split}'")
        if split == "test" and "mean_length" in counted:
            what = f"'mean_length' of '{split}'"
            sizes["test_mean_length"] = finite_number(counted["mean_length"], what)
    vocabulary = json_object(content.get("vocabulary"), "'vocabulary'")
    sizes["vocabulary_size"] = _count(vocabulary.get("reached"), "'reached' of 'vocabulary'")
    return text(content.get("name"), "'name'"), sizes


def _count(value: Any, what: str) -> float:
    """A whole number, and one that a float can hold."""
    return finite_number(whole_number(value, what), what)
