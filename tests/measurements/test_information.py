"""The estimates of mutual information, on Gaussian channels of known information."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from one_by_one import LATENT, lively_model, random_sentences
from textvae.measurements.information import InformationSettings, measure
from textvae.models import mutual_information as estimators
from textvae.models.inference import draw_noise, posteriors
from textvae.models.mutual_information import mutual_information
from textvae.models.posterior import Posterior
from textvae.models.posteriors.diagonal_gaussian import Gaussian


def estimates(repeats, count, dims, slope, deviation):
    """Return lower and upper estimates, (2, repeats), of z ~ N(slope x, deviation^2 I).

    x ~ N(0, I).
    """
    found = []
    for seed in range(repeats):
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(count, dims, dtype=torch.float64, generator=generator)
        posterior = Gaussian(slope * x, torch.full_like(x, 2 * math.log(deviation)))
        noise = torch.randn(count, dims, dtype=torch.float64, generator=generator)
        found.append(mutual_information(posterior.sample(noise), posterior)[:2])
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
    monkeypatch.setattr(estimators, "ROWS_AT_ONCE", rows)
    generator = torch.Generator().manual_seed(3)
    mean, log_variance, noise = (
        torch.randn(23, 3, dtype=torch.float64, generator=generator) for _ in range(3)
    )
    posterior = Gaussian(2 * mean, log_variance)
    z = posterior.sample(noise)
    below = above = he = 0.0
    entropy = 0.5 * (log_variance + math.log(2 * math.pi * math.e)).sum().item() / 23
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
        he -= densities.logsumexp(0).item() / 23
    expected = (below + math.log(23), above + math.log(22), he - entropy + math.log(23))
    uppers = torch.empty(23, dtype=torch.float64)
    assert mutual_information(z, posterior, uppers) == pytest.approx(expected, abs=1e-10)
    assert uppers.mean().item() == pytest.approx(expected[1], abs=1e-10)
    assert uppers[22].item() == pytest.approx(
        (densities[22] - others.logsumexp(0)).item() + math.log(22), abs=1e-10
    )


@pytest.mark.parametrize("noise", [0.0, 2**0.5])
def test_two_gaussians_by_hand(noise):
    """N(-1, 1) and N(1, 1), with codes at -1 - noise and 1 + noise.

    A code is `noise` from its own mean and 2 + noise from the other. The mean log q(z|x) is -1/2
    - log sqrt(2 pi) in closed form, and -noise^2/2 - log sqrt(2 pi) at the codes.
    """
    z = torch.tensor([[-1 - noise], [1 + noise]])
    posterior = Gaussian(torch.tensor([[-1.0], [1.0]]), torch.zeros(2, 1))
    farther = 2 * (1 + noise)  # ((2 + noise)^2 - noise^2) / 2
    lower = math.log(2) - math.log(1 + math.exp(-farther))
    expected = (lower, farther, lower + (noise**2 - 1) / 2)
    found = mutual_information(z, posterior)
    assert found == pytest.approx(expected, abs=1e-6)
    # Only the estimator of He et al. can pass log N: with distant codes, by half a nat here.
    assert (found.he2019 > math.log(2)) == (noise > 1)


def test_posterior_without_closed_form_has_no_estimate_of_he(monkeypatch):
    monkeypatch.setattr(Gaussian, "entropy", Posterior.entropy)
    result = measure(lively_model(), random_sentences(30), InformationSettings())
    assert result.values["mutual_information_he2019_nats"] is None
    assert "closed form" in result.notes["mutual_information_he2019_nats"]


def test_measurement_is_of_a_sample_of_sentences():
    trained, sentences = lively_model(), random_sentences(300)
    values = measure(trained, sentences, InformationSettings(sentences=200, noise_seed=5)).values
    sample = sentences.take(sentences.sample(200, seed=5))
    posterior = posteriors(trained.model, sample)
    z = posterior.sample(draw_noise(200, LATENT, 5))
    below, above, he = mutual_information(z, posterior)
    assert values == {
        "mutual_information_nats": below,
        "mutual_information_upper_nats": above,
        "mutual_information_he2019_nats": he,
        "information_sentences": 200,
        "log_sentences": math.log(200),
    }


def test_posterior_whose_pairs_are_dear_is_measured_on_fewer_sentences(monkeypatch):
    monkeypatch.setattr(Gaussian, "most_pairs", 20)
    result = measure(lively_model(), random_sentences(60), InformationSettings(sentences=50))
    assert result.values["information_sentences"] == result.sentences == 20
    assert "20 of 50" in result.notes["information_sentences"]
