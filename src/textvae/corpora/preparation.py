"""Prepare a corpus from the raw text of three splits (paper, section 3, "Corpora").

Each file is read once, into a draft. Then the number of sentences and the word frequencies are
known; sampling, counting and renumbering to the final vocabulary are done in NumPy, chunk by chunk.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.draft import Draft, GrowingIds, read_draft
from textvae.corpora.encoded import offsets_of, save_stream
from textvae.corpora.formats import DROPPED_MARKS, UNKNOWN_MARKS
from textvae.corpora.origins import name_of, text_of
from textvae.corpora.repeats import repeats
from textvae.corpora.settings import Preparation
from textvae.corpora.sources import check_held_out_files, check_unchanged, is_same_file
from textvae.corpora.statistics import corpus_notes, split_statistics, word_length_notes
from textvae.corpora.vocabulary import UNK, UNK_ID, Vocabulary
from textvae.errors import InputError, warn
from textvae.io import write_json
from textvae.vacancy import check_corpus_folder


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
    folder = Path(folder)
    check_corpus_folder(folder, [*paths.values(), *([] if words is None else [Path(words)])])
    check_held_out_files(paths)
    for split in SPLITS:
        check_unchanged(paths[split])
    closed = None if words is None else Vocabulary.read_words(words)
    ids = GrowingIds() if closed is None else GrowingIds(closed)
    folder.mkdir(parents=True, exist_ok=True)
    notes: dict[str, str] = {}
    if words is not None and closed is not None:
        notes |= _mark_note(words, closed)
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
        distinct = list(ids)
        vocabulary, final = most_frequent(distinct, counts, settings.vocabulary)
        recurring = int(np.count_nonzero(counts[UNK_ID + 1 :] > 1))
        notes |= word_length_notes(distinct, counts.tolist())
    else:
        vocabulary, final, recurring = closed, np.arange(len(closed)), None
    if len(vocabulary) == 2:
        raise InputError(
            f"{name_of(paths['train'])}: every word is unknown, expected text with words"
        )
    for split in SPLITS:
        _check_known(drafts[split], chosen[split], final, vocabulary)
    if is_same_file(paths["valid"], paths["test"]):
        same = all(chosen[split].all() for split in ("valid", "test"))
        effect = "measurements on them are the same" if same else "they are not independent"
        notes["one_file"] = f"valid and test are one file, so that {effect}"
    # Nothing is refused any more: what the folder had is replaced.
    (folder / "statistics.json").unlink(missing_ok=True)
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
    # After the splits, which say that a vocabulary without statistics is of a corpus.
    vocabulary.save(folder / "vocabulary.txt")
    hashes = {split: drafts[split].hashes[chosen[split]] for split in SPLITS}
    for split, counted in repeats(hashes).items():
        statistics["splits"][split] |= counted
    statistics["notes"] = notes | corpus_notes(statistics["splits"], recurring)
    for note in statistics["notes"].values():
        warn(f"{name}: {note}")
    write_json(folder / "statistics.json", statistics)
    return statistics


def _mark_note(path: Path, vocabulary: Vocabulary) -> dict[str, str]:
    """Return a note that names the marks of a list of words, which never occur in text."""
    marks = [
        word for word in vocabulary.words[2:] if word in DROPPED_MARKS or word in UNKNOWN_MARKS
    ]
    if not marks:
        return {}
    return {
        "marks": f"{path}: {', '.join(marks)}: read as {UNK} or dropped in text, so that the"
        " vocabulary has them without use; expected only words"
    }


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


def _check_known(
    draft: Draft, chosen: np.ndarray, final: np.ndarray, vocabulary: Vocabulary
) -> None:
    """Raise InputError if the vocabulary has no word of the chosen sentences."""
    if not any((final[provisional] != UNK_ID).any() for provisional in draft.chunks(chosen)):
        total = int(draft.lengths[chosen].sum())
        raise InputError(
            f"{name_of(draft.path)}: every one of its {total:,} words is unknown, "
            f"expected some of the vocabulary's {vocabulary.types:,}"
        )


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
    return split_statistics(draft, settings.size(split), lengths, counts) | {"sha256": sha256}
