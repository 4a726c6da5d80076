"""Inference: encode sentences, sample z ~ q(z|x), and compute their distortion and rate."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from textvae.corpora.encoded import Sentences
from textvae.models.batches import Batch, in_order
from textvae.models.posterior import Posterior
from textvae.models.vae import TextVAE
from textvae.runtime.progress import progress

# Rows of noise that a prior transforms to codes at once.
NOISE_AT_ONCE = 65_536


@dataclass(frozen=True)
class RateDistortion:
    """Distortion and rate of N sentences in the order of the split, in nats.

    distortion: (N,) -log p(x|z) for one z ~ q(z|x), `<eos>` included.
    rate: (N,) KL(q(z|x) || p(z)), or its one-sample estimate log q(z|x) - log p(z).
    """

    distortion: np.ndarray
    rate: np.ndarray


@torch.no_grad()
def rates_and_distortions(model: TextVAE, sentences: Sentences, seed: int) -> RateDistortion:
    """Compute rate and distortion of each sentence with one sampled code (paper, section 2.1).

    The noise is drawn for the whole split at once, so the values do not depend on batching.
    """
    noise = draw_noise(len(sentences), model.architecture.latent, seed)
    distortion, rate = np.empty(len(sentences)), np.empty(len(sentences))
    for part, batch, posterior in encoded(model, sentences):
        z, rates = model.draw(posterior, batch.arrange(noise[part]))
        distortion[part] = batch.restore(model.distortion(batch, z)).double().cpu().numpy()
        rate[part] = batch.restore(rates).double().cpu().numpy()
    return RateDistortion(distortion, rate)


def posteriors(model: TextVAE, sentences: Sentences) -> Posterior:
    """Return q(z|x) of N sentences in the order of the split, on the CPU."""
    parts = [
        posterior.apply(lambda tensor, batch=batch: batch.restore(tensor).cpu())
        for _, batch, posterior in encoded(model, sentences)
    ]
    return type(parts[0]).joined(parts)


@torch.no_grad()
def codes_of(model: TextVAE, noise: np.ndarray) -> np.ndarray:
    """Return codes from the model's prior, given noise of N(0, I); both (..., d)."""
    flat = torch.from_numpy(np.array(noise)).flatten(0, -2)
    codes = [model.prior.codes(part.to(model.device)).cpu() for part in flat.split(NOISE_AT_ONCE)]
    return torch.cat(codes).reshape(noise.shape).numpy()


@torch.no_grad()
def codes_between(model: TextVAE, ends: np.ndarray, count: int) -> np.ndarray:
    """Return `count` codes, ends included, on the prior's path between two codes each.

    ends: (N, 2, d) float32; the codes are (N, count, d). This is the homotopy of Bowman et al.
    (2016), along a straight line for N(0, I).
    """
    start, end = (torch.from_numpy(np.ascontiguousarray(ends[:, i])) for i in (0, 1))
    t = torch.from_numpy(np.linspace(0, 1, count, dtype=np.float32))
    path = model.prior.between(*(each.to(model.device) for each in (start, end, t)))
    return path.cpu().numpy()


@torch.no_grad()
def codes_along(model: TextVAE, ends: np.ndarray, directions: np.ndarray, count: int) -> np.ndarray:
    """Return `count` codes on paths in other directions than between two codes each.

    They begin at the first of the two and are as long as the path to the second.
    ends: (N, 2, d) float32; directions: (N, d) float32; the codes are (N, count, d).
    """
    start, end = (torch.from_numpy(np.ascontiguousarray(ends[:, i])) for i in (0, 1))
    t = torch.from_numpy(np.linspace(0, 1, count, dtype=np.float32))
    given = (start, end, torch.from_numpy(np.ascontiguousarray(directions)), t)
    return model.prior.along(*(each.to(model.device) for each in given)).cpu().numpy()


@torch.no_grad()
def encoded(model: TextVAE, sentences: Sentences) -> Iterator[tuple[slice, Batch, Posterior]]:
    """Yield batches of consecutive sentences: their slice, the batch, and its posterior by rows."""
    with progress("encoded", len(sentences), "sentences") as done:
        for part, batch in in_order(sentences, model.device):
            yield part, batch, model.encode(batch)
            done(len(batch))


def draw_noise(count: int, latent: int, *seed: int) -> Tensor:
    """Draw (count, latent) numbers of N(0, 1) on the CPU, from a seed, or a seed and a draw index.

    Different seeds give different streams, but NumPy ignores trailing zeros: draw 0 of a seed is
    the draw from the seed alone.
    """
    state = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
    return torch.randn(count, latent, generator=torch.Generator().manual_seed(state))
