"""Generate synthetic corpora: decode codes from the prior (paper, section 3.3.2)."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from textvae.corpora.vocabulary import UNK_ID
from textvae.models.decoding import decode
from textvae.models.inference import codes_between, codes_of
from textvae.models.saved import TrainedModel
from textvae.schemes import DecodingStrategy


@dataclass
class Tally:
    """Counts of the sentences generated so far."""

    sentences: int = 0
    words: int = 0
    unknown: int = 0
    empty: int = 0
    cut: int = 0


def synthesise(
    trained: TrainedModel,
    codes: np.ndarray,
    strategy: DecodingStrategy,
    seed: Sequence[int],
    max_words: int,
    tally: Tally,
) -> Iterator[str]:
    """Yield the sentences of codes (N, d), words between single spaces, and update `tally`.

    A sentence that has not ended after `max_words` words is cut there and counted. The random
    numbers of sentence i depend on `seed` and i alone.
    """
    # A copy: torch needs a writable array.
    z = torch.from_numpy(np.array(codes))
    for sentence in decode(trained.model, z, max_words, strategy, seed):
        tally.sentences += 1
        tally.words += len(sentence.ids)
        tally.unknown += sentence.ids.count(UNK_ID)
        tally.empty += not sentence.ids
        tally.cut += not sentence.ended
        yield " ".join(trained.vocabulary.decode(sentence.ids))


def codes_on_line(trained: TrainedModel, ends: np.ndarray, line: int, count: int) -> np.ndarray:
    """Return `count` codes, (count, d), on a line between two codes of the model's prior.

    ends: the noise (N, 2, d) of N(0, I) at both ends of each line, of which `line` is numbered
    from 1.
    """
    drawn = codes_of(trained.model, ends[line - 1 : line])
    return codes_between(trained.model, drawn, count)[0]


def warn(name: str, tally: Tally, max_words: int) -> None:
    """Warn on stderr of cut, empty or unknown text."""
    if tally.cut:
        print(
            f"{name}: {tally.cut:,} of {tally.sentences:,} sentences did not end within"
            f" {max_words} words and were cut there",
            file=sys.stderr,
        )
    if tally.words == tally.unknown:
        what = "is empty" if tally.words == 0 else "has no word but <unk>"
        print(f"{name}: every one of {tally.sentences:,} sentences {what}", file=sys.stderr)
