"""Codes to sentences, one word after the other."""

import torch
from torch import Tensor

from textvae.corpora.vocabulary import EOS_ID
from textvae.models.vae import TextVAE
from textvae.progress import progress

# Sentences decoded side by side. Their logits are the largest array: 1,024 x 20,000 float32 are
# 80 MB, and larger batches are no faster.
SENTENCES_PER_BATCH = 1024


@torch.no_grad()
def greedy(model: TextVAE, codes: Tensor, steps: int) -> list[list[int]]:
    """The most probable word at each step, from codes (N, d): N lists of ids without end mark.

    A sentence ends at its first `<eos>` or after `steps` words.
    """
    sentences: list[list[int]] = []
    with progress("decoded", len(codes), "sentences") as done:
        for z in codes.split(SENTENCES_PER_BATCH):
            sentences += _greedy_batch(model, z.to(model.device), steps)
            done(len(z))
    return sentences


def _greedy_batch(model: TextVAE, z: Tensor, steps: int) -> list[list[int]]:
    said = torch.full((len(z), steps), EOS_ID)
    running = torch.arange(len(z))
    word = torch.full((len(z),), EOS_ID, device=z.device)
    state = None
    for step in range(steps):
        features, state = model.decoder.step(model.embedding(word), z, state)
        word = model.output(features).argmax(dim=1)
        said[running, step] = word.cpu()
        alive = (word != EOS_ID).nonzero().squeeze(1)
        if len(alive) == 0:
            break
        # Sentences that have ended cost nothing more.
        if len(alive) < len(word):
            running, word, z = running[alive.cpu()], word[alive], z[alive]
            state = model.decoder.keep(state, alive)
    return [_until_end(row) for row in said.tolist()]


def _until_end(ids: list[int]) -> list[int]:
    return ids[: ids.index(EOS_ID)] if EOS_ID in ids else ids
