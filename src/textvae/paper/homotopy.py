"""Homotopies (Table 2): sentences decoded from codes on a line between two samples of the prior.

A homotopy file holds a cell (corpus, model, C, seed) and `decodings`: for each decoding a list with
one sentence per code, from one sample of the prior to the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.natural_order import natural
from textvae.paper.json_values import (
    cell_of,
    digits_of,
    json_object,
    read_object,
    sentences,
    text,
    whole_number,
)
from textvae.paper.rows import corpus_sort_key


@dataclass(frozen=True)
class Homotopy:
    """A cell and its sentences by decoding, one per code; "" is a sentence without words.

    weights, corpus_sha256: identify the training and its text; "" if they are not recorded.
    between: the given sentences whose codes are the ends; () if these are samples of the prior.
    unknown_words: warnings about unknown words in them. cut: decoding -> number of sentences that
    were cut after `longest` words; without those of which it is not recorded.
    """

    cell: Cell
    sentences: Mapping[str, tuple[str, ...]]
    weights: str = ""
    between: tuple[str, ...] = ()
    corpus_sha256: str = ""
    unknown_words: tuple[str, ...] = ()
    cut: Mapping[str, int] = field(default_factory=dict)
    longest: int | None = None

    @property
    def codes(self) -> int:
        """Return the number of codes, including the two ends."""
        return len(next(iter(self.sentences.values())))


def read_homotopy(path: Path) -> Homotopy:
    """Read a homotopy; InputError if the file is invalid or decodings differ in number of codes."""
    return read_object(path, "a homotopy", _homotopy)


def read_homotopies(paths: Iterable[Path]) -> list[Homotopy]:
    """Read several homotopies and sort them: the paper's corpora, others; model; seed; C.

    The decodings are in the order of the first file. InputError if a file repeats a cell, or
    differs from the first in its decodings or number of codes.
    """
    read: dict[Cell, tuple[Path, Homotopy]] = {}
    for path in paths:
        one = read_homotopy(path)
        if one.cell in read:
            raise InputError(f"{path}: describes {one.cell}, as {read[one.cell][0]} does")
        read[one.cell] = path, one
        first_path, first = next(iter(read.values()))
        if set(one.sentences) != set(first.sentences):
            names, expected = (", ".join(each.sentences) for each in (one, first))
            raise InputError(f"{path}: decodings {names}, expected {expected} as in {first_path}")
        if one.codes != first.codes:
            expected = f"{first.codes} as in {first_path}"
            raise InputError(f"{path}: {one.codes} sentences per decoding, expected {expected}")
    order = next(iter(read.values()))[1].sentences if read else ()
    homotopies = [
        replace(one, sentences={name: one.sentences[name] for name in order})
        for _, one in read.values()
    ]
    return sorted(homotopies, key=lambda one: cell_sort_key(one.cell))


def cell_sort_key(cell: Cell) -> tuple[Any, ...]:
    """Return the sort key of cells in a table with a block per seed."""
    return (*corpus_sort_key(cell.corpus), natural(cell.model), cell.seed, cell.C)


def equal_to_neighbour(sentences: tuple[str, ...]) -> list[bool]:
    """Return for each sentence whether it equals the one before or the one after it."""
    same = [one == following for one, following in pairwise(sentences)]
    return [before or after for before, after in zip([False, *same], [*same, False], strict=True)]


def _homotopy(content: dict[str, Any]) -> Homotopy:
    cell = cell_of(content.get("cell"))
    decodings = {
        text(name, "name of a decoding"): sentences(value, repr(name))
        for name, value in json_object(content.get("decodings"), "'decodings'").items()
    }
    if not decodings:
        raise InputError("'decodings' is empty, expected at least one")
    first, *others = decodings
    if len(decodings[first]) < 2:
        raise InputError(f"{first!r} has {len(decodings[first])} sentences, expected at least 2")
    for name in others:
        if len(decodings[name]) != len(decodings[first]):
            raise InputError(
                f"{name!r} has {len(decodings[name])} sentences, expected {len(decodings[first])} "
                f"as {first!r} has"
            )
    between = sentences(content.get("between", []), "'between'")
    weights, corpus = (digits_of(content, key) for key in ("weights", "corpus_sha256"))
    unknown = sentences(content.get("unknown_words", []), "'unknown_words'")
    cut = {
        name: whole_number(count, f"{name!r} of 'cut'")
        for name, count in json_object(content.get("cut", {}), "'cut'").items()
    }
    longest = content.get("longest")
    if cut or longest is not None:
        longest = whole_number(longest, "'longest'", minimum=1)
    return Homotopy(cell, decodings, weights, between, corpus, unknown, cut, longest)
