"""What preparation counted: for statistics.json, and as a table of what was reached."""

from typing import Any

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.draft import Draft
from textvae.corpora.vocabulary import EOS_ID, UNK_ID
from textvae.errors import one_line


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
