"""The next word out of a distribution, by a decoding scheme; and where its chance comes from.

Every sentence has a stream of random numbers of its own, so that what it becomes does not depend
on the sentences beside it.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from textvae.schemes import Scheme


def stream(seed: Sequence[int], sentence: int) -> np.random.Generator:
    """The random numbers of one sentence: Philox, keyed by the seed, counted by the sentence.

    `seed` is one or more numbers (a seed and a copy, say).
    """
    key = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    # The low words of the counter run with the draws: 2^128 of them before the next sentence's.
    return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, sentence, 0]))


def choose(logits: Tensor, scheme: Scheme, streams: Sequence[np.random.Generator]) -> Tensor:
    """A word for each of B sentences, (B,) ids, from logits (B, V) and their streams."""
    if scheme.greedy:
        return logits.argmax(dim=1)
    logits = logits / scheme.temperature
    if scheme.top_k is not None and scheme.top_k < logits.shape[1]:
        words = _most_probable(logits, scheme.top_k)
        places = _draw(_cumulative(logits.gather(1, words).softmax(dim=1)), streams)
        return words.gather(1, places.unsqueeze(1)).squeeze(1)
    return _from_nucleus(logits.softmax(dim=1), scheme.nucleus, streams)


def _most_probable(logits: Tensor, count: int) -> Tensor:
    """(B, count) ids of the most probable words, rising; of equal ones those with smaller ids.

    By their ids, because their order of rank could be another in another batch, where two words
    are equal but for a rounding, and the same number would draw another word.
    """
    top, words = logits.topk(count + 1, dim=1)
    # torch does not say which of equal words it takes: it matters at the edge.
    tied = top[:, count - 1] == top[:, count]
    words = words[:, :count]
    if tied.any():
        ranked = logits[tied].sort(dim=1, descending=True, stable=True).indices
        words[tied] = ranked[:, :count]
    return words.sort(dim=1).values


def _from_nucleus(
    probabilities: Tensor, nucleus: float, streams: Sequence[np.random.Generator]
) -> Tensor:
    """Words drawn from all, until each lies in its nucleus: no row need be sorted.

    A word lies in it where the words before it (more probable, or as probable with a smaller id)
    have less mass than `nucleus`. A draw does so with at least that probability.
    """
    cumulative = _cumulative(probabilities)
    words = torch.empty(len(probabilities), dtype=torch.int64, device=probabilities.device)
    ids = torch.arange(probabilities.shape[1], device=probabilities.device)
    waiting = torch.arange(len(probabilities), device=probabilities.device)
    while True:
        drawn = _draw(cumulative, [streams[row] for row in waiting.tolist()]).unsqueeze(1)
        words[waiting] = drawn.squeeze(1)
        if nucleus >= 1:
            return words
        own = probabilities.gather(1, drawn)
        before = (probabilities > own) | ((probabilities == own) & (ids < drawn))
        outside = (probabilities * before).sum(dim=1, dtype=torch.float64) >= nucleus
        if not outside.any():
            return words
        waiting, cumulative = waiting[outside], cumulative[outside]
        probabilities = probabilities[outside]


def _cumulative(probabilities: Tensor) -> Tensor:
    """In float64: with single steps of 2^-24, rare words would be too rare or too frequent."""
    return probabilities.cumsum(dim=1, dtype=torch.float64)


def _draw(cumulative: Tensor, streams: Sequence[np.random.Generator]) -> Tensor:
    """(B,) places: for each row the first whose cumulative probability exceeds a uniform number."""
    uniform = torch.tensor([own.random() for own in streams], dtype=torch.float64)
    # At most 1 - 2^-53 of the last sum, which stays below it after rounding: there is a place.
    uniform = uniform.to(cumulative.device).unsqueeze(1) * cumulative[:, -1:]
    return torch.searchsorted(cumulative, uniform, right=True).squeeze(1)
