"""Prepared corpora on disk: flat arrays that training maps into memory.

A prepared corpus is a folder with `vocabulary.txt`, `statistics.json` and, for each of the splits
train, valid and test, `{split}.tokens.npy` (the ids of all sentences, concatenated, without
`<eos>`) and `{split}.offsets.npy` (the start of each sentence, and the end of the last one).
"""

import hashlib
import io
import json
import warnings
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.vocabulary import EOS_ID, Vocabulary
from textvae.errors import InputError
from textvae.io import atomic_write, read_json

# Largest plausible number of sentences in a split, or of words in a sentence.
MAX_TOKENS = 2**40


# NumPy parses the header of an array as Python; a damaged header may raise any of these.
_BROKEN_HEADER = (
    *(ValueError, TypeError, OverflowError, EOFError, Warning),
    *(SyntaxError, TokenError, RecursionError, MemoryError),
)


@dataclass(frozen=True)
class Sentences:
    """The sentences of one split.

    tokens: (T,) unsigned ids, concatenated, without end marks; may be mapped from the disk.
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
        """Return the number of words in each sentence without `<eos>`, (N,)."""
        return np.diff(self.offsets)

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Return sorted indices, (n,), of `count` random sentences, or of all if there are fewer.

        The first sentences would be from one book in a corpus of consecutive books.
        """
        if count >= len(self):
            return np.arange(len(self))
        return np.sort(np.random.default_rng(seed).choice(len(self), count, replace=False))

    @property
    def digest(self) -> str:
        """Return a SHA-256 of ids and offsets, which identifies the text over its vocabulary."""
        return hashlib.sha256(self.tokens.tobytes() + self.offsets.tobytes()).hexdigest()

    def take(self, chosen: np.ndarray) -> "Sentences":
        """Return the sentences at indices (n,)."""
        tokens = [self[i] for i in chosen]
        return Sentences(
            np.concatenate(tokens) if tokens else self.tokens[:0],
            offsets_of(self.lengths[chosen]),
        )

    @classmethod
    def of(cls, sentences: Iterable[Sequence[int]]) -> "Sentences":
        """Build sentences from an iterable of lists of ids, which is read as a stream."""
        tokens, lengths = array("I"), array("q")
        for sentence in sentences:
            tokens.extend(sentence)
            lengths.append(len(sentence))
        flat = np.array(tokens, dtype=np.uint32)
        return cls(flat, offsets_of(np.array(lengths, dtype=np.int64)))


