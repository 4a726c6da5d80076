"""Encoded corpora as they lie on the disk: flat arrays that training maps into memory.

A prepared corpus is a folder with `vocabulary.txt`, `statistics.json` and, for each of the splits
train, valid and test, `{split}.tokens.npy` (the ids of all sentences end to end, without end
marks) and `{split}.offsets.npy` (where each sentence begins, and where the last one ends).
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.files import read_json, whole

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True)
class Sentences:
    """The sentences of one split.

    tokens: (T,) unsigned ids, end to end, without end marks; may be mapped from the disk.
    offsets: (N + 1,) int64; sentence i is tokens[offsets[i]:offsets[i + 1]].
    """

    tokens: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> np.ndarray:
        if not 0 <= i < len(self):
            raise IndexError(i)
        return self.tokens[self.offsets[i] : self.offsets[i + 1]]

    @property
    def lengths(self) -> np.ndarray:
        """(N,) words in each sentence, the end mark not counted."""
        return np.diff(self.offsets)

    @classmethod
    def of(cls, sentences: list[list[int]]) -> "Sentences":
        """From lists of ids."""
        offsets = np.zeros(len(sentences) + 1, dtype=np.int64)
        np.cumsum([len(sentence) for sentence in sentences], out=offsets[1:])
        flat = [id for sentence in sentences for id in sentence]
        return cls(np.array(flat, dtype=np.uint32), offsets)


class EncodedCorpus:
    """A prepared corpus folder, opened for reading."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        if not (self.folder / "statistics.json").is_file():
            raise InputError(f"{folder}: not a prepared corpus (`textvae prepare` makes one)")

    @cached_property
    def statistics(self) -> dict[str, Any]:
        """What preparation counted, and the corpus's name."""
        return read_json(self.folder / "statistics.json")

    @property
    def name(self) -> str:
        return self.statistics["name"]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.load(self.folder / "vocabulary.txt")

    def split(self, name: str) -> Sentences:
        """The sentences of "train", "valid" or "test", mapped read-only into memory."""
        return Sentences(
            *(_mapped(self.folder / f"{name}.{part}.npy") for part in ("tokens", "offsets"))
        )


def save_array(path: Path, array: np.ndarray) -> None:
    """Write one array whole, as .npy."""
    with whole(path, "wb") as file:
        np.save(file, array, allow_pickle=False)


def _mapped(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file (`textvae prepare` makes it)") from None
    except ValueError as error:
        raise InputError(f"{path}: not a whole .npy array ({error})") from None
