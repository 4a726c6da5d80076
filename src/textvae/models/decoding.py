"""Codes to sentences, one word after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from textvae.corpora.vocabulary import EOS_ID
from textvae.models.choice import choose, stream
from textvae.models.finite import check_finite
from textvae.models.vae import TextVAE
from textvae.progress import progress
from textvae.schemes import Scheme

# Sentences decoded side by side. Their logits are the largest array: 1,024 x 20,000 float32 are
# 80 MB, and larger batches are no faster.
SENTENCES_PER_BATCH = 1024

GREEDY = Scheme.parse("greedy")


@dataclass(frozen=True)
class Decoded:
    """A sentence's ids without end mark, and whether it ended by itself."""

    ids: list[int]
    ended: bool


def greedy(model: TextVAE, codes: Tensor, steps: int) -> list[list[int]]:
    """The most probable word at each step, from codes (N, d): N lists of ids without end mark.

    A sentence ends at its first `<eos>` or after `steps` words.
    """
    return [sentence.ids for sentence in decode(model, codes, steps, GREEDY)]


@torch.no_grad()
def decode(
    model: TextVAE, codes: Tensor, steps: int, scheme: Scheme, seed: Sequence[int] = (0,)
) -> Iterator[Decoded]:
    """Sentences from codes (N, d), in their order, as batches of them are done.

    A sentence ends at its first `<eos>`, or is cut after `steps` words. The draws of sentence i
    follow from `seed` and i, so it depends on its code and on no other sentence.
    """
    with progress("decoded", len(codes), "sentences") as done:
        for start in range(0, len(codes), SENTENCES_PER_BATCH):
            z = codes[start : start + SENTENCES_PER_BATCH].to(model.device)
            # A greedy choice draws nothing.
            numbers = () if scheme.greedy else range(start, start + len(z))
            streams = [stream(seed, number) for number in numbers]
            yield from _batch(model, z, steps, scheme, streams)
            done(len(z))


def _batch(
    model: TextVAE, z: Tensor, steps: int, scheme: Scheme, streams: Sequence
) -> list[Decoded]:
    said = torch.full((len(z), steps), EOS_ID)
    running = torch.arange(len(z))
    word = torch.full((len(z),), EOS_ID, device=z.device)
    state = None
    for step in range(steps):
        features, state = model.decoder.step(model.embedding(word), z, state)
        logits = model.output(features)
        check_finite("logit", logits)
        word = choose(logits, scheme, streams)
        said[running, step] = word.cpu()
        alive = (word != EOS_ID).nonzero().squeeze(1)
        if len(alive) == 0:
            break
        # Sentences that have ended cost nothing more.
        if len(alive) < len(word):
            running, word, z = running[alive.cpu()], word[alive], z[alive]
            state = model.decoder.keep(state, alive)
            streams = [streams[row] for row in alive.tolist()] if streams else streams
    return [_until_end(row) for row in said.tolist()]


def _until_end(ids: list[int]) -> Decoded:
    ended = EOS_ID in ids
    return Decoded(ids[: ids.index(EOS_ID)] if ended else ids, ended)