def fingerprint_of(vocabulary: str, statistics: Mapping[str, Any], path: Path) -> str:
    """Return `EncodedCorpus.fingerprint` from the contents of statistics.json, read from `path`.

    vocabulary: digest of the vocabulary. InputError if the hash of a split is missing.
    """
    try:
        arrays = [statistics["splits"][split]["sha256"] for split in SPLITS]
    except (KeyError, TypeError):
        raise InputError(f"{path}: sha256 of a split is missing") from None
    text = json.dumps([vocabulary, arrays], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class EncodedCorpus:
    """A prepared corpus folder, opened for reading."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        if not (self.folder / "statistics.json").is_file():
            raise InputError(f"{folder}: not a prepared corpus (`textvae prepare` makes one)")

    @cached_property
    def statistics(self) -> dict[str, Any]:
        """Return the contents of statistics.json: counts, and the corpus's name."""
        path = self.folder / "statistics.json"
        statistics = read_json(path)
        if not isinstance(statistics, dict) or not isinstance(statistics.get("name"), str):
            raise InputError(f"{path}: not the statistics of a prepared corpus")
        return statistics

    @property
    def name(self) -> str:
        return self.statistics["name"]

    def _recorded(self, *keys: str) -> str | None:
        """Return the SHA-256 under these keys of statistics.json; None in older corpora."""
        value: Any = self.statistics
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, str) else None

    def counted(self, split: str, what: str) -> int:
        """Return a count of a split: `sentences`, or `longest`, the words of its longest one."""
        try:
            count = self.statistics["splits"][split][what]
        except (KeyError, TypeError):
            count = None
        if type(count) is not int or not 1 <= count <= MAX_TOKENS:
            path = self.folder / "statistics.json"
            raise InputError(f"{path}: {what!r} of the split {split!r} is missing")
        return count

    @property
    def normalise(self) -> tuple[str, ...] | None:
        """Return the steps by which sentences were normalised; None if they are not recorded."""
        settings = self.statistics.get("settings")
        steps = settings.get("normalise") if isinstance(settings, dict) else None
        return tuple(map(str, steps)) if isinstance(steps, list) else None

    @cached_property
    def fingerprint(self) -> str:
        """Return a SHA-256 of the vocabulary and of the hashes of all arrays: the corpus's text.

        Counts in statistics.json are left out: a new count does not make another corpus.
        """
        path = self.folder / "statistics.json"
        return fingerprint_of(self.vocabulary.digest, self.statistics, path)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Return the vocabulary; InputError if it is not the one of the preparation."""
        path = self.folder / "vocabulary.txt"
        vocabulary = Vocabulary.load(path)
        self._check(path, vocabulary.digest, "vocabulary", "sha256")
        return vocabulary

    def split(self, name: str) -> Sentences:
        """Return the sentences of "train", "valid" or "test", mapped read-only into memory.

        InputError if the arrays do not fit each other or the vocabulary, or are not those whose
        SHA-256 is in statistics.json: a truncated copy, or arrays of two preparations.
        """
        tokens, offsets = (
            load_array(self.folder / f"{name}.{part}.npy", "textvae prepare")
            for part in ("tokens", "offsets")
        )
        integers = tokens.dtype in (np.uint16, np.uint32) and offsets.dtype == np.int64
        if not (integers and tokens.ndim == offsets.ndim == 1 and len(offsets) > 1):
            raise InputError(f"{self.folder}: {name}.*.npy are not the arrays of a split")
        increasing = (offsets[1:] > offsets[:-1]).all()
        if offsets[0] != 0 or offsets[-1] != len(tokens) or not increasing:
            raise InputError(f"{self.folder}: {name}.offsets.npy does not fit {name}.tokens.npy")
        if tokens.max() >= len(self.vocabulary):
            raise InputError(f"{self.folder}: {name}.tokens.npy has ids outside vocabulary.txt")
        if tokens.min() == EOS_ID:
            raise InputError(f"{self.folder}: {name}.tokens.npy has end marks inside sentences")
        for part in ("tokens", "offsets"):
            path = self.folder / f"{name}.{part}.npy"
            self._check(path, _sha256(path), "splits", name, "sha256", part)
        return Sentences(tokens, offsets)

    def _check(self, path: Path, digest: str, *keys: str) -> None:
        """Raise InputError if a file is not the one that the preparation wrote."""
        if self._recorded(*keys) not in (None, digest):
            raise InputError(
                f"{path}: its SHA-256 is not the one of statistics.json beside it; expected the "
                "files of one `textvae prepare`"
            )


def offsets_of(lengths: np.ndarray) -> np.ndarray:
    """Return the offsets, (N + 1,) int64, of concatenated sentences of lengths (N,)."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _sha256(path: Path) -> str:
    """Return the SHA-256 of a file, which is read once in a process unless it is replaced."""
    stat = path.stat()
    return _sha256_of(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns))


@cache
def _sha256_of(path: Path, version: tuple[int, ...]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_array(path: Path, maker: str) -> np.ndarray:
    """Return the array of an .npy file, mapped read-only into memory.

    maker: the command that writes such files, for messages. InputError if the file is missing or
    truncated.
    """
    try:
        # NumPy only warns about a header written by Python 2.
        with warnings.catch_warnings(action="error"):
            return np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file (`{maker}` makes it)") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, expected a .npy array") from None
    except _BROKEN_HEADER:
        raise InputError(f"{path}: not a whole .npy array (`{maker}` makes it)") from None


def save_array(path: Path, array: np.ndarray) -> None:
    """Write an array atomically, as .npy."""
    with atomic_write(path, "wb") as file:
        np.save(file, array, allow_pickle=False)


def save_stream(path: Path, dtype: np.dtype, length: int, chunks: Iterable[np.ndarray]) -> str:
    """Write a flat array atomically, as .npy, from its chunks; return the file's SHA-256.

    The file is that of `save_array` for the concatenated chunks, which are never in memory
    together. length: the number of elements of all chunks.
    """
    dtype = np.dtype(dtype)
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False}
    start = io.BytesIO()
    np.lib.format.write_array_header_1_0(start, header | {"shape": (length,)})
    sha256 = hashlib.sha256(start.getvalue())
    written = 0
    with atomic_write(path, "wb") as file:
        file.write(start.getvalue())
        for chunk in chunks:
            part = np.ascontiguousarray(chunk, dtype=dtype)
            file.write(part.data)
            sha256.update(part.data)
            written += len(part)
        if written != length:
            raise ValueError(f"{path}: got {written} elements, expected {length}")
    return sha256.hexdigest()
