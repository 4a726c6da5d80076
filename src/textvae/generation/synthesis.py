"""Codes from the prior to sentences of text: a synthetic corpus (paper, section 3.3.2)."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from textvae.cells import Cell, check_name
from textvae.corpora.formats import read
from textvae.corpora.vocabulary import UNK_ID
from textvae.errors import InputError
from textvae.io import read_json
from textvae.models.decoding import decode
from textvae.models.saved import TrainedModel
from textvae.schemes import Scheme


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


class GeneratedText:
    """The words of each sentence of a text, [] for one without, read anew at every iteration.

    A synthetic corpus may have 2 million of them, which as lists would take gigabytes.
    """

    def __init__(self, path: Path) -> None:
        """InputError where the file holds no sentence."""
        self._path = path
        self._count = sum(1 for _ in read(path, "plain"))
        if not self._count:
            raise InputError(f"{path}: empty, expected a sentence a line")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[list[str]]:
        return (line.split() for line in read(self._path, "plain"))


@dataclass
class Tally:
    """What was generated so far."""

    sentences: int = 0
    words: int = 0
    unknown: int = 0
    empty: int = 0
    cut: int = 0


def synthesise(
    trained: TrainedModel,
    codes: np.ndarray,
    scheme: Scheme,
    seed: Sequence[int],
    longest: int,
    tally: Tally,
) -> Iterator[str]:
    """The sentences of codes (N, d), words between single spaces; `tally` counts along.

    A sentence that has not ended after `longest` words is cut there, and counted. The draws of
    sentence i follow from `seed` and i, whatever the model.
    """
    # A copy, because torch wants arrays that may be written to.
    z = torch.from_numpy(np.array(codes))
    for sentence in decode(trained.model, z, longest, scheme, seed):
        tally.sentences += 1
        tally.words += len(sentence.ids)
        tally.unknown += sentence.ids.count(UNK_ID)
        tally.empty += not sentence.ids
        tally.cut += not sentence.ended
        yield " ".join(trained.vocabulary.decode(sentence.ids))


def warn(name: str, tally: Tally, longest: int) -> None:
    """Say on stderr what a reader of the text should know of it."""
    if tally.cut:
        print(
            f"{name}: {tally.cut:,} of {tally.sentences:,} sentences did not end within"
            f" {longest} words and were cut there",
            file=sys.stderr,
        )
    if tally.words == tally.unknown:
        what = "is empty" if tally.words == 0 else "has no word but <unk>"
        print(f"{name}: every one of {tally.sentences:,} sentences {what}", file=sys.stderr)
