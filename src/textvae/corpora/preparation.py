"""From the raw text of three splits to a prepared corpus (paper, section 3, "Corpora").

Each file is read once, as a stream: sentences are normalised, cut by length and written to a
temporary file as provisional ids, numbers of words in the order they are first met. Only then is it
known how many sentences there are and how often each word occurs; sampling, counting and the
renumbering to the final vocabulary are done in NumPy, piece by piece. So 2 million sentences need
the memory of their lengths and of the words, not of the text.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.draft import Draft, GrowingIds, read_draft
from textvae.corpora.encoded import offsets_of, save_stream
from textvae.corpora.formats import FORMATS
from textvae.corpora.normalisation import check_steps
from textvae.corpora.sources import check_unchanged
from textvae.corpora.vocabulary import EOS_ID, UNK_ID, Vocabulary
from textvae.errors import InputError, one_line
from textvae.io import write_json


def split_statistics(
    draft: Draft, asked: int | None, lengths: np.ndarray, counts: np.ndarray
) -> dict[str, Any]:
    """The counts of one split.

    asked: sentences asked for, None for all. lengths: (N,) words of each sentence in the corpus.
    counts: (|V|,) how often each id occurs in it. Means are in words a sentence.
    """
    tokens = int(lengths.sum())
    mean = tokens / len(lengths)
    kinds = np.flatnonzero(counts)
    return {
        # The name of a file may have bytes that are no text.
        "file": one_line(draft.path.name),
        "blank_lines": draft.blank,
        "read": len(draft) + draft.too_short + draft.too_long,
        "too_short": draft.too_short,
        "too_long": draft.too_long,
        "kept": len(draft),
        "asked": asked,
        "sentences": len(lengths),
        "tokens": tokens,
        "mean_length": mean,
        "mean_length_with_eos": mean + 1,
        "longest": int(lengths.max()),
        "unk_percent": 100 * int(counts[UNK_ID]) / tokens,
        "types": int(np.count_nonzero((kinds != EOS_ID) & (kinds != UNK_ID))),
    }


def table(statistics: dict[str, Any]) -> str:
    """The sizes reached beside those asked for, as lines of text."""
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
    asked = "all" if vocabulary["asked"] is None else f"{vocabulary['asked']:,}"
    lines = [f"{name:<14}" + "".join(f"{cell:>13}" for cell in cells) for name, *cells in rows]
    lines.append(f"{'vocabulary':<14}{vocabulary['reached']:>13,}, asked for {asked}")
    return "\n".join([statistics["name"], *lines])


@dataclass(frozen=True)
class Preparation:
    """How raw text becomes a corpus. For the paper's corpora the sizes asked for are the paper's.

    format: name of a reader (`readers.FORMATS`).
    normalise: names of steps (`normalisation.STEPS`), in order.
    shortest, longest: words a sentence may have, the end mark not counted; others are dropped.
        None: no upper bound.
    vocabulary: how many words to keep, the most frequent of the training split, the marks `<eos>`
        and `<unk>` not counted; of words equally frequent, those that sort first. None: all words.
    train_size, valid_size, test_size: sentences to draw from each split without replacement, in
        the order of the file. Where fewer are left, all are taken. None: all.
    seed: of those draws.
    """

    format: str = "plain"
    normalise: tuple[str, ...] = ()
    shortest: int = 1
    longest: int | None = None
    vocabulary: int | None = None
    train_size: int | None = None
    valid_size: int | None = None
    test_size: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise InputError(f"format: {self.format!r}, expected one of {', '.join(FORMATS)}")
        check_steps(self.normalise)
        least = {"shortest": 1, "longest": self.shortest, "vocabulary": 1, "seed": 0}
        least |= {f"{split}_size": 2 for split in SPLITS}
        for setting, bound in least.items():
            value = getattr(self, setting)
            may_be_none = setting not in ("shortest", "seed")
            if value is None and may_be_none:
                continue
            if type(value) is not int or value < bound:
                raise InputError(
                    f"{setting.replace('_', '-')}: {value!r}, expected a whole number of at least "
                    f"{bound}{', or none' if may_be_none else ''}"
                )

    def size(self, split: str) -> int | None:
        """Sentences asked for in one split."""
        return getattr(self, f"{split}_size")


def prepare(
    name: str,
    paths: Mapping[str, Path],
    settings: Preparation,
    folder: Path,
    words: Path | None = None,
) -> dict[str, Any]:
    """Write the prepared corpus `name` to `folder`; returns what goes into its statistics.json.

    paths: the raw file of each of the splits train, valid and test.
    words: a file with a closed vocabulary, one word a line, to use instead of counting.
    InputError for text that cannot be read or is not what was fetched, for a split with fewer than
    2 sentences left, and for one of whose words all are unknown. statistics.json is written last: a
    folder without it is not a corpus.
    """
    if words is not None and settings.vocabulary is not None:
        raise InputError(
            "vocabulary: a size is given and a list of words too, expected one of them"
        )
    for split in SPLITS:
        check_unchanged(Path(paths[split]))
    closed = None if words is None else Vocabulary.of_words(words)
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
        "settings": dataclasses.asdict(settings),
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
    """(available,) booleans: which sentences are drawn, `size` of them or all there are."""
    if size is None or size >= available:
        return np.ones(available, dtype=bool)
    chosen = np.zeros(available, dtype=bool)
    chosen[np.random.default_rng(seed).choice(available, size, replace=False)] = True
    return chosen


def most_frequent(
    words: list[str], counts: np.ndarray, size: int | None
) -> tuple[Vocabulary, np.ndarray]:
    """The vocabulary of the `size` most frequent words, ties in the order of sorting.

    words: all words by provisional id, the two marks first; counts: (len(words),) occurrences.
    Returns the vocabulary and (len(words),) the final id of each provisional one.
    """
    candidates = np.flatnonzero(counts)
    candidates = candidates[candidates > UNK_ID]
    if size is not None and size < len(candidates):
        # All that tie with the last one in: the sort below decides between them.
        least = np.partition(counts[candidates], -size)[-size]
        candidates = candidates[counts[candidates] >= least]
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
