"""Split one text at random into three."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.formats import lines
from textvae.corpora.origins import NAME, assign, record
from textvae.corpora.other_formats import LINES_EXAMINED, table_format
from textvae.corpora.repeats import new_hashes, repeats, sentence_hash
from textvae.errors import InputError, warn
from textvae.io import atomic_write, check_own_files

_MIN_LINES = 100


@dataclass(frozen=True)
class Counts:
    """Lines of each split, and lines of valid and test that are also in train."""

    lines: dict[str, int]
    in_train: dict[str, int]


def split_text(path: Path, folder: Path, seed: int) -> Counts:
    """Split one text into train.txt, valid.txt and test.txt; return their counts.

    Their origin is recorded beside them, for messages (`corpora.origins`).
    Lines are assigned at random and keep their order; blank ones are dropped. Sentences of one
    document end up in all three splits; provide three files to avoid this. The text is read once,
    so that it may be a pipe. InputError if it is not UTF-8 or has fewer than 100 lines, or
    if the folder has files of these names that are not of an earlier split.
    """
    folder = Path(folder)
    for split in SPLITS:
        own = folder / f"{split}.txt"
        if own.exists() and path.exists() and own.samefile(path):
            raise InputError(f"{path}: would be replaced by its own part, expected another folder")
    check_own_files(folder, [f"{split}.txt" for split in SPLITS], NAME)
    existing = next(each for each in (folder, *folder.absolute().parents) if each.is_dir())
    with tempfile.TemporaryFile("w+", dir=existing, encoding="utf-8", newline="\n") as copy:
        hashes = new_hashes()
        first = []
        for _, line in lines(path):
            if line.strip():
                copy.write(f"{line}\n")
                hashes.append(sentence_hash(line.strip()))
                if len(first) < LINES_EXAMINED:
                    first.append(line)
        count = len(hashes)
        if count < _MIN_LINES:
            raise InputError(
                f"{path}: {count} lines with text, expected at least {_MIN_LINES} to split"
            )
        if message := table_format(first):
            warn(f"{path}: {message}")
        split_of = assign(count, seed)
        copy.seek(0)
        _write(copy, split_of, folder)
    record(folder, path, seed, count)
    by_split = np.array(hashes, dtype=np.uint64)
    counted = repeats({split: by_split[split_of == number] for number, split in enumerate(SPLITS)})
    sizes = np.bincount(split_of, minlength=len(SPLITS)).tolist()
    in_train = {split: counted[split]["in_train"] for split in SPLITS[1:]}
    return Counts(dict(zip(SPLITS, sizes, strict=True)), in_train)


def _write(text: Iterator[str], split_of: np.ndarray, folder: Path) -> None:
    with ExitStack() as stack:
        files = [stack.enter_context(atomic_write(folder / f"{split}.txt")) for split in SPLITS]
        for number, line in zip(split_of, text, strict=True):
            files[number].write(line)
