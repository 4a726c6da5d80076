"""Minimal pairs: a grammatical sentence and an ungrammatical one beside it (section 3.4).

The file form is a table, UTF-8, of a header and a pair a line, fields between tabs, without any
quoting. Only the columns `grammatical` and `ungrammatical` are needed, so that any set of pairs can
be measured: where the others are missing, all pairs are of one row, "all", and of one group.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from sys import intern

from textvae.errors import InputError
from textvae.io import read_text, whole

COLUMNS = ("row", "set", "subcategory", "item", "number", "grammatical", "ungrammatical")
NEEDED = ("grammatical", "ungrammatical")
NUMBERS = ("singular", "plural", "")

_cells = attrgetter(*COLUMNS)
# What ends a field or a line, and halves of characters, which no UTF-8 file can hold.
_UNWRITABLE = re.compile("[\t\r\n\ud800-\udfff]")
# Rows become the names of measurements.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Pair:
    """One pair, the words of its sentences between single spaces; InputError where it is none.

    row: the line of Table 4 it counts for. set: the file it came from. subcategory: the group in
    that set over which codes are averaged. item: the lexical item by which a probe is
    cross-validated: the noun that the critical word agrees with, without its number. number: that
    noun's, singular, plural or "" for none.
    """

    grammatical: str
    ungrammatical: str
    row: str = "all"
    set: str = ""
    subcategory: str = ""
    item: str = ""
    number: str = ""

    def __post_init__(self) -> None:
        for column in NEEDED:
            sentence = getattr(self, column)
            words = sentence.split()
            if not words:
                raise InputError(f"{column}: blank, expected a sentence")
            if sentence != " ".join(words):
                expected = "expected single spaces between words"
                raise InputError(f"{column}: {sentence[:80]!r}, {expected}")
        if self.grammatical == self.ungrammatical:
            raise InputError(f"both sentences are {self.grammatical[:80]!r}, expected a difference")
        if not self.row.strip():
            raise InputError("row: blank, expected a name")
        if _CONTROL.search(self.row):
            raise InputError(f"row: {self.row[:80]!r} has control characters, expected a name")
        if self.number not in NUMBERS:
            raise InputError(f"number: {self.number!r}, expected singular, plural or nothing")
        if _UNWRITABLE.search("".join(_cells(self))):
            expected = "expected no tab, line break or half of a character in a field"
            found = ", ".join(repr(cell[:80]) for cell in _cells(self))
            raise InputError(f"{found}: {expected}")
        for column in COLUMNS:
            if (name := getattr(self, column)) != name.strip():
                raise InputError(f"{column}: {name[:80]!r}, expected no spaces around it")


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file, in its order; InputError, with file and line, where it is not one.

    Columns may stand in any order. A line on stderr names those that are not ours, so that one
    whose name is misspelt is not missed in silence.
    """
    lines = read_text(path).removeprefix("\ufeff").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    header = lines[0].split("\t") if lines else []
    columns = _columns(path, header)
    if unread := [name for name in header if name not in COLUMNS]:
        named = ", ".join(map(repr, unread))[:200]
        print(f"{path}: not read: {named} (columns are {', '.join(COLUMNS)})", file=sys.stderr)
    pairs = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        try:
            if len(cells) != len(header):
                expected = f"expected {len(header)} as in the header"
                raise InputError(f"fields between tabs: {len(cells)}, {expected}")
            pairs.append(_pair({name: cells[place] for name, place in columns.items()}))
        except InputError as error:
            raise InputError(f"{path}, line {number}: {error}") from None
    if not pairs:
        raise InputError(f"{path}: no pair in it, expected one a line below the header")
    return pairs


def check_header(path: Path) -> None:
    """InputError where a file has not the columns that a table of pairs needs; no more is read."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            _columns(path, file.readline().rstrip("\r\n").split("\t"))
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8, expected a table of pairs") from None


def write_pairs(path: Path, pairs: Sequence[Pair]) -> None:
    """Write all columns of `pairs`, whole; InputError where there is none."""
    if not pairs:
        raise InputError(f"{path}: no pair to write")
    with whole(path) as file:
        for cells in (COLUMNS, *map(_cells, pairs)):
            file.write("\t".join(cells) + "\n")


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Where in a line each column of ours is."""
    for name in COLUMNS:
        if header.count(name) > 1:
            raise InputError(f"{path}, line 1: two columns {name}, expected one")
    for name in NEEDED:
        if name not in header:
            found = f" among {', '.join(map(repr, header))}"[:200] if header else ""
            expected = f"expected a header with {' and '.join(NEEDED)} in it, between tabs"
            raise InputError(f"{path}, line 1: no column {name}{found}; {expected}")
    return {name: header.index(name) for name in COLUMNS if name in header}


def _pair(cells: dict[str, str]) -> Pair:
    # Interned, because a large set would hold 100,000 copies of the same few names.
    names = {name: intern(cell.strip()) for name, cell in cells.items() if name not in NEEDED}
    return Pair(*(" ".join(cells[name].split()) for name in NEEDED), **names)
