"""Statistics of the aggregated posterior (paper, section 3.2; active units: Burda et al. 2015)."""

import math
from typing import Any

import numpy as np
import torch

from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.measurements.report import Result, replicates_setting
from textvae.models.active_units import (
    ACTIVE_VARIANCE,
    active_units,
    scaled_means,
    soft_active_units,
)
from textvae.models.inference import draw_noise, posteriors
from textvae.models.layers import check_finite
from textvae.models.parts import Moments
from textvae.models.saved import TrainedModel
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting
from textvae.stages import MODEL_PARTS, part_notes

# Codes per block of a weighted sum: a block that fits the cache is four times as fast.
CODES_AT_ONCE = 2048


class PosteriorSettings(Settings):
    """How the aggregated posterior is measured."""

    draws: int = setting(5, "codes drawn for each sentence", ge=1)
    noise_seed: int = setting(1, "seed of the sampled codes", ge=0)
    bootstrap: int = replicates_setting()


@MEASUREMENTS.register(
    "posterior",
    of="split",
    summary="LogDetCov, squared mean norm, moment-matched KL, active units",
    settings=PosteriorSettings,
)
@torch.no_grad()
def measure(trained: TrainedModel, sentences: Sentences, settings: PosteriorSettings) -> Result:
    """Return LogDetCov, squared norm of the mean, moment-matched KL (means over draws), and AU.

    All are of codes from the prior's mean, in units of its standard deviations, so that they do not
    depend on the scale of the code; for N(0, I) those are the codes themselves. LogDetCov is
    moreover minus that of the prior, and so 0 for codes of the prior itself. The KL divergence is
    NaN where the prior is not Gaussian: it would be neither KL(q(z) || p(z)) nor a bound of it.

    Each draw samples one z ~ q(z|x) for every sentence. Each estimate comes with its bias (or noise
    floor) for this number of sentences. Bootstrap replicates, if requested, are under the key
    `bootstrap`. Resampling adds the bias once more: replicates are centred at the value plus its
    bias (squared norm: plus its floor), and must be re-centred to give an interval.
    """
    posterior = posteriors(trained.model, sentences)
    prior = trained.model.prior.moments()
    draws, replicates = [], []
    for draw in range(settings.draws):
        noise = draw_noise(*posterior.mean.shape, settings.noise_seed, draw)
        z = prior.scaled(posterior.sample(noise).double().numpy())
        check_finite("code", z)
        draws.append(moments(z, prior.correlation))
        if settings.bootstrap:
            replicates.append(_replicated_moments(z, settings.bootstrap, prior.correlation))
    values: dict[str, Any] = {
        name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]
    }
    means = scaled_means(trained.model, posterior)
    values["active_units"] = active_units(means)
    values["soft_active_units"] = soft_active_units(means)
    if settings.bootstrap:
        values[bootstrap.KEY] = {
            name: np.mean([draw[name] for draw in replicates], axis=0) for name in replicates[0]
        } | _replicated_active_units(means, settings.bootstrap)
    notes = part_notes(trained.model.config.model_dump(), MODEL_PARTS)
    if not prior.gaussian:
        notes |= dict.fromkeys(
            ("moment_matched_kl", "moment_matched_kl_bias"),
            "not defined, because the prior is not Gaussian",
        )
    return Result(values, notes)


def moments(z: np.ndarray, prior: Moments | None = None) -> dict[str, float]:
    """Return the statistics of codes z (N, d) and their biases; NaN if N <= d (S is singular).

    prior: of the scaled codes, N(0, I) if not given; what LogDetCov and the KL divergence are
    relative to. The biases are exact for codes of a Gaussian.
    """
    count, dims = z.shape
    prior = prior or Moments(np.zeros(dims), np.eye(dims), gaussian=True)
    mean, covariance = z.mean(axis=0), np.atleast_2d(np.cov(z, rowvar=False))
    _, spread = prior.whiten(mean, covariance)
    bias = logdet_bias(count, dims)
    kl_bias = 0.5 * (np.trace(spread) / count - bias)
    return _moment_statistics(mean, covariance, count, prior) | {
        "logdetcov_bias": bias,
        "mean_sq_norm_floor": np.trace(covariance) / count,
        "moment_matched_kl_bias": kl_bias if prior.gaussian else math.nan,
    }


def logdet_bias(count: int, dims: int) -> float:
    """Return the bias of the log-determinant of a covariance of `count` Gaussian codes (N, d).

    By the expectation of the logarithm of Wishart's determinant; nearly -d (d + 1) / (2 N) if N is
    much larger than d. NaN if N <= d.
    """
    # Imported here: it takes half a second.
    from scipy.special import digamma

    if count <= dims:
        return math.nan
    free = count - 1 - np.arange(dims)
    return float(digamma(free / 2).sum() + dims * math.log(2 / (count - 1)))


def _moment_statistics(
    mean: np.ndarray, covariance: np.ndarray, distinct: int, prior: Moments
) -> dict[str, float]:
    """Return the statistics from mean (d,) and covariance (d, d) of `distinct` different codes."""
    whitened_mean, whitened_covariance = prior.whiten(mean, covariance)
    logdet = _logdet(whitened_covariance, distinct)
    kl = math.nan
    if prior.gaussian:
        norm = whitened_mean @ whitened_mean
        kl = 0.5 * (np.trace(whitened_covariance) + norm - len(mean) - logdet)
    return {"logdetcov": logdet, "mean_sq_norm": mean @ mean, "moment_matched_kl": kl}


def _logdet(covariance: np.ndarray, distinct: int) -> float:
    """Return the log-determinant of a covariance of `distinct` codes; NaN if singular."""
    # As a logarithm: the determinant itself underflows at d = 64.
    sign, logdet = np.linalg.slogdet(covariance)
    return np.nan if distinct <= len(covariance) or sign <= 0 else logdet


def _replicated_moments(z: np.ndarray, replicates: int, prior: Moments) -> dict[str, np.ndarray]:
    """Return the values of `moments`, without biases, on resamples of codes z (N, d); (R,) each."""
    centre = z.mean(axis=0)
    # Centred, so that a large mean costs no precision.
    centred = z - centre

    def statistics(counts: np.ndarray) -> dict[str, float]:
        count = len(z)
        shift = counts @ centred / count
        squares = np.zeros((len(centre), len(centre)))
        for start in range(0, count, CODES_AT_ONCE):
            part = slice(start, start + CODES_AT_ONCE)
            squares += (counts[part, None] * centred[part]).T @ centred[part]
        covariance = (squares - count * np.outer(shift, shift)) / (count - 1)
        return _moment_statistics(centre + shift, covariance, np.count_nonzero(counts), prior)

    return bootstrap.replicated(statistics, len(z), replicates)


def _replicated_active_units(means: np.ndarray, replicates: int) -> dict[str, np.ndarray]:
    """Return the active units on resamples of posterior means (N, d), (R,)."""
    count = len(means)
    centred = means - means.mean(axis=0)
    squares = centred**2

    def statistics(counts: np.ndarray) -> dict[str, float]:
        shift = counts @ centred / count
        variances = (counts @ squares - count * shift**2) / (count - 1)
        return {"active_units": float((variances >= ACTIVE_VARIANCE).sum())}

    return bootstrap.replicated(statistics, count, replicates)
