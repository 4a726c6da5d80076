"""Prepare a corpus from the raw text of three splits (paper, section 3, "Corpora").

Each file is read once, as a stream: sentences are normalised, filtered by length and written to a
temporary file as provisional ids, which number words in order of first occurrence. Then the number
of sentences and the word frequencies are known; sampling, counting and renumbering to the final
vocabulary are done in NumPy, chunk by chunk. Memory holds the lengths of all sentences and the
distinct words, but not the text.
"""

import tempfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.encoded import offsets_of, save_stream
from textvae.corpora.formats import lines, read
from textvae.corpora.settings import Preparation
from textvae.corpora.sources import check_unchanged
from textvae.corpora.vocabulary import EOS, EOS_ID, UNK, UNK_ID, Vocabulary
from textvae.errors import InputError, one_line
from textvae.io import atomic_write, write_json
from textvae.registry import STEPS
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
) -> Draft:
    """Read one raw file into a draft and extend `ids`; the tokens are kept on the disk of `folder`.

    The other arguments are those of `Preparation`. InputError if the file cannot be read or fewer
    than 2 sentences are left.
    """
    path = Path(path)
    max_length = float("inf") if longest is None else longest
    normalise = [STEPS[name] for name in steps]
    blank = too_short = too_long = 0
    lengths, tokens = array("I"), array("I")
    lookup = ids.__getitem__
    size = path.stat().st_size if path.is_file() else None
    # An unnamed file disappears when this process ends, even if it is killed.
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
            if EOS in words:  # a step may have created one, from `<Eos>` for example
                words = [word for word in words if word != EOS]
            if len(words) < shortest:
                too_short += 1
            elif len(words) > max_length:
                too_long += 1
            else:
                lengths.append(len(words))
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
        )
    if len(draft) < 2:
        raise InputError(_too_few(draft, shortest, longest))
    return draft


def _too_few(draft: Draft, shortest: int, longest: int | None) -> str:
    left = len(draft)
    read = left + draft.too_short + draft.too_long
    if read == 0:
        lines = f"{draft.blank:,} blank line{'' if draft.blank == 1 else 's'}"
        content = f"only {lines}" if draft.blank else "no text"
        return f"{draft.path}: {content}, expected at least 2 sentences"
    dropped = [f"{draft.too_long:,} longer than {longest} words"] if draft.too_long else []
    dropped += [f"{draft.too_short:,} shorter than {shortest}"] if draft.too_short else []
    reasons = f" ({', '.join(dropped)})" if dropped else ""
    return (
        f"{draft.path}: {left} sentence{'' if left == 1 else 's'} left of {read:,} read{reasons}, "
        "at least 2 are needed"
    )


# `split_text` holds out a tenth of the lines for validation and a tenth for testing, but at
# most 10,000, as in the paper's Yahoo corpus.
_LINES_PER_HELD_OUT_LINE = 10
_MAX_HELD_OUT = 10_000
_MIN_LINES = 100


def split_statistics(
    draft: Draft, requested: int | None, lengths: np.ndarray, counts: np.ndarray
) -> dict[str, Any]:
    """Return the counts of one split, as statistics.json has them.

    requested: sentences, None for all. lengths: (N,) words in each sentence of the corpus.
    counts: (|V|,) occurrences of each id. Means are in words per sentence.
    """
    tokens = int(lengths.sum())
    mean = tokens / len(lengths)
    used = np.flatnonzero(counts)
    return {
        # A file name may contain bytes that are not valid UTF-8.
        "file": one_line(draft.path.name),
        "blank_lines": draft.blank,
        "read": len(draft) + draft.too_short + draft.too_long,
        "too_short": draft.too_short,
        "too_long": draft.too_long,
        "kept": len(draft),
        "asked": requested,
        "sentences": len(lengths),
        "tokens": tokens,
        "mean_length": mean,
        "mean_length_with_eos": mean + 1,
        "longest": int(lengths.max()),
        "unk_percent": 100 * int(counts[UNK_ID]) / tokens,
        "types": int(np.count_nonzero((used != EOS_ID) & (used != UNK_ID))),
    }


