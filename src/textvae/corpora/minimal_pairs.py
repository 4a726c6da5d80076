"""Read and write minimal pairs of a grammatical and an ungrammatical sentence (section 3.4).

The file is a TSV in UTF-8 with a header, one pair per line, and no quoting. Only the columns
`grammatical` and `ungrammatical` are required, so that any set of pairs can be measured: without
the other columns all pairs belong to one row, "all", and one group.
"""

import hashlib
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from sys import intern

from textvae.corpora.vocabulary import EOS
from textvae.errors import InputError
from textvae.io import BYTE_ORDER_MARK, atomic_write, read_text

COLUMNS = ("row", "set", "subcategory", "item", "number", "grammatical", "ungrammatical")
NEEDED = ("grammatical", "ungrammatical")
NUMBERS = ("singular", "plural", "")

_fields = attrgetter(*COLUMNS)
# Ends of fields and lines, and lone surrogates, which UTF-8 cannot encode.
_UNWRITABLE = re.compile("[\t\r\n\ud800-\udfff]")
# Rows become the names of measurements. They begin lines, where byte order marks are dropped.
_CONTROL = re.compile("^\ufeff|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# A field as spreadsheets write it; quotes that are words have a space beside them.
_QUOTED = re.compile(r'"\S.* .*\S"')


@dataclass(frozen=True)
class Pair:
    """One pair, words separated by single spaces; InputError if a field is invalid.

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
        if _UNWRITABLE.search("".join(_fields(self))):
            expected = "expected no tab, line break or lone surrogate in a field"
            values = ", ".join(repr(value[:80]) for value in _fields(self))
            raise InputError(f"{values}: {expected}")
        for column in COLUMNS:
            if (name := getattr(self, column)) != name.strip():
                raise InputError(f"{column}: {name[:80]!r}, expected no spaces around it")


def read_pairs(path: Path) -> list[Pair]:
    """Read the pairs of a file, in order; InputError with file and line if it is invalid.

    Columns may be in any order. Unknown columns are reported on stderr, in case of a misspelt name,
    and repeated pairs.
    """
    return _read(path, report=True)


def check_pairs(path: Path) -> None:
    """Raise InputError as `read_pairs` does, without reports."""
    _read(path, report=False)


def pairs_digest(pairs: Sequence[Pair]) -> str:
    """Return a SHA-256 of pairs, in order, with all columns."""
    lines = "".join("\t".join(_fields(pair)) + "\n" for pair in pairs)
    return hashlib.sha256(lines.encode()).hexdigest()


def count_pairs(path: Path) -> int:
    """Return the number of pairs of a file that `check_pairs` accepts."""
    return read_text(path).rstrip().count("\n")


def _read(path: Path, report: bool) -> list[Pair]:
    # Where files are joined, byte order marks are also at the beginnings of later lines.
    lines = [line.removeprefix(BYTE_ORDER_MARK) for line in read_text(path).split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    header = lines[0].split("\t") if lines else []
    indices = _column_indices(path, header)
    unknown = [name for name in header if name not in COLUMNS]
    if unknown and report:
        named = ", ".join(map(repr, unknown))[:200]
        print(f"{path}: ignored: {named} (columns are {', '.join(COLUMNS)})", file=sys.stderr)
    pairs = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        try:
            if len(cells) != len(header):
                expected = f"expected {len(header)} as in the header"
                raise InputError(f"fields between tabs: {len(cells)}, {expected}")
            pairs.append(_pair({name: cells[index] for name, index in indices.items()}))
        except InputError as error:
            raise InputError(f"{path}, line {number}: {error}") from None
    if report and (repeated := len(pairs) - len(set(pairs))):
        print(
            f"{path}: {repeated} of {len(pairs)} pairs are repeated; each counts", file=sys.stderr
        )
    if not pairs:
        raise InputError(f"{path}: no pairs, expected one per line below the header")
    texts = [text for pair in pairs for text in (pair.grammatical, pair.ungrammatical)]
    quoted = sum(_QUOTED.fullmatch(text) is not None for text in texts)
    if quoted == len(texts):
        raise InputError(
            f"{path}: all sentences are in quotes, which would be parts of their words; expected"
            " fields without quotes, between tabs"
        )
    if quoted and report:
        print(
            f"{path}: {quoted} of {len(texts)} sentences are in quotes, which are parts of their"
            " first and last words; expected fields without quotes, between tabs",
            file=sys.stderr,
        )
    return pairs


def write_pairs(path: Path, pairs: Sequence[Pair]) -> None:
    """Write all columns of `pairs` atomically; InputError if `pairs` is empty."""
    if not pairs:
        raise InputError(f"{path}: no pairs to write")
    with atomic_write(path) as file:
        for cells in (COLUMNS, *map(_fields, pairs)):
            file.write("\t".join(cells) + "\n")


def _column_indices(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Return the index of each known column in a line."""
    for name in COLUMNS:
        if header.count(name) > 1:
            raise InputError(f"{path}, line 1: two columns {name}, expected one")
    for name in NEEDED:
        if name not in header:
            present = f" among {', '.join(map(repr, header))}"[:200] if header else ""
            expected = f"expected a header with {' and '.join(NEEDED)} in it, between tabs"
            raise InputError(f"{path}, line 1: no column {name}{present}; {expected}")
    return {name: header.index(name) for name in COLUMNS if name in header}


def _pair(cells: dict[str, str]) -> Pair:
    # Interned, because a large set would hold 100,000 copies of the same few names.
    names = {name: intern(cell.strip()) for name, cell in cells.items() if name not in NEEDED}
    # Composed as the text of corpora is, so that a word has one spelling.
    sentences = [unicodedata.normalize("NFC", cells[name]).split() for name in NEEDED]
    for name, words in zip(NEEDED, sentences, strict=True):
        if EOS in words:
            raise InputError(f"{name}: {EOS} occurs in it, expected words only")
    return Pair(*map(" ".join, sentences), **names)
