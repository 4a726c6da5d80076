"""Homotopies: what a decoder makes of the codes on a line between two samples of the prior.

A homotopy file holds a cell (corpus, model, C, seed) and `decodings`: for each the list of the
sentences that it made, one for each code, from one sample of the prior to the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.json_values import cell_of, json_object, read_object, sentences, text
from textvae.paper.rows import corpus_place


@dataclass(frozen=True)
class Homotopy:
    """A cell, and by decoding its sentences, code by code; "" is a sentence of no words."""

    cell: Cell
    sentences: Mapping[str, tuple[str, ...]]

    @property
    def codes(self) -> int:
        """How many codes there are, the two ends included."""
        return len(next(iter(self.sentences.values())))


def read_homotopy(path: Path) -> Homotopy:
    """The homotopy in a file; InputError if it holds none, or decodings differ in their codes."""
    return read_object(path, "a homotopy", _homotopy)


def read_homotopies(paths: Iterable[Path]) -> list[Homotopy]:
    """Those in files, in a table's order: the paper's corpora, others; model; seed; C.

    InputError if two are of one cell, or if they differ in their decodings or number of codes.
    The first file says in which order the decodings come.
    """
    found: dict[Cell, tuple[Path, Homotopy]] = {}
    for path in paths:
        one = read_homotopy(path)
        if one.cell in found:
            raise InputError(f"{path}: is of {one.cell}, as is {found[one.cell][0]}")
        found[one.cell] = path, one
        first_path, first = next(iter(found.values()))
        if set(one.sentences) != set(first.sentences):
            shown, expected = (", ".join(each.sentences) for each in (one, first))
            raise InputError(f"{path}: decodings {shown}, expected {expected} as in {first_path}")
        if one.codes != first.codes:
            expected = f"{first.codes} as in {first_path}"
            raise InputError(f"{path}: {one.codes} sentences a decoding, expected {expected}")
    order = next(iter(found.values()))[1].sentences if found else ()
    homotopies = [
        Homotopy(one.cell, {name: one.sentences[name] for name in order})
        for _, one in found.values()
    ]
    return sorted(homotopies, key=lambda one: cell_place(one.cell))


def cell_place(cell: Cell) -> tuple[Any, ...]:
    """What the cells of a table that has no means over seeds sort by."""
    return (*corpus_place(cell.corpus), cell.model, cell.seed, cell.C)


def equal_to_neighbour(made: tuple[str, ...]) -> list[bool]:
    """Of each sentence, whether it is the same as the one before it or the one after it."""
    same = [one == following for one, following in pairwise(made)]
    return [before or after for before, after in zip([False, *same], [*same, False], strict=True)]


def _homotopy(content: dict[str, Any]) -> Homotopy:
    cell = cell_of(content.get("cell"))
    found = {
        text(name, "name of a decoding"): sentences(value, repr(name))
        for name, value in json_object(content.get("decodings"), "'decodings'").items()
    }
    if not found:
        raise InputError("'decodings' is empty, expected one at the least")
    first, *others = found
    if len(found[first]) < 2:
        raise InputError(f"{first!r} has {len(found[first])} sentences, expected at least 2")
    for name in others:
        if len(found[name]) != len(found[first]):
            raise InputError(
                f"{name!r} has {len(found[name])} sentences, expected {len(found[first])} as "
                f"{first!r} has"
            )
    return Homotopy(cell, found)
