"""Read one raw file, as a stream, into a draft: its sentences as provisional ids.

Sentences are normalised, filtered by length and written to an unnamed temporary file as ids that
number words in order of first occurrence. Memory holds their lengths and hashes and the distinct
words, but not the text.
"""

import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textvae.corpora.formats import LineError, read
from textvae.corpora.normalisation import normaliser
from textvae.corpora.origins import line_of, name_of
from textvae.corpora.repeats import new_hashes, sentence_hash
from textvae.corpora.vocabulary import EOS, UNK, UNK_ID, Vocabulary
from textvae.errors import InputError
from textvae.runtime.progress import progress

MAX_BUFFERED_WORDS = 1 << 20
SENTENCES_PER_CHUNK = 1 << 16


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
    hashes: (N,) uint64, by which sentences are compared.
    blank, too_short, too_long: numbers of lines or sentences that were dropped.
    """

    path: Path
    tokens: np.ndarray
    lengths: np.ndarray
    blank: int
    too_short: int
    too_long: int
    hashes: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    def chunks(self, chosen: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the tokens of the `chosen` sentences, (N,) booleans, in order, in chunks."""
        end = 0
        for start in range(0, len(self), SENTENCES_PER_CHUNK):
            chunk = slice(start, start + SENTENCES_PER_CHUNK)
            begin, end = end, end + int(self.lengths[chunk].sum(dtype=np.int64))
            yield self.tokens[begin:end][np.repeat(chosen[chunk], self.lengths[chunk])]

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
    label: str | None = None,
    language: str | None = None,
    warn: Callable[[str], object] = lambda message: None,
) -> Draft:
    """Read one raw file into a draft and extend `ids`; the tokens are kept on the disk of `folder`.

    The other arguments are those of `Preparation` and of `formats.read`. InputError if the file
    cannot be read or fewer than 2 sentences are left.
    """
    path = Path(path)
    max_length = float("inf") if longest is None else longest
    normalise = normaliser(steps)
    blank = too_short = too_long = 0
    lengths, tokens, hashes = array("I"), array("I"), new_hashes()
    lookup = ids.__getitem__
    size = path.stat().st_size if path.is_file() else None
    # An unnamed file disappears when this process ends, even if it is killed.
    with (
        tempfile.TemporaryFile(dir=folder) as file,
        progress(name_of(path), size) as advance,
    ):
        for sentence in _read(path, format, advance, warn, label, language):
            if not sentence:
                blank += 1
                continue
            words = normalise(sentence).split()
            if EOS in words:  # a step may have created one, from `<Eos>` for example
                words = [word for word in words if word != EOS]
            if len(words) < shortest:
                too_short += 1
            elif len(words) > max_length:
                too_long += 1
            else:
                lengths.append(len(words))
                hashes.append(sentence_hash(" ".join(words)))
                tokens.extend(map(lookup, words))
                if len(tokens) >= MAX_BUFFERED_WORDS:
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
            np.array(hashes, dtype=np.uint64),
        )
    if len(draft) < 2:
        raise InputError(_too_few(draft, shortest, longest))
    return draft


def _read(path: Path, *arguments: Any) -> Iterator[str]:
    """Yield the sentences of `formats.read`; an error in a line names it in the user's own file."""
    try:
        yield from read(path, *arguments)
    except LineError as error:
        raise InputError(f"{line_of(error.path, error.number)}: {error.reason}") from None


def _too_few(draft: Draft, shortest: int, longest: int | None) -> str:
    left = len(draft)
    read = left + draft.too_short + draft.too_long
    if read == 0:
        lines = f"{draft.blank:,} blank line{'' if draft.blank == 1 else 's'}"
        content = f"only {lines}" if draft.blank else "no text"
        return f"{name_of(draft.path)}: {content}, expected at least 2 sentences"
    dropped = [f"{draft.too_long:,} longer than {longest} words"] if draft.too_long else []
    dropped += [f"{draft.too_short:,} shorter than {shortest}"] if draft.too_short else []
    reasons = f" ({', '.join(dropped)})" if dropped else ""
    return (
        f"{name_of(draft.path)}: {left} sentence{'' if left == 1 else 's'} left of {read:,} read"
        f"{reasons}, at least 2 are needed"
    )
