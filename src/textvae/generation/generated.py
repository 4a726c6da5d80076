"""A synthetic corpus on the disk: its text, and the report of what was generated, and how.

The text is a sentence a line, words between single spaces; a sentence that ended at once is a blank
line. The report is JSON, made by `textvae sample`.
"""

from dataclasses import dataclass
from pathlib import Path
from sys import intern

from textvae.cells import Cell, check_name
from textvae.corpora.readers import read
from textvae.errors import InputError
from textvae.files import read_json


@dataclass(frozen=True)
class Generated:
    """Whose text it is, and how many of its sentences were cut, after how many words."""

    cell: Cell
    decoding: str
    copy: int
    cut: int
    longest: int

    def __str__(self) -> str:
        return f"{self.cell}, {self.decoding}, copy {self.copy}"


def read_report(path: Path) -> Generated:
    """From the report's file; InputError where it is none."""
    content = read_json(path)
    try:
        cell, decoding = Cell.from_dict(content["cell"]), content["decoding"]
        check_name("'decoding'", decoding)
        counts = {name: content[name] for name in ("copy", "cut", "longest")}
        for name, value in counts.items():
            if type(value) is not int or value < 0:
                raise InputError(f"{name!r} is {value!r:.40}, expected a whole number")
        return Generated(cell, decoding, **counts)
    except (KeyError, TypeError, InputError) as error:
        raise InputError(f"{path}: not a report of `textvae sample` ({error})") from None


def read_sentences(path: Path) -> list[list[str]]:
    """The words of each sentence, [] for one without; InputError where the file holds none."""
    # Interned, because a large text would be gigabytes of copies of the same words.
    sentences = [[intern(word) for word in line.split()] for line in read(path, "plain")]
    if not sentences:
        raise InputError(f"{path}: empty, expected a sentence a line")
    return sentences
