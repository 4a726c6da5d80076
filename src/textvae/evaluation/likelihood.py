"""The likelihood itself, by importance sampling: -log 1/K sum_k p(x, z_k) / q(z_k|x).

In the mean over codes an upper bound of -log p(x), D + R at K = 1 and lower with every further
code (Burda et al. 2015).
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from textvae.corpora.encoded import Sentences
from textvae.evaluation.bound import Source
from textvae.models.channel import draw_noise, encoded
from textvae.models.finite import check_finite
from textvae.models.saved import TrainedModel
from textvae.progress import progress
from textvae.settings import at_least
from textvae.standard_error import standard_error


@dataclass(frozen=True)
class Settings:
    """How the likelihood is estimated."""

    samples: int = field(default=100, metadata=at_least(1, help="codes K for each sentence"))
    sentences: int = field(default=1000, metadata=at_least(2, help="how many, at random"))
    noise_seed: int = field(default=1, metadata=at_least(0, help="of sampled codes and sentences"))


def measure(
    trained: TrainedModel,
    sentences: Sentences,
    settings: Settings,
    source: Source | None = None,
) -> dict[str, Any]:
    """Importance-weighted NLL in nats a sentence, with its standard error over sentences.

    With the source of the sentences, where it is known, also the excess over it.
    """
    chosen = sentences.sample(settings.sentences, settings.noise_seed)
    nll = importance_weighted_nll(trained, sentences.take(chosen), settings)
    check_finite("likelihood", nll)
    values = {
        "iw_nll_nats": float(nll.mean()),
        "iw_nll_standard_error": standard_error(nll),
        "iw_samples": settings.samples,
        "iw_sentences": len(chosen),
    }
    if source is not None:
        values |= {f"iw_{name}": value for name, value in source.excess(nll, chosen).items()}
    return values


@torch.no_grad()
def importance_weighted_nll(
    trained: TrainedModel, sentences: Sentences, settings: Settings
) -> np.ndarray:
    """Of each sentence, (N,), nats."""
    model, count = trained.model, len(sentences)
    total = torch.full((count,), -math.inf, dtype=torch.float64)
    parts = list(encoded(model, sentences))
    with progress("likelihood", settings.samples * count, "sentences") as done:
        for k in range(settings.samples):
            noise = draw_noise(count, model.architecture.latent, settings.noise_seed, k)
            for part, batch, posterior in parts:
                z = posterior.sample(batch.arrange(noise[part]))
                weight = (
                    model.prior.log_density(z)
                    - posterior.log_density(z)
                    - model.distortion(batch, z)
                )
                total[part] = torch.logaddexp(total[part], batch.restore(weight).double().cpu())
                done(len(batch))
    return (math.log(settings.samples) - total).numpy()
