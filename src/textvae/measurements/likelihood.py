"""Importance-weighted negative log-likelihood, -log 1/K sum_k p(x, z_k) / q(z_k|x).

Its expectation over codes is an upper bound of -log p(x), equal to D + R for K = 1 and decreasing
in K (Burda et al. 2015).
"""

import math
from typing import Any

import numpy as np
import torch

from textvae.bootstrap import standard_error
from textvae.corpora.encoded import Sentences
from textvae.measurements.bound import Source
from textvae.measurements.report import Result
from textvae.models.inference import draw_noise, encoded
from textvae.models.layers import check_finite
from textvae.models.saved import TrainedModel
from textvae.registry import MEASUREMENTS
from textvae.runtime.progress import progress
from textvae.settings import Settings, setting

# exp of more is no finite number.
MAX_EXPONENT = 700.0


class LikelihoodSettings(Settings):
    """How the likelihood is estimated."""

    samples: int = setting(100, "codes K for each sentence", ge=1)
    sentences: int = setting(1000, "sentences of the split, at random", ge=2)
    noise_seed: int = setting(1, "seed of the sampled codes and sentences", ge=0)


@MEASUREMENTS.register(
    "likelihood",
    of="split",
    summary="importance-weighted negative log-likelihood",
    settings=LikelihoodSettings,
    bounded=True,
)
def measure(
    trained: TrainedModel,
    sentences: Sentences,
    settings: LikelihoodSettings,
    source: Source | None = None,
) -> Result:
    """Return the importance-weighted NLL, nats per sentence, its standard error, and perplexity.

    The perplexity is that of a token, end marks included: exp of the NLL of all sentences over
    their number of tokens, None if that is no finite number. If the source of the sentences is
    given, also return the excess over its -log p.
    """
    chosen = sentences.sample(settings.sentences, settings.noise_seed)
    drawn = sentences.take(chosen)
    nll = importance_weighted_nll(trained, drawn, settings)
    check_finite("likelihood", nll)
    per_token = float(nll.sum() / (drawn.lengths + 1).sum())
    values: dict[str, Any] = {
        "iw_nll_nats": float(nll.mean()),
        "iw_nll_standard_error": standard_error(nll),
        "iw_perplexity": math.exp(per_token) if per_token < MAX_EXPONENT else None,
        "iw_samples": settings.samples,
        "iw_sentences": len(chosen),
    }
    if source is not None:
        values |= {f"iw_{name}": value for name, value in source.excess(nll, chosen).items()}
    notes = {}
    if values["iw_perplexity"] is None:
        notes["iw_perplexity"] = f"exp of {per_token:.0f} nats per token is too large a number"
    return Result(values, notes)


@torch.no_grad()
def importance_weighted_nll(
    trained: TrainedModel, sentences: Sentences, settings: LikelihoodSettings
) -> np.ndarray:
    """Return the importance-weighted NLL of each sentence, (N,), nats."""
    model, count = trained.model, len(sentences)
    total = torch.full((count,), -math.inf, dtype=torch.float64)
    parts = list(encoded(model, sentences))
    with progress("likelihood", settings.samples * count, "sentences") as done:
        for k in range(settings.samples):
            noise = draw_noise(count, model.architecture.latent, settings.noise_seed, k)
            for part, batch, posterior in parts:
                z, log_q = posterior.sample_with_log_prob(batch.arrange(noise[part]))
                weight = model.prior.log_prob(z) - log_q - model.distortion(batch, z)
                total[part] = torch.logaddexp(total[part], batch.restore(weight).double().cpu())
                done(len(batch))
    return (math.log(settings.samples) - total).numpy()
