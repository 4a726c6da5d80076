"""Synthetic corpora with the length distributions of real ones and words drawn by Zipf's law."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textvae.corpora import SPLITS
from textvae.corpora.encoded import EncodedCorpus, Sentences, offsets_of, save_array
from textvae.corpora.vocabulary import EOS_ID, Vocabulary
from textvae.io import write_json


@dataclass(frozen=True)
class Lengths:
    """The distribution of words per sentence, without `<eos>`: a truncated gamma distribution."""

    mean: float
    shape: float
    shortest: int
    longest: int

    def draw(self, count: int, draw: np.random.Generator) -> np.ndarray:
        """Return `count` lengths, (count,) integers."""
        drawn = draw.gamma(self.shape, self.mean / self.shape, count).round()
        return np.clip(drawn, self.shortest, self.longest).astype(np.int64)


# Fitted to CBT's sentences and Yahoo's documents, with the paper's limits of length.
LENGTHS = {"cbt-like": Lengths(15.25, 4.0, 2, 50), "yahoo-like": Lengths(79, 2.2, 20, 200)}


def draw_sentences(kind: str, words: int, count: int, seed: int) -> Sentences:
    """Draw `count` sentences over `words` words, without `<eos>`, with the lengths of a kind."""
    draw = np.random.default_rng(seed)
    lengths = LENGTHS[kind].draw(count, draw)
    # Zipf with Mandelbrot's shift; without it one word would make up a tenth of the text.
    frequency = 1 / np.arange(10, words + 10)
    cumulative = np.cumsum(frequency / frequency.sum())
    ranks = np.searchsorted(cumulative, draw.random(int(lengths.sum())) * cumulative[-1])
    return Sentences((ranks + EOS_ID + 1).astype(np.uint32), offsets_of(lengths))


def write_corpus(
    folder: Path, kind: str, words: int, sentences: dict[str, int], seed: int = 1
) -> EncodedCorpus:
    """Write a prepared corpus like `textvae prepare`; sentences: their number by split."""
    Vocabulary(f"w{rank}" for rank in range(1, words + 1)).save(folder / "vocabulary.txt")
    splits = {}
    for number, split in enumerate(SPLITS):
        drawn = draw_sentences(kind, words, sentences[split], seed + number)
        save_array(folder / f"{split}.tokens.npy", drawn.tokens)
        save_array(folder / f"{split}.offsets.npy", drawn.offsets)
        splits[split] = {"sentences": len(drawn), "longest": int(drawn.lengths.max())}
        splits[split] |= {"sha256": drawn.digest}
    write_json(folder / "statistics.json", {"name": kind, "splits": splits})
    return EncodedCorpus(folder)


def write_text(path: Path, kind: str, words: int, sentences: int, seed: int = 1) -> None:
    """Write the same as raw text, one sentence per line."""
    with path.open("w", encoding="utf-8") as file:
        drawn = draw_sentences(kind, words, sentences, seed)
        for i in range(len(drawn)):
            file.write(" ".join(f"w{word}" for word in drawn[i]) + "\n")
