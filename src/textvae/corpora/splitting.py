"""One text of one's own as three splits, line by line: no line of it is in two of them.

Where a line is a sentence, those of one book come into all three; whoever minds has three files.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.formats import lines
from textvae.errors import InputError
from textvae.io import whole

# Of the lines a tenth each for validation and test, and at the most as many as the paper's Yahoo.
_SHARE = 10
_MOST = 10_000
_FEWEST = 100


def split_text(
    path: Path, folder: Path, seed: int, advance: Callable[[int], object] = lambda count: None
) -> dict[str, int]:
    """Write train.txt, valid.txt and test.txt to a folder; how many lines each has.

    Lines are dealt at random and stay in their order; blank ones are left out. InputError where
    the text is no file of UTF-8, or has fewer than 100 lines.
    """
    count = sum(1 for _ in _filled(path, lambda size: None))
    if count < _FEWEST:
        raise InputError(f"{path}: {count} lines with text, expected at least {_FEWEST} to split")
    held_out = min(count // _SHARE, _MOST)
    split_of = np.zeros(count, dtype=np.int8)
    chosen = np.random.default_rng(seed).choice(count, 2 * held_out, replace=False)
    for number, places in enumerate((chosen[:held_out], chosen[held_out:]), start=1):
        split_of[places] = number
    with ExitStack() as stack:
        files = [stack.enter_context(whole(folder / f"{split}.txt")) for split in SPLITS]
        for number, line in zip(split_of, _filled(path, advance), strict=True):
            files[number].write(f"{line}\n")
    return dict(zip(SPLITS, (count - 2 * held_out, held_out, held_out), strict=True))


def _filled(path: Path, advance: Callable[[int], object]) -> Iterator[str]:
    return (line for _, line in lines(path, advance) if line.strip())
