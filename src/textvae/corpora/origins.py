"""Find the lines of a split in the text that `textvae split` split, for messages about them.

`split` records the text, the seed and the number of lines in origin.json beside the splits. From
these, a line's number in the text is computed again, only if a message needs it.
"""

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.formats import lines
from textvae.errors import InputError
from textvae.io import read_json, write_json

NAME = "origin.json"
# A tenth of the lines is held out for validation and a tenth for testing, but at most 10,000, as in
# the paper's Yahoo corpus.
_LINES_PER_HELD_OUT_LINE = 10
_MAX_HELD_OUT = 10_000


def assign(count: int, seed: int) -> np.ndarray:
    """Return (count,) the index of the split of each line with text."""
    held_out = min(count // _LINES_PER_HELD_OUT_LINE, _MAX_HELD_OUT)
    split_of = np.zeros(count, dtype=np.int8)
    chosen = np.random.default_rng(seed).choice(count, 2 * held_out, replace=False)
    for number, lines_of_split in enumerate((chosen[:held_out], chosen[held_out:]), start=1):
        split_of[lines_of_split] = number
    return split_of


def record(folder: Path, text: Path, seed: int, count: int) -> None:
    """Record that the files of `folder` are the splits of a text with `count` lines."""
    sizes = {split: (folder / f"{split}.txt").stat().st_size for split in SPLITS}
    content = {"text": str(text), "seed": seed, "lines": count, "bytes": sizes}
    write_json(folder / NAME, content)


def text_of(path: Path) -> Path:
    """Return the text that a file is a split of, or the file itself."""
    origin = _origin(Path(path))
    return Path(path if origin is None else origin["text"])


def name_of(path: Path) -> str:
    """Return the name of a file for messages: of the text that it is a split of, if it is one."""
    text = text_of(path)
    return str(path) if text == Path(path) else f"{text} ({Path(path).stem} split)"


def line_of(path: Path, number: int) -> str:
    """Return the name of a file's line for messages: that of the text, if the file is a split."""
    path = Path(path)
    origin = _origin(path)
    if origin is None:
        return f"{path}, line {number}"
    try:
        in_text = _number_in_text(path, number, origin)
    except (InputError, OSError, LookupError, TypeError, ValueError):
        # The text is a pipe, or was changed or removed.
        return f"{name_of(path)}, line {number} of {path}"
    return f"{origin['text']}, line {in_text}"


def _number_in_text(path: Path, number: int, origin: dict[str, Any]) -> int:
    """Return the number of a split's line in the text; ValueError if the text has another there."""
    text = Path(origin["text"])
    if not text.is_file():
        raise ValueError(f"{text}: not a file")
    split_of = assign(origin["lines"], origin["seed"])
    index = int(np.flatnonzero(split_of == SPLITS.index(path.stem))[number - 1])
    with_text = ((at, line) for at, line in lines(text) if line.strip())
    in_text, line = next(islice(with_text, index, None))
    if line != next(islice(lines(path), number - 1, None))[1]:
        raise ValueError(f"{text}: changed")
    return in_text


def _origin(path: Path) -> dict[str, Any] | None:
    """Return the record beside a split; None for any other file, as one of another size is."""
    if path.name not in {f"{split}.txt" for split in SPLITS}:
        return None
    try:
        origin = read_json(path.with_name(NAME))
    except (InputError, OSError):
        return None
    if not isinstance(origin, dict) or not isinstance(origin.get("text"), str):
        return None
    sizes = origin.get("bytes")
    if isinstance(sizes, dict) and path.is_file() and sizes.get(path.stem) != path.stat().st_size:
        return None
    return origin