def table(statistics: dict[str, Any]) -> str:
    """Return a table, as text, of the sizes that were requested and reached."""
    splits = [statistics["splits"][split] for split in SPLITS]
    rows = [
        ("", *SPLITS),
        ("sentences", *(f"{split['sentences']:,}" for split in splits)),
        ("asked for", *("all" if s["asked"] is None else f"{s['asked']:,}" for s in splits)),
        ("to draw from", *(f"{split['kept']:,}" for split in splits)),
        ("mean length", *(f"{split['mean_length']:.1f}" for split in splits)),
        ("longest", *(f"{split['longest']:,}" for split in splits)),
        ("% <unk>", *(f"{split['unk_percent']:.2f}" for split in splits)),
        ("word types", *(f"{split['types']:,}" for split in splits)),
    ]
    vocabulary = statistics["vocabulary"]
    requested = "all" if vocabulary["asked"] is None else f"{vocabulary['asked']:,}"
    printed = [f"{name:<14}" + "".join(f"{cell:>13}" for cell in cells) for name, *cells in rows]
    printed.append(f"{'vocabulary':<14}{vocabulary['reached']:>13,}, asked for {requested}")
    return "\n".join([statistics["name"], *printed])


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
    for split in SPLITS:
        check_unchanged(Path(paths[split]))
    closed = None if words is None else Vocabulary.read_words(words)
    ids = GrowingIds() if closed is None else GrowingIds(closed)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
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
        )
        seed = [settings.seed, number]
        chosen[split] = sample(len(drafts[split]), settings.size(split), seed)
    if closed is None:
        counts = drafts["train"].count(chosen["train"], len(ids))
        vocabulary, final = most_frequent(list(ids), counts, settings.vocabulary)
    else:
        vocabulary, final = closed, np.arange(len(closed))
    if len(vocabulary) == 2:
        raise InputError(f"{paths['train']}: every word is unknown, expected text with words")
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
    write_json(folder / "statistics.json", statistics)
    return statistics


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
            f"{draft.path}: every one of its {total:,} words is unknown, "
            f"expected some of the vocabulary's {vocabulary.types:,}"
        )
    return split_statistics(draft, settings.size(split), lengths, counts) | {"sha256": sha256}


def split_text(
    path: Path, folder: Path, seed: int, advance: Callable[[int], object] = lambda count: None
) -> dict[str, int]:
    """Split one text into train.txt, valid.txt and test.txt; return the lines of each.

    Lines are assigned at random and keep their order; blank ones are dropped. Sentences of one
    document end up in all three splits; provide three files to avoid this. InputError if the text
    is not a UTF-8 file or has fewer than 100 lines.
    """
    count = sum(1 for _ in _filled(path, lambda size: None))
    if count < _MIN_LINES:
        raise InputError(
            f"{path}: {count} lines with text, expected at least {_MIN_LINES} to split"
        )
    held_out = min(count // _LINES_PER_HELD_OUT_LINE, _MAX_HELD_OUT)
    split_of = np.zeros(count, dtype=np.int8)
    chosen = np.random.default_rng(seed).choice(count, 2 * held_out, replace=False)
    for number, lines_of_split in enumerate((chosen[:held_out], chosen[held_out:]), start=1):
        split_of[lines_of_split] = number
    with ExitStack() as stack:
        files = [stack.enter_context(atomic_write(folder / f"{split}.txt")) for split in SPLITS]
        for number, line in zip(split_of, _filled(path, advance), strict=True):
            files[number].write(f"{line}\n")
    return dict(zip(SPLITS, (count - 2 * held_out, held_out, held_out), strict=True))


def _filled(path: Path, advance: Callable[[int], object]) -> Iterator[str]:
    return (line for _, line in lines(path, advance) if line.strip())
