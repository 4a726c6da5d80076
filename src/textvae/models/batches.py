"""Sentences of many lengths in one packed batch: no padding, so no work on padding.

The sentences of a batch are sorted by falling length and laid out step after step: first the
first word of every sentence, then the second word of every sentence that has one, and so on.
Every array of "tokens" below has one row for each word or end mark that really exists.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import EOS_ID

# Tokens in one batch where nothing is learnt: enough to keep matrix products busy, little enough
# that the features of a batch stay near the processor.
TOKENS_PER_BATCH = 8192


@dataclass(frozen=True)
class Batch:
    """B sentences of T tokens together, end marks included.

    words: (T,) ids, each sentence followed by its `<eos>`: what the encoder reads and the decoder
        has to say.
    previous: (T,) ids, each sentence preceded by `<eos>`: what the decoder reads.
    rows: (T,) which sentence (row of z) a token belongs to.
    sizes: (L,) sentences still running at each step, on the CPU (as PackedSequence wants it).
    order: (B,) row i holds sentence order[i] of the list that was packed.
    """

    words: Tensor
    previous: Tensor
    rows: Tensor
    sizes: Tensor
    order: Tensor

    def __len__(self) -> int:
        """B, the number of sentences."""
        return len(self.order)

    def packed(self, data: Tensor) -> PackedSequence:
        """Token data (T, ...) as the recurrent layers of torch take it."""
        return PackedSequence(data, self.sizes)

    @property
    def lengths(self) -> Tensor:
        """(B,) tokens of each sentence, in the rows' order."""
        # From the sizes, which lie on the CPU: a GPU need not be waited for.
        lengths = (self.sizes[:, None] > torch.arange(len(self))).sum(0)
        return lengths.to(self.rows.device)

    @property
    def steps(self) -> Tensor:
        """(T,) at which step of its sentence a token stands, from 0."""
        return torch.repeat_interleave(self.sizes).to(self.rows.device)

    @property
    def ends(self) -> Tensor:
        """(B,) where each sentence's last token stands, in the rows' order."""
        starts = (self.sizes.cumsum(0) - self.sizes).to(self.rows.device)
        return starts[self.lengths - 1] + torch.arange(len(self), device=starts.device)

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        moved = {name: getattr(self, name).to(device) for name in ("words", "previous", "rows")}
        return replace(self, **moved, order=self.order.to(device))

    def per_sentence(self, values: Tensor) -> Tensor:
        """Sum token values (T,) over each sentence, in the rows' order: (B,)."""
        return values.new_zeros(len(self)).index_add_(0, self.rows, values)

    def arrange(self, by_sentence: Tensor) -> Tensor:
        """What belongs to each sentence of the list that was packed, (B, ...), by rows."""
        return by_sentence.to(self.order.device)[self.order]

    def restore(self, by_row: Tensor) -> Tensor:
        """Rows (B, ...) back in the order of the list that was packed."""
        restored = torch.empty_like(by_row)
        restored[self.order] = by_row
        return restored


def pack(sentences: Sequence[np.ndarray]) -> Batch:
    """Pack sentences, each an array of ids without its end mark."""
    lengths = np.array([len(sentence) + 1 for sentence in sentences])
    # Stable, so that a batch is a function of its sentences alone.
    order = np.argsort(-lengths, kind="stable")
    lengths = lengths[order]
    padded = np.full((len(sentences), lengths[0] + 1), EOS_ID, dtype=np.int64)
    for row, index in enumerate(order):
        padded[row, 1 : lengths[row]] = sentences[index]
    steps, rows = np.nonzero(np.arange(lengths[0])[:, None] < lengths[None, :])
    return Batch(
        words=torch.from_numpy(padded[rows, steps + 1]),
        previous=torch.from_numpy(padded[rows, steps]),
        rows=torch.from_numpy(rows),
        sizes=torch.from_numpy(np.bincount(steps)),
        order=torch.from_numpy(order.copy()),
    )


def in_order(sentences: Sentences, device: torch.device) -> Iterator[tuple[slice, Batch]]:
    """A split in batches of neighbours: where each lies, and its sentences on the device."""
    for part in by_tokens(sentences.lengths + 1, TOKENS_PER_BATCH):
        yield part, pack([sentences[i] for i in range(part.start, part.stop)]).to(device)


def by_tokens(lengths: np.ndarray, budget: int) -> Iterator[slice]:
    """Cut a split into runs of neighbours of at most `budget` tokens (or one long sentence)."""
    ends = np.cumsum(lengths)
    start = 0
    while start < len(lengths):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + budget, side="right")))
        yield slice(start, stop)
        start = stop
