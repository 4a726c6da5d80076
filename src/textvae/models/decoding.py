"""Decoding: sentences from codes, word by word, greedily or by sampling."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from textvae.corpora.vocabulary import EOS_ID
from textvae.models.layers import check_finite
from textvae.models.vae import TextVAE
from textvae.runtime.progress import progress
from textvae.schemes import DecodingStrategy


def sentence_rng(seed: Sequence[int], sentence: int) -> np.random.Generator:
    """Return the random stream of a sentence: Philox, keyed by seed, the sentence in its counter.

    `seed` is one or more numbers (a seed and a copy, say).
    """
    key = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    # Draws advance the two low words of the counter: 2^128 draws for each sentence.
    return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, sentence, 0]))


def choose_tokens(
    logits: Tensor, scheme: DecodingStrategy, streams: Sequence[np.random.Generator]
) -> Tensor:
    """Return the next word of B sentences, (B,) ids, from logits (B, V) and their streams."""
    if scheme.greedy:
        return logits.argmax(dim=1)
    logits = logits / scheme.temperature
    if scheme.top_k is not None and scheme.top_k < logits.shape[1]:
        words = _most_probable(logits, scheme.top_k)
        indices = _draw(_cumulative(logits.gather(1, words).softmax(dim=1)), streams)
        return words.gather(1, indices.unsqueeze(1)).squeeze(1)
    return _from_nucleus(logits.softmax(dim=1), scheme.nucleus, streams)


def _most_probable(logits: Tensor, count: int) -> Tensor:
    """Return ids of the `count` most probable words, (B, count), increasing; ties by smaller id.

    They are sorted by id, not by probability: if two probabilities differ by rounding only, their
    rank may depend on the batch, and the same random number would select another word.
    """
    top, words = logits.topk(count + 1, dim=1)
    # torch does not specify which of several equal words it selects, which matters at the cut-off.
    tied = top[:, count - 1] == top[:, count]
    words = words[:, :count]
    if tied.any():
        ranked = logits[tied].sort(dim=1, descending=True, stable=True).indices
        words[tied] = ranked[:, :count]
    return words.sort(dim=1).values


def _from_nucleus(
    probabilities: Tensor, nucleus: float, streams: Sequence[np.random.Generator]
) -> Tensor:
    """Sample from the nucleus by rejection, which avoids sorting; returns (B,) ids.

    A word is in the nucleus if the words ranked before it (more probable, or equally probable with
    a smaller id) have less mass than `nucleus`. A draw is accepted with at least that probability.
    """
    cumulative = _cumulative(probabilities)
    words = torch.empty(len(probabilities), dtype=torch.int64, device=probabilities.device)
    ids = torch.arange(probabilities.shape[1], device=probabilities.device)
    pending = torch.arange(len(probabilities), device=probabilities.device)
    while True:
        drawn = _draw(cumulative, [streams[row] for row in pending.tolist()]).unsqueeze(1)
        words[pending] = drawn.squeeze(1)
        if nucleus >= 1:
            return words
        probability = probabilities.gather(1, drawn)
        before = (probabilities > probability) | ((probabilities == probability) & (ids < drawn))
        outside = (probabilities * before).sum(dim=1, dtype=torch.float64) >= nucleus
        if not outside.any():
            return words
        pending, cumulative = pending[outside], cumulative[outside]
        probabilities = probabilities[outside]


def _cumulative(probabilities: Tensor) -> Tensor:
    """Return cumulative sums in float64: float32 would distort the probability of rare words."""
    return probabilities.cumsum(dim=1, dtype=torch.float64)


def _draw(cumulative: Tensor, streams: Sequence[np.random.Generator]) -> Tensor:
    """Return (B,) indices: the first whose cumulative probability exceeds a uniform number."""
    uniform = torch.tensor([stream.random() for stream in streams], dtype=torch.float64)
    # At most 1 - 2^-53 of the last sum, so below it after rounding: the index exists.
    uniform = uniform.to(cumulative.device).unsqueeze(1) * cumulative[:, -1:]
    return torch.searchsorted(cumulative, uniform, right=True).squeeze(1)


# Sentences decoded in parallel. Their logits are the largest array: 1,024 x 20,000 float32 are
# 80 MB, and larger batches are no faster.
SENTENCES_PER_BATCH = 1024

GREEDY = DecodingStrategy.parse("greedy")


@dataclass(frozen=True)
class Decoded:
    """The ids of a sentence without its end mark, and whether the model generated the end mark."""

    ids: list[int]
    ended: bool


def greedy(model: TextVAE, codes: Tensor, steps: int) -> list[list[int]]:
    """Decode codes (N, d) greedily; return N lists of ids without end mark.

    A sentence ends at its first `<eos>` or after `steps` words.
    """
    return [sentence.ids for sentence in decode(model, codes, steps, GREEDY)]


@torch.no_grad()
def decode(
    model: TextVAE, codes: Tensor, steps: int, scheme: DecodingStrategy, seed: Sequence[int] = (0,)
) -> Iterator[Decoded]:
    """Yield the sentences of codes (N, d) in order, batch by batch.

    A sentence ends at its first `<eos>`, or is cut after `steps` words. The draws of sentence i
    depend on `seed` and i alone, so a sentence does not depend on the other codes.
    """
    with progress("decoded", len(codes), "sentences") as done:
        for start in range(0, len(codes), SENTENCES_PER_BATCH):
            z = codes[start : start + SENTENCES_PER_BATCH].to(model.device)
            # Greedy decoding needs no random numbers.
            numbers = () if scheme.greedy else range(start, start + len(z))
            streams = [sentence_rng(seed, number) for number in numbers]
            yield from _decode_batch(model, z, steps, scheme, streams)
            done(len(z))


def _decode_batch(
    model: TextVAE, z: Tensor, steps: int, scheme: DecodingStrategy, streams: Sequence
) -> list[Decoded]:
    """Return the sentences of one batch of codes (B, d)."""
    words = torch.full((len(z), steps), EOS_ID)
    running = torch.arange(len(z))
    word = torch.full((len(z),), EOS_ID, device=z.device)
    state = None
    for step in range(steps):
        features, state = model.decoder.step(model.embedding(word), z, state)
        logits = model.output(features)
        check_finite("logit", logits)
        word = choose_tokens(logits, scheme, streams)
        words[running, step] = word.cpu()
        continuing = (word != EOS_ID).nonzero().squeeze(1)
        if len(continuing) == 0:
            break
        # Drop the sentences that have ended.
        if len(continuing) < len(word):
            running, word, z = running[continuing.cpu()], word[continuing], z[continuing]
            state = model.decoder.keep(state, continuing)
            streams = [streams[row] for row in continuing.tolist()] if streams else streams
    return [_until_end(row) for row in words.tolist()]


def _until_end(ids: list[int]) -> Decoded:
    """Cut ids before the first `<eos>`."""
    ended = EOS_ID in ids
    return Decoded(ids[: ids.index(EOS_ID)] if ended else ids, ended)
