"""Read a raw split once: provisional word ids on the disk, and counts of what was dropped."""

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textvae.corpora.formats import read
from textvae.corpora.vocabulary import EOS, UNK, UNK_ID, Vocabulary
from textvae.errors import InputError
from textvae.registry import STEPS
from textvae.runtime.progress import progress

_WORDS_IN_MEMORY = 1 << 20
_SENTENCES_A_CHUNK = 1 << 16


class GrowingIds(dict[str, int]):
    """Word -> provisional id; a new word gets the next one.

    With a closed vocabulary the ids are final, and every other word is `<unk>`.
    """

    def __init__(self, closed: Vocabulary | None = None) -> None:
        words = (EOS, UNK) if closed is None else closed.words
        super().__init__((word, id) for id, word in enumerate(words))
        self.closed = closed is not None

    def __missing__(self, word: str) -> int:
        if self.closed:
            return UNK_ID
        self[word] = id = len(self)
        return id


@dataclass(frozen=True)
class Draft:
    """The sentences of one raw file that are neither too short nor too long.

    tokens: (T,) uint32 provisional ids, concatenated, mapped from an unnamed temporary file.
    lengths: (N,) uint32 words in each sentence.
    blank, too_short, too_long: numbers of lines or sentences that were dropped.
    """

    path: Path
    tokens: np.ndarray
    lengths: np.ndarray
    blank: int
    too_short: int
    too_long: int

    def __len__(self) -> int:
        return len(self.lengths)

    def chunks(self, chosen: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the tokens of the `chosen` sentences, (N,) booleans, in order, in chunks."""
        end = 0
        for start in range(0, len(self), _SENTENCES_A_CHUNK):
            some = slice(start, start + _SENTENCES_A_CHUNK)
            begin, end = end, end + int(self.lengths[some].sum(dtype=np.int64))
            yield self.tokens[begin:end][np.repeat(chosen[some], self.lengths[some])]

    def count(self, chosen: np.ndarray, types: int) -> np.ndarray:
        """Return (types,) the occurrences of each provisional id in the `chosen` sentences."""
        counts = np.zeros(types, dtype=np.int64)
        for tokens in self.chunks(chosen):
            counts += np.bincount(tokens, minlength=types)
        return counts


def read_draft(
    path: Path,
    ids: GrowingIds,
    folder: Path,
    format: str = "plain",
    steps: Sequence[str] = (),
    shortest: int = 1,
    longest: int | None = None,
) -> Draft:
    """Read one raw file into a draft and extend `ids`; the tokens are kept on the disk of `folder`.

    The other arguments are those of `Preparation`. InputError if the file cannot be read or fewer
    than 2 sentences are left.
    """
    path = Path(path)
    most = float("inf") if longest is None else longest
    normalise = [STEPS[name] for name in steps]
    blank = too_short = too_long = 0
    lengths, tokens = array("I"), array("I")
    lookup = ids.__getitem__
    size = path.stat().st_size if path.is_file() else None
    # An unnamed file disappears with this process, however it ends.
    with (
        tempfile.TemporaryFile(dir=folder) as file,
        progress(str(path), size) as advance,
    ):
        for sentence in read(path, format, advance):
            if not sentence:
                blank += 1
                continue
            for step in normalise:
                sentence = step(sentence)
            words = sentence.split()
            if EOS in words:  # a step may have made one, of `<Eos>` for instance
                words = [word for word in words if word != EOS]
            if len(words) < shortest:
                too_short += 1
            elif len(words) > most:
                too_long += 1
            else:
                lengths.append(len(words))
                tokens.extend(map(lookup, words))
                if len(tokens) >= _WORDS_IN_MEMORY:
                    tokens.tofile(file)
                    del tokens[:]
        tokens.tofile(file)
        file.flush()
        draft = Draft(
            path,
            np.memmap(file, dtype=np.uint32, mode="r") if lengths else np.empty(0, np.uint32),
            np.array(lengths, dtype=np.uint32),
            blank,
            too_short,
            too_long,
        )
    if len(draft) < 2:
        raise InputError(_too_few(draft, shortest, longest))
    return draft


def _too_few(draft: Draft, shortest: int, longest: int | None) -> str:
    left = len(draft)
    read = left + draft.too_short + draft.too_long
    if read == 0:
        lines = f"{draft.blank:,} blank line{'' if draft.blank == 1 else 's'}"
        found = f"nothing but {lines}" if draft.blank else "nothing"
        return f"{draft.path}: {found} in it, expected at least 2 sentences"
    why = [f"{draft.too_long:,} longer than {longest} words"] if draft.too_long else []
    why += [f"{draft.too_short:,} shorter than {shortest}"] if draft.too_short else []
    reasons = f" ({', '.join(why)})" if why else ""
    return (
        f"{draft.path}: {left} sentence{'' if left == 1 else 's'} left of {read:,} read{reasons}, "
        "at least 2 are needed"
    )
