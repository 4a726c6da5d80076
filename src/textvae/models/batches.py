"""Packed batches of sentences of different lengths, without padding.

The sentences of a batch are sorted by decreasing length and stored time step by time step: first
the first word of every sentence, then the second word of every sentence that has one, and so on.
Every array over "tokens" below has one row for each word or end mark, and none for padding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import EOS_ID

# Tokens in one batch at inference: enough for efficient matrix products, few enough for the
# features of a batch to stay in the cache.
TOKENS_PER_BATCH = 8192


@dataclass(frozen=True)
class Batch:
    """B sentences with T tokens in total, end marks included.

    words: (T,) ids, each sentence followed by its `<eos>`: input of the encoder and targets of the
        decoder.
    previous: (T,) ids, each sentence preceded by `<eos>`: input of the decoder.
    rows: (T,) index of the sentence (row of z) that a token belongs to.
    sizes: (L,) number of sentences that have a token at each step, on the CPU (as PackedSequence
        requires).
    order: (B,) row i is sentence order[i] of the list that was packed.
    """

    words: Tensor
    previous: Tensor
    rows: Tensor
    sizes: Tensor
    order: Tensor

    def __len__(self) -> int:
        """Return B, the number of sentences."""
        return len(self.order)

    def packed(self, data: Tensor) -> PackedSequence:
        """Return token data (T, ...) as the PackedSequence that torch's recurrent layers take."""
        return PackedSequence(data, self.sizes)

    @property
    def lengths(self) -> Tensor:
        """Return the number of tokens of each row, (B,)."""
        return copied(self._lengths, self.rows.device)

    @property
    def steps(self) -> Tensor:
        """Return the position of each token in its sentence from 0, (T,)."""
        return copied(torch.repeat_interleave(self.sizes), self.rows.device)

    @property
    def ends(self) -> Tensor:
        """Return the index of the last token of each row, (B,)."""
        starts = self.sizes.cumsum(0) - self.sizes
        ends = starts[self._lengths - 1] + torch.arange(len(self))
        return copied(ends, self.rows.device)

    @property
    def _lengths(self) -> Tensor:
        # Computed from the sizes, which are on the CPU, to avoid a GPU synchronisation.
        return (self.sizes[:, None] > torch.arange(len(self))).sum(0)

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on another device."""
        names = ("words", "previous", "rows", "order")
        return replace(self, **{name: copied(getattr(self, name), device) for name in names})

    def per_sentence(self, values: Tensor) -> Tensor:
        """Sum token values (T,) over each row: (B,)."""
        return values.new_zeros(len(self)).index_add_(0, self.rows, values)

    def arrange(self, by_sentence: Tensor) -> Tensor:
        """Reorder values (B, ...) of the list that was packed by rows."""
        return by_sentence.to(self.order.device)[self.order]

    def restore(self, by_row: Tensor) -> Tensor:
        """Reorder rows (B, ...) to the order of the list that was packed."""
        restored = torch.empty_like(by_row)
        restored[self.order] = by_row
        return restored


def copied(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor of the CPU on a device; a GPU is not synchronised, as it is by `to`."""
    if device.type == "cuda" and not tensor.is_cuda:
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def pack(sentences: Sequence[np.ndarray]) -> Batch:
    """Pack sentences, each an array of ids without its end mark."""
    lengths = np.array([len(sentence) + 1 for sentence in sentences])
    # Stable, so that a batch depends on its sentences alone.
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
    """Yield a split in batches of consecutive sentences: their slice, and the batch on `device`."""
    for part in by_tokens(sentences.lengths + 1, TOKENS_PER_BATCH):
        yield part, pack([sentences[i] for i in range(part.start, part.stop)]).to(device)


def by_tokens(lengths: np.ndarray, budget: int) -> Iterator[slice]:
    """Yield slices of consecutive sentences of at most `budget` tokens (or one long sentence)."""
    ends = np.cumsum(lengths)
    start = 0
    while start < len(lengths):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + budget, side="right")))
        yield slice(start, stop)
        start = stop
