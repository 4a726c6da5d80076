"""The measurements of several experiments, which may share cells, as those of one."""

from collections.abc import Iterable
from pathlib import Path

from textvae.errors import InputError
from textvae.paper.measurements import Measured, from_csv


def merged(paths: Iterable[Path]) -> list[Measured]:
    """The rows of several tidy tables, sorted, each once.

    InputError where a file is none, or tells of the same metric of the same cell another value.
    """
    found: dict[tuple[object, ...], tuple[Measured, Path]] = {}
    for path in paths:
        for row in from_csv(path):
            first, told_by = found.setdefault(row.key, (row, path))
            if first.value != row.value:
                told = f"{row.metric} of {row.origin} is {_shown(row)}"
                raise InputError(
                    f"{path}: {told}, but {_shown(first)} in {told_by}; gather both anew, from "
                    "the same measurements"
                )
    return sorted((row for row, _ in found.values()), key=lambda row: row.place)


def _shown(row: Measured) -> str:
    return "nothing" if row.value is None else f"{row.value!r}"
