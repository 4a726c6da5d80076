"""Sentences through the channel: encode, sample a code, and price the sentence given the code."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from textvae.corpora.encoded import Sentences
from textvae.models.batches import Batch, in_order
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.vae import TextVAE
from textvae.runtime.progress import progress


@dataclass(frozen=True)
class Transmission:
    """What N sentences cost, in the order of the split; nats.

    distortion: (N,) -log p(x|z) for one z ~ q(z|x), `<eos>` included.
    rate: (N,) KL(q(z|x) || p(z)).
    """

    distortion: np.ndarray
    rate: np.ndarray


def transmit(model: TextVAE, sentences: Sentences, seed: int) -> Transmission:
    """Rate and distortion of each sentence with one sampled code (paper, section 2.1).

    The noise is drawn for the whole split at once, so the numbers do not depend on batching.
    """
    noise = draw_noise(len(sentences), model.architecture.latent, seed)
    distortion, rate = np.empty(len(sentences)), np.empty(len(sentences))
    for part, batch, posterior in encoded(model, sentences):
        z = posterior.sample(batch.arrange(noise[part]))
        nll, kl = model.distortion(batch, z), model.prior.rate(posterior, z)
        distortion[part] = batch.restore(nll).double().cpu().numpy()
        rate[part] = batch.restore(kl).double().cpu().numpy()
    return Transmission(distortion, rate)


def posteriors(model: TextVAE, sentences: Sentences) -> Gaussian:
    """q(z|x) of N sentences in the order of the split: mean and log variance (N, d), on the CPU."""
    mean, log_variance = [], []
    for _, batch, posterior in encoded(model, sentences):
        mean.append(batch.restore(posterior.mean).cpu())
        log_variance.append(batch.restore(posterior.log_variance).cpu())
    return Gaussian(torch.cat(mean), torch.cat(log_variance))


@torch.no_grad()
def encoded(model: TextVAE, sentences: Sentences) -> Iterator[tuple[slice, Batch, Gaussian]]:
    """Batches of neighbours in a split: where they lie, packed, and their posterior by rows."""
    with progress("encoded", len(sentences), "sentences") as done:
        for part, batch in in_order(sentences, model.device):
            yield part, batch, model.encode(batch)
            done(len(batch))


def draw_noise(count: int, latent: int, *seed: int) -> Tensor:
    """(count, latent) draws of N(0, 1) on the CPU, by a seed or a seed and the number of a draw.

    Different seeds give different streams, but NumPy takes zeros at the end for nothing: draw 0 of
    a seed is the draw of that seed alone.
    """
    state = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
    return torch.randn(count, latent, generator=torch.Generator().manual_seed(state))
