"""Prepare a corpus from the raw text of three splits (paper, section 3, "Corpora").

Each file is read once, as a stream: sentences are normalised, filtered by length and written to a
temporary file as provisional ids, which number words in order of first occurrence. Then the number
of sentences and the word frequencies are known; sampling, counting and renumbering to the final
vocabulary are done in NumPy, chunk by chunk. Memory holds the lengths and hashes of all sentences
and the distinct words, but not the text.
"""

import tempfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.encoded import offsets_of, save_stream
from textvae.corpora.formats import LineError, read
from textvae.corpora.normalisation import normaliser
from textvae.corpora.origins import line_of, name_of, text_of
from textvae.corpora.repeats import new_hashes, repeats, sentence_hash
from textvae.corpora.settings import Preparation
from textvae.corpora.sources import check_held_out_files, check_unchanged, is_same_file
from textvae.corpora.statistics import corpus_notes, split_statistics
from textvae.corpora.vocabulary import EOS, UNK, UNK_ID, Vocabulary
from textvae.errors import InputError, warn
from textvae.io import write_json
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


def prepare(
    name: str,
    paths: Mapping[str, Path],
    settings: Preparation,
    folder: Path,
    words: Path | None = None,
) -> dict[str, Any]:
    """Write the prepared corpus `name` to `folder`; return the contents of its statistics.json.

    paths: the raw file of each of the splits train, valid and test. words: a file with a closed
    vocabulary, one word per line, used instead of counting. InputError for text that cannot be read
    or is not what was fetched, and for a split with fewer than 2 sentences left or without a known
    word. statistics.json is written last: a folder without it is not a corpus.
    """
    if words is not None and settings.vocabulary is not None:
        raise InputError(
            "vocabulary: both a size and a list of words are given, expected one of them"
        )
    paths = {split: Path(paths[split]) for split in SPLITS}
    check_held_out_files(paths)
    for split in SPLITS:
        check_unchanged(paths[split])
    closed = None if words is None else Vocabulary.read_words(words)
    ids = GrowingIds() if closed is None else GrowingIds(closed)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    notes: dict[str, str] = {}
    if is_same_file(paths["valid"], paths["test"]):
        notes["one_file"] = "valid and test are one file, so that measurements on them are the same"
    drafts, chosen = {}, {}
    for number, split in enumerate(SPLITS):
        drafts[split] = read_draft(
            paths[split],
            ids,
            folder,
            settings.format,
            settings.normalise,
            settings.shortest,
            settings.longest,
            settings.label,
            settings.split_sentences,
            partial(_note_format, notes, split, text_of(paths[split])),
        )
        seed = [settings.seed, number]
        chosen[split] = sample(len(drafts[split]), settings.size(split), seed)
    if closed is None:
        counts = drafts["train"].count(chosen["train"], len(ids))
        vocabulary, final = most_frequent(list(ids), counts, settings.vocabulary)
        recurring = int(np.count_nonzero(counts[UNK_ID + 1 :] > 1))
    else:
        vocabulary, final, recurring = closed, np.arange(len(closed)), None
    if len(vocabulary) == 2:
        raise InputError(
            f"{name_of(paths['train'])}: every word is unknown, expected text with words"
        )
    (folder / "statistics.json").unlink(missing_ok=True)
    vocabulary.save(folder / "vocabulary.txt")
    statistics = {
        "name": name,
        "settings": settings.model_dump(),
        "vocabulary": {
            "asked": settings.vocabulary if closed is None else closed.types,
            "reached": vocabulary.types,
            "closed": closed is not None,
            "sha256": vocabulary.digest,
        },
        "splits": {
            split: _write_split(
                folder, split, drafts[split], chosen[split], final, vocabulary, settings
            )
            for split in SPLITS
        },
    }
    hashes = {split: drafts[split].hashes[chosen[split]] for split in SPLITS}
    for split, counted in repeats(hashes).items():
        statistics["splits"][split] |= counted
    statistics["notes"] = notes | corpus_notes(statistics["splits"], recurring)
    for note in statistics["notes"].values():
        warn(f"{name}: {note}")
    write_json(folder / "statistics.json", statistics)
    return statistics


def _note_format(notes: dict[str, str], split: str, text: Path, message: str) -> None:
    """Note what a text looks like; once, if all splits are of one text."""
    note = f"{text}: {message}"
    if note not in notes.values():
        notes[f"{split}_format"] = note


def sample(available: int, size: int | None, seed: list[int]) -> np.ndarray:
    """Draw `size` sentences, or all if there are fewer; return (available,) booleans."""
    if size is None or size >= available:
        return np.ones(available, dtype=bool)
    chosen = np.zeros(available, dtype=bool)
    chosen[np.random.default_rng(seed).choice(available, size, replace=False)] = True
    return chosen


def most_frequent(
    words: list[str], counts: np.ndarray, size: int | None
) -> tuple[Vocabulary, np.ndarray]:
    """Return the vocabulary of the `size` most frequent words, and (W,) each word's final id.

    words: all W words by provisional id, the two marks first. counts: (W,) occurrences. Ties are in
    alphabetical order.
    """
    candidates = np.flatnonzero(counts)
    candidates = candidates[candidates > UNK_ID]
    if size is not None and size < len(candidates):
        # Keep all words that tie with the last one; the sort below decides between them.
        threshold = np.partition(counts[candidates], -size)[-size]
        candidates = candidates[counts[candidates] >= threshold]
    ranked = sorted(candidates.tolist(), key=lambda id: (-counts[id], words[id]))[:size]
    final = np.full(len(words), UNK_ID)
    final[ranked] = np.arange(len(ranked)) + UNK_ID + 1
    return Vocabulary(words[id] for id in ranked), final


def _write_split(
    folder: Path,
    split: str,
    draft: Draft,
    chosen: np.ndarray,
    final: np.ndarray,
    vocabulary: Vocabulary,
    settings: Preparation,
) -> dict[str, Any]:
    dtype = np.dtype(np.uint16 if len(vocabulary) <= 1 << 16 else np.uint32)
    final = final.astype(dtype)
    lengths = draft.lengths[chosen].astype(np.int64)
    counts = np.zeros(len(vocabulary), dtype=np.int64)

    def renumbered():
        for provisional in draft.chunks(chosen):
            tokens = final[provisional]
            counts[:] += np.bincount(tokens, minlength=len(vocabulary))
            yield tokens

    total = int(lengths.sum())
    sha256 = {"tokens": save_stream(folder / f"{split}.tokens.npy", dtype, total, renumbered())}
    offsets = offsets_of(lengths)
    sha256["offsets"] = save_stream(
        folder / f"{split}.offsets.npy", offsets.dtype, len(offsets), [offsets]
    )
    if counts[UNK_ID] == total:
        raise InputError(
            f"{name_of(draft.path)}: every one of its {total:,} words is unknown, "
            f"expected some of the vocabulary's {vocabulary.types:,}"
        )
    return split_statistics(draft, settings.size(split), lengths, counts) | {"sha256": sha256}
