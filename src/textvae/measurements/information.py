"""Lower and upper estimates of the mutual information of sentence and code under q.

I = E[log q(z|x) - log q(z)], with q(z) the mean of q(z|x_j) over N sentences. With the sentence
itself among the N (He et al. 2019) the estimate is biased low and at most log N; without it (Poole
et al. 2019) it is biased high. H - D <= I <= R (paper, section 2.1).
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from textvae.corpora.encoded import Sentences
from textvae.models.inference import draw_noise, posteriors
from textvae.models.layers import check_finite
from textvae.models.posterior import Posterior
from textvae.models.saved import TrainedModel
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting

# Rows of the N x N matrix of log-densities that exist at once.
ROWS_AT_ONCE = 1024


class InformationSettings(Settings):
    """How mutual information is estimated."""

    sentences: int = setting(5000, "sentences of the split, at random", ge=2)
    noise_seed: int = setting(1, "seed of the sampled codes and sentences", ge=0)


@MEASUREMENTS.register(
    "information",
    of="split",
    summary="mutual information of sentence and code",
    settings=InformationSettings,
)
def measure(
    trained: TrainedModel, sentences: Sentences, settings: InformationSettings
) -> dict[str, Any]:
    """Return both estimates and log N in nats, and the number N of sentences."""
    chosen = sentences.take(sentences.sample(settings.sentences, settings.noise_seed))
    posterior = posteriors(trained.model, chosen)
    z = posterior.sample(draw_noise(*posterior.mean.shape, settings.noise_seed))
    lower, upper = mutual_information(z, posterior)
    check_finite("information", np.array([lower, upper]))
    return {
        "mutual_information_nats": lower,
        "mutual_information_upper_nats": upper,
        "information_sentences": len(chosen),
        "log_sentences": math.log(len(chosen)),
    }


def mutual_information(z: Tensor, posterior: Posterior) -> tuple[float, float]:
    """Return a lower and an upper estimate of I in nats.

    z: (N, d) codes, z[i] drawn from posterior i.
    """
    z, posterior = z.double(), posterior.apply(Tensor.double)
    count = len(z)
    lower = upper = 0.0
    for start in range(0, count, ROWS_AT_ONCE):
        part = slice(start, min(start + ROWS_AT_ONCE, count))
        log_density = posterior.pairwise_log_prob(z[part])
        rows = torch.arange(part.stop - part.start)
        own = log_density[rows, rows + start].clone()
        lower += (own - log_density.logsumexp(1)).sum().item()
        log_density[rows, rows + start] = -math.inf
        upper += (own - log_density.logsumexp(1)).sum().item()
    return lower / count + math.log(count), upper / count + math.log(count - 1)
