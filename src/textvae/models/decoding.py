"""Decoding: sentences from codes, word by word, greedily or by sampling."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from textvae.corpora.vocabulary import EOS_ID
from textvae.models.kernels.fused_loss import chunk_rows
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
        blocks = _in_blocks(logits.gather(1, words).softmax(dim=1))
        indices = _draw(blocks, _block_ends(blocks), streams)
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
    blocks = _in_blocks(probabilities)
    ends = _block_ends(blocks)
    words = torch.empty(len(probabilities), dtype=torch.int64, device=probabilities.device)
    pending = torch.arange(len(probabilities), device=probabilities.device)
    while True:
        drawn = _draw(blocks, ends, [streams[row] for row in pending.tolist()])
        words[pending] = drawn
        if nucleus >= 1:
            return words
        outside = _outside(probabilities, drawn, nucleus)
        if not outside.any():
            return words
        pending, probabilities = pending[outside], probabilities[outside]
        blocks, ends = blocks[outside], ends[outside]


# Words of a block: finding a word costs a sum of each block and the sums within one.
WORDS_PER_BLOCK = 128


def _in_blocks(probabilities: Tensor) -> Tensor:
    """Return probabilities (B, V) in blocks (B, n, WORDS_PER_BLOCK), the last one filled with 0."""
    missing = -probabilities.shape[1] % WORDS_PER_BLOCK
    filled = torch.nn.functional.pad(probabilities, (0, missing)) if missing else probabilities
    return filled.unflatten(1, (-1, WORDS_PER_BLOCK))


def _block_ends(blocks: Tensor) -> Tensor:
    """Return the cumulative probability at the end of each block, (B, n), in float64."""
    return blocks.sum(2).cumsum(1, dtype=torch.float64)


def _draw(blocks: Tensor, ends: Tensor, streams: Sequence[np.random.Generator]) -> Tensor:
    """Return (B,) indices: the first whose cumulative probability exceeds a uniform number.

    blocks: of `_in_blocks`. ends: of `_block_ends`. Sums over many words are in float64: float32
    would distort the probability of rare words.
    """
    uniform = torch.tensor([stream.random() for stream in streams], dtype=torch.float64)
    # At most 1 - 2^-53 of the last sum, so below it after rounding: the block exists.
    uniform = uniform.to(ends.device).unsqueeze(1) * ends[:, -1:]
    block = torch.searchsorted(ends, uniform, right=True)
    rows = torch.arange(len(blocks), device=blocks.device)
    within = blocks[rows, block.squeeze(1)].cumsum(1, dtype=torch.float64)
    before = torch.where(block > 0, ends.gather(1, (block - 1).clamp(min=0)), 0)
    # Sums in another order may end below the uniform number by a rounding error: then the last word
    # of positive probability is meant.
    index = torch.searchsorted(within, uniform - before, right=True)
    last = (within < within[:, -1:]).sum(1, keepdim=True)
    return (block * WORDS_PER_BLOCK + torch.minimum(index, last)).squeeze(1)


# Errors of sums of probabilities in float32 are smaller.
CLOSE_TO_BOUNDARY = 1e-4


def _outside(probabilities: Tensor, drawn: Tensor, nucleus: float) -> Tensor:
    """Return whether the drawn words (B,) are outside the nucleus, (B,).

    The mass of the words ranked before is at least that of the more probable ones, and at most that
    of these and the equally probable others; only between these bounds the order of ids matters.
    """
    probability = probabilities.gather(1, drawn.unsqueeze(1))
    least = torch.where(probabilities > probability, probabilities, 0).sum(1)
    outside = least >= nucleus + CLOSE_TO_BOUNDARY
    close = (~outside).nonzero().squeeze(1)
    rows, probability = probabilities[close], probability[close]
    most = torch.where(rows >= probability, rows, 0).sum(1) - probability.squeeze(1)
    open_ = most >= nucleus - CLOSE_TO_BOUNDARY
    close, rows, probability = close[open_], rows[open_], probability[open_]
    ids = torch.arange(rows.shape[1], device=rows.device)
    before = (rows > probability) | ((rows == probability) & (ids < drawn[close].unsqueeze(1)))
    outside[close] = (rows * before).sum(dim=1, dtype=torch.float64) >= nucleus
    return outside


class WordChoice:
    """The choice of the next words from the decoder's features, by a decoding strategy.

    Greedy choices are made by products in the model's `inference_precision`, and those that its
    errors leave open in float32; sampling is in float32 throughout.
    """

    def __init__(self, model: TextVAE, scheme: DecodingStrategy) -> None:
        self.scheme = scheme
        self.weight, self.bias = model.output.weight, model.output.bias
        rounds = scheme.greedy and model.inference_precision != torch.float32
        self.rounded = self.weight.to(model.inference_precision) if rounds else None
        self.largest_norm = self.weight.norm(dim=1).amax() if rounds else None

    def __call__(self, features: Tensor, streams: Sequence[np.random.Generator]) -> Tensor:
        """Return the next word of B sentences, (B,) ids, from features (B, H) and their streams."""
        words = []
        # In parts whose logits stay in the cache.
        size = chunk_rows(features, self.weight, torch.float32)
        for start in range(0, len(features), size):
            part = features[start : start + size]
            if self.rounded is not None:
                words.append(self._most_probable(part))
            else:
                logits = torch.addmm(self.bias, part, self.weight.t())
                # A sum is finite only if its terms are, and cheaper than a look at each of them.
                check_finite("logit", logits.sum())
                words.append(choose_tokens(logits, self.scheme, streams[start : start + size]))
        return torch.cat(words)

    def _most_probable(self, features: Tensor) -> Tensor:
        """Return the words of largest logit, (B,) ids; of several, the one of smallest id."""
        logits = (features.to(self.rounded.dtype) @ self.rounded.t()).float().add_(self.bias)
        largest = logits.amax(1)
        check_finite("logit", largest)
        # Both factors and the product are rounded by at most 2^-9 of their size (8 significant
        # bits). The last factor is for errors of higher order and of the sums in float32.
        error = 3 * 2.0**-9 * features.norm(dim=1) * self.largest_norm * 1.01
        open_ = logits >= (largest - 2 * error).unsqueeze(1)
        rows, words = open_.nonzero(as_tuple=True)
        exact = (features[rows] * self.weight[words]).sum(1) + self.bias[words]
        best = exact.new_full((len(features),), -math.inf).scatter_reduce(0, rows, exact, "amax")
        chosen = exact == best[rows]
        none = words.new_full((len(features),), len(self.weight))
        return none.scatter_reduce(0, rows[chosen], words[chosen], "amin")


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
    choose = WordChoice(model, scheme)
    with progress("decoded", len(codes), "sentences") as done:
        for start in range(0, len(codes), SENTENCES_PER_BATCH):
            z = codes[start : start + SENTENCES_PER_BATCH].to(model.device)
            # Greedy decoding needs no random numbers.
            numbers = () if scheme.greedy else range(start, start + len(z))
            streams = [sentence_rng(seed, number) for number in numbers]
            yield from _decode_batch(model, choose, z, steps, streams)
            done(len(z))


def _decode_batch(
    model: TextVAE, choose: "WordChoice", z: Tensor, steps: int, streams: Sequence
) -> list[Decoded]:
    """Return the sentences of one batch of codes (B, d)."""
    sentences: list[list[int]] = [[] for _ in z]
    running = list(range(len(z)))
    word = torch.full((len(z),), EOS_ID, device=z.device)
    state = None
    for _ in range(steps):
        features, state = model.decoder.step(model.embedding(word), z, state)
        word = choose(features, streams)
        for row, id in zip(running, word.tolist(), strict=True):
            sentences[row].append(id)
        continuing = (word != EOS_ID).nonzero().squeeze(1)
        if len(continuing) == 0:
            break
        # Drop the sentences that have ended.
        if len(continuing) < len(word):
            running = [running[row] for row in continuing.tolist()]
            word, z = word[continuing], z[continuing]
            state = model.decoder.keep(state, continuing)
            streams = [streams[row] for row in continuing.tolist()] if streams else streams
    return [_until_end(ids) for ids in sentences]


def _until_end(ids: list[int]) -> Decoded:
    """Cut the `<eos>` at the end of ids, if there is one."""
    ended = ids[-1:] == [EOS_ID]
    return Decoded(ids[:-1] if ended else ids, ended)
