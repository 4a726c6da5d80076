"""Both estimates of mutual information, on Gaussian channels of known information."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from one_by_one import LATENT, lively_model, random_sentences
from textvae.measurements import information
from textvae.measurements.information import InformationSettings, measure, mutual_information
from textvae.models.inference import draw_noise, posteriors
from textvae.models.posteriors.diagonal_gaussian import Gaussian


def estimates(repeats, count, dims, slope, deviation):
    """Return both estimates, (2, repeats), of z ~ N(slope x, deviation^2 I) with x ~ N(0, I)."""
    found = []
    for seed in range(repeats):
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(count, dims, dtype=torch.float64, generator=generator)
        posterior = Gaussian(slope * x, torch.full_like(x, 2 * math.log(deviation)))
        noise = torch.randn(count, dims, dtype=torch.float64, generator=generator)
        found.append(mutual_information(posterior.sample(noise), posterior))
    return np.array(found).T


def exact_information(dims, slope, deviation):
    """Return I in nats: z ~ N(0, slope^2 + deviation^2), and N(., deviation^2) given x."""
    return dims * 0.5 * math.log(1 + (slope / deviation) ** 2)


def test_lower_estimate_saturates_at_log_n():
    """50 sentences cannot show 20 nats."""
    below, above = estimates(5, 50, 4, 1.0, math.exp(-5))
    np.testing.assert_allclose(below, math.log(50), atol=1e-6)
    assert above.min() > exact_information(4, 1.0, math.exp(-5)) > 19


@pytest.mark.parametrize("rows", [1, 5, 1000])
def test_estimates_equal_those_of_a_double_loop(monkeypatch, rows):
    monkeypatch.setattr(information, "ROWS_AT_ONCE", rows)
    generator = torch.Generator().manual_seed(3)
    mean, log_variance, noise = (
        torch.randn(23, 3, dtype=torch.float64, generator=generator) for _ in range(3)
    )
    posterior = Gaussian(2 * mean, log_variance)
    z = posterior.sample(noise)
    below = above = 0.0
    for i in range(23):
        densities = torch.stack(
            [
                Normal(posterior.mean[j], torch.exp(0.5 * log_variance[j])).log_prob(z[i]).sum()
                for j in range(23)
            ]
        )
        others = torch.cat([densities[:i], densities[i + 1 :]])
        below += (densities[i] - densities.logsumexp(0)).item() / 23
        above += (densities[i] - others.logsumexp(0)).item() / 23
    expected = (below + math.log(23), above + math.log(22))
    assert mutual_information(z, posterior) == pytest.approx(expected, abs=1e-10)


def test_measurement_is_of_a_sample_of_sentences():
    trained, sentences = lively_model(), random_sentences(300)
    values = measure(trained, sentences, InformationSettings(sentences=200, noise_seed=5))
    sample = sentences.take(sentences.sample(200, seed=5))
    posterior = posteriors(trained.model, sample)
    z = posterior.sample(draw_noise(200, LATENT, 5))
    below, above = mutual_information(z, posterior)
    assert values == {
        "mutual_information_nats": below,
        "mutual_information_upper_nats": above,
        "information_sentences": 200,
        "log_sentences": math.log(200),
    }
