"""The aggregated posterior against the prior (paper, section 3.2; AU: Burda et al. 2015)."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from textvae.corpora.encoded import Sentences
from textvae.models.channel import draw_noise, posteriors
from textvae.models.finite import check_finite
from textvae.models.saved import TrainedModel
from textvae.settings import at_least

# A dimension is active where its posterior mean has at least this variance over the data.
ACTIVE_VARIANCE = 0.01


@dataclass(frozen=True)
class Settings:
    """How the aggregated posterior is measured."""

    draws: int = field(default=5, metadata=at_least(1, help="codes drawn for each sentence"))
    noise_seed: int = field(default=1, metadata=at_least(0, help="of the sampled codes"))


def measure(trained: TrainedModel, sentences: Sentences, settings: Settings) -> dict[str, Any]:
    """LogDetCov, squared norm of the mean, moment-matched KL (means over draws), and AU.

    Each draw takes one z ~ q(z|x) for every sentence. Beside each estimate stands its bias (or
    noise floor) at this number of sentences.
    """
    posterior = posteriors(trained.model, sentences)
    draws = []
    for draw in range(settings.draws):
        noise = draw_noise(*posterior.mean.shape, settings.noise_seed, draw)
        z = posterior.sample(noise).double().numpy()
        check_finite("code", z)
        draws.append(moments(z))
    values = {name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]}
    values["active_units"] = active_units(posterior.mean.double().numpy())
    return values


def moments(z: np.ndarray) -> dict[str, float]:
    """What the first two moments of codes z (N, d) say; NaN where N <= d makes S singular."""
    count, dims = z.shape
    mean, covariance = z.mean(axis=0), np.atleast_2d(np.cov(z, rowvar=False))
    # In logarithms: the determinant itself under-flows at d = 64.
    sign, logdet = np.linalg.slogdet(covariance)
    if count <= dims or sign <= 0:
        logdet = np.nan
    trace, norm = np.trace(covariance), mean @ mean
    return {
        "logdetcov": logdet,
        "logdetcov_bias": -dims * (dims + 1) / (2 * count),
        "mean_sq_norm": norm,
        "mean_sq_norm_floor": trace / count,
        "moment_matched_kl": 0.5 * (trace + norm - dims - logdet),
        "moment_matched_kl_bias": dims * (dims + 3) / (4 * count),
    }


def active_units(means: np.ndarray) -> int:
    """Dimensions of the posterior means (N, d) whose variance over sentences is at least 0.01."""
    return int((means.var(axis=0, ddof=1) >= ACTIVE_VARIANCE).sum())
