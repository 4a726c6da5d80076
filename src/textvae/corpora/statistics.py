"""The contents of statistics.json: counts of each split, and notes on what they imply."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textvae.corpora import SPLITS
from textvae.corpora.vocabulary import EOS_ID, UNK_ID
from textvae.errors import one_line

if TYPE_CHECKING:
    import numpy as np

    from textvae.corpora.draft import Draft

# Per cent of the words of a split, in which `<unk>` replaces words. The paper's corpora have at
# most some per cent; far above, D and BLEU are mostly those of `<unk>`.
MAX_UNK_PERCENT = 20
# Per cent of the sentences of a split that an earlier split also has. Short sentences recur in
# any corpus (6.6% in CBT, 1.2% in WIKI); far above, measurements show memory.
MAX_IN_TRAIN_PERCENT = 10
# Mean characters of a word; English has 4, Finnish 8.
MAX_WORD_LENGTH = 15
# Per cent of the sentences that were read of a split, dropped for their length.
MAX_DROPPED_PERCENT = 10
_DROPPED = {
    "too_long": "a larger `longest` keeps more, and `split_sentences: en` splits documents",
    "too_short": "a smaller `shortest` keeps more",
}


def split_statistics(
    draft: "Draft", requested: int | None, lengths: "np.ndarray", counts: "np.ndarray"
) -> dict[str, Any]:
    """Return the counts of one split, as statistics.json has them.

    requested: sentences, None for all. lengths: (N,) words in each sentence of the corpus.
    counts: (|V|,) occurrences of each id. Means are in words per sentence.
    """
    tokens = int(lengths.sum())
    mean = tokens / len(lengths)
    # Tables read the bounds above, and are planned where NumPy is not installed.
    import numpy as np

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
        ("too long", *(f"{split['too_long']:,}" for split in splits)),
        ("too short", *(f"{split['too_short']:,}" for split in splits)),
        ("blank lines", *(f"{split['blank_lines']:,}" for split in splits)),
        ("mean length", *(f"{split['mean_length']:.1f}" for split in splits)),
        ("longest", *(f"{split['longest']:,}" for split in splits)),
        ("% <unk>", *(f"{split['unk_percent']:.2f}" for split in splits)),
        ("repeated", *(f"{split['repeated']:,}" for split in splits)),
        ("also in train", "", *(f"{split['in_train']:,}" for split in splits[1:])),
        ("also in valid", "", "", f"{splits[-1]['in_valid']:,}"),
        ("word types", *(f"{split['types']:,}" for split in splits)),
    ]
    vocabulary = statistics["vocabulary"]
    requested = "all" if vocabulary["asked"] is None else f"{vocabulary['asked']:,}"
    printed = [f"{name:<14}" + "".join(f"{cell:>13}" for cell in cells) for name, *cells in rows]
    printed.append(f"{'vocabulary':<14}{vocabulary['reached']:>13,}, asked for {requested}")
    return "\n".join([statistics["name"], *printed])


def corpus_notes(splits: Mapping[str, Mapping[str, Any]], recurring: int | None) -> dict[str, str]:
    """Return name -> note on each count that makes measurements misleading.

    splits: counts, as in statistics.json. recurring: words that occur more than once in the
    training split; None for a closed vocabulary.
    """
    notes = {}
    for key, advice in _DROPPED.items():
        dropped = {split: 100 * counts[key] / counts["read"] for split, counts in splits.items()}
        if many := _above(dropped, MAX_DROPPED_PERCENT):
            length = key.replace("_", " ")
            notes[key] = f"of the sentences read, {many} are {length} and dropped; {advice}"
    unknown = {split: counts["unk_percent"] for split, counts in splits.items()}
    if many := _above(unknown, MAX_UNK_PERCENT):
        notes["unknown_words"] = (
            f"of the words, {many} are <unk>, so that measurements are mostly of <unk>; expected"
            " text with the words of the vocabulary"
        )
    in_train = {
        split: 100 * counts["in_train"] / counts["sentences"]
        for split, counts in splits.items()
        if split != "train"
    }
    if many := _above(in_train, MAX_IN_TRAIN_PERCENT):
        notes["in_train"] = (
            f"of the sentences, {many} are also in train, so that measurements on them may show"
            " memory; expected different sentences"
        )
    test = splits["test"]
    if many := _above({"test": 100 * test["in_valid"] / test["sentences"]}, MAX_IN_TRAIN_PERCENT):
        notes["in_valid"] = (
            f"of the sentences, {many} are also in valid, so that the two are not independent;"
            " expected different sentences"
        )
    without = [split for split in SPLITS[1:] if unknown[split] > 0]
    if unknown["train"] == 0 and without:
        types = splits["train"]["types"]
        fewer = f"fewer than the {types:,} words of the training split"
        if recurring and recurring < types:
            fewer = f"at most {recurring:,} words, those that occur more than once"
        notes["untrained_unk"] = (
            f"<unk> occurs in {' and '.join(without)} but not in train, where every word is known,"
            f" so that its probability is not learnt and raises D; expected a vocabulary of {fewer}"
        )
    return notes


def word_length_notes(words: Sequence[str], counts: Sequence[int]) -> dict[str, str]:
    """Return a note if words are as long as whole sentences, by words of train and their counts."""
    characters = sum(len(word) * count for word, count in zip(words, counts, strict=True))
    mean = characters / sum(counts)
    if mean <= MAX_WORD_LENGTH:
        return {}
    return {
        "word_length": (
            f"words of train have {mean:.0f} characters on average, as in text without spaces"
            " between words; expected words parted by spaces"
        )
    }


def _above(percents: Mapping[str, float], bound: float) -> str:
    """Return the splits above a bound, as "30.0% of test"; "" if there are none."""
    return ", ".join(
        f"{percent:.1f}% of {split}" for split, percent in percents.items() if percent > bound
    )
