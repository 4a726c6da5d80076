"""Reading synthetic corpora and their reports. Does not import torch."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textvae.cells import Cell, check_name
from textvae.corpora.formats import read
from textvae.errors import InputError
from textvae.io import read_json

# Largest plausible number of sentences or words in a report; any more is a damaged file.
MAX_COUNT = 2**40


@dataclass(frozen=True)
class Generated:
    """Origin of a synthetic corpus.

    cut: number of sentences cut; longest: number of words after which they are cut. sentences,
    sha256: number of sentences and SHA-256 of the text. weights, corpus_sha256: SHA-256 of the
    model's weights and of its corpus. The last four are None if they are not recorded.
    """

    cell: Cell
    decoding: str
    copy: int
    cut: int
    longest: int
    sentences: int | None = None
    sha256: str | None = None
    weights: str | None = None
    corpus_sha256: str | None = None

    def __str__(self) -> str:
        return f"{self.cell}, {self.decoding}, copy {self.copy}"


def read_report(path: Path) -> Generated:
    """Read a report of `textvae sample`; InputError if it is not valid."""
    digests = ("sha256", "weights", "corpus_sha256")
    content = read_json(path)
    try:
        cell, decoding = Cell.from_dict(content["cell"]), content["decoding"]
        check_name("'decoding'", decoding)
        counts = {name: content[name] for name in ("copy", "cut", "longest")}
        if content.get("sentences") is not None:
            counts["sentences"] = content["sentences"]
        for name, value in counts.items():
            if type(value) is not int or not 0 <= value <= MAX_COUNT:
                raise InputError(
                    f"{name!r} is {value!r:.40}, expected a whole number up to {MAX_COUNT}"
                )
        recorded = {name: content.get(name) for name in digests}
        for name, value in recorded.items():
            if value is not None and not (isinstance(value, str) and value.isprintable()):
                raise InputError(f"{name!r} is {value!r:.40}, expected a SHA-256")
        return Generated(cell, decoding, **counts, **recorded)
    except (KeyError, TypeError, InputError) as error:
        raise InputError(f"{path}: not a report of `textvae sample` ({error})") from None


def check_text(generated: Generated, path: Path, sentences: int) -> None:
    """Raise InputError if a text with this number of sentences is not the one in the report."""
    if generated.sentences not in (None, sentences):
        raise InputError(
            f"{path}: {sentences:,} sentences, expected the {generated.sentences} of the report on "
            f"{generated}"
        )
    if generated.sha256 is None:
        return
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != generated.sha256:
        raise InputError(f"{path}: not the text of the report on {generated}: its SHA-256 differs")


class GeneratedText:
    """The sentences of a text file as lists of words, read again at every iteration.

    A synthetic corpus may have 2 million sentences, which as lists would take gigabytes.
    """

    def __init__(self, path: Path) -> None:
        """Count the sentences; InputError if the file has none, or can be read only once."""
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise InputError(f"{path}: not a regular file, expected one, which is read repeatedly")
        self._path = path
        self._count = sum(1 for _ in read(path, "plain"))
        if not self._count:
            raise InputError(f"{path}: empty, expected a sentence a line")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[list[str]]:
        return (line.split() for line in read(self._path, "plain"))
