"""Mutual information: both estimates, on Gaussian channels whose information is known."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from one_by_one import LATENT, lively_model, random_sentences
from textvae.measurements import information, rate_distortion
from textvae.measurements.information import InformationSettings, measure, mutual_information
from textvae.models.inference import draw_noise, posteriors
from textvae.models.posteriors.diagonal_gaussian import Gaussian


def gaussian_channel(count, dims, slope, deviation, seed):
    """Messages x ~ N(0, I) sent as z ~ N(slope x, deviation^2 I): codes and their posteriors."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, dims, dtype=torch.float64, generator=generator)
    posterior = Gaussian(slope * x, torch.full_like(x, 2 * math.log(deviation)))
    noise = torch.randn(count, dims, dtype=torch.float64, generator=generator)
    return posterior.sample(noise), posterior


def known_information(dims, slope, deviation):
    """Of that channel: z is N(0, slope^2 + deviation^2), and N(., deviation^2) given x."""
    return dims * 0.5 * math.log(1 + (slope / deviation) ** 2)


def estimates(repeats, *channel):
    found = [mutual_information(*gaussian_channel(*channel, seed)) for seed in range(repeats)]
    return np.array(found).T


@pytest.mark.parametrize(
    ("dims", "slope", "deviation"), [(1, 1.0, 0.5), (2, 1.0, 0.4), (4, 0.8, 0.6)]
)
def test_the_two_estimates_have_the_truth_between_them(dims, slope, deviation):
    truth = known_information(dims, slope, deviation)
    below, above = estimates(40, 100, dims, slope, deviation)
    error = (below.std(ddof=1) + above.std(ddof=1)) / math.sqrt(40)
    assert below.mean() < truth + 3 * error
    assert above.mean() > truth - 3 * error
    assert (below < above).all()


def test_with_more_sentences_they_close_in():
    truth = known_information(2, 1.0, 0.4)
    gaps = []
    for count in (50, 500, 3000):
        below, above = estimates(4, count, 2, 1.0, 0.4)
        gaps.append(above.mean() - below.mean())
    assert gaps[0] > 2 * gaps[1] > 4 * gaps[2]
    assert below.mean() == pytest.approx(truth, abs=0.05)
    assert above.mean() == pytest.approx(truth, abs=0.05)


def test_no_information():
    below, above = estimates(20, 200, 3, 0.0, 1.0)
    np.testing.assert_allclose(below, 0, atol=1e-12)
    np.testing.assert_allclose(above, 0, atol=1e-12)


def test_the_lower_estimate_saturates_at_log_n():
    """20 nats cannot be seen with 50 sentences: below is log 50 then, and above is above."""
    truth = known_information(4, 1.0, math.exp(-5))
    assert truth > 19
    below, above = estimates(5, 50, 4, 1.0, math.exp(-5))
    np.testing.assert_allclose(below, math.log(50), atol=1e-6)
    assert (above > truth).all()


def by_double_loop(z, posterior):
    """Every pair of a code and a posterior, one at a time."""
    count = len(z)
    below = above = 0.0
    for i in range(count):
        densities = []
        for j in range(count):
            q = Normal(posterior.mean[j], torch.exp(0.5 * posterior.log_variance[j]))
            densities.append(q.log_prob(z[i]).sum())
        others = torch.stack(densities[:i] + densities[i + 1 :])
        all_of_them = torch.stack(densities)
        below += densities[i] - (all_of_them.logsumexp(0) - math.log(count))
        above += densities[i] - (others.logsumexp(0) - math.log(count - 1))
    return below.item() / count, above.item() / count


@pytest.mark.parametrize("rows", [1, 5, 1000])
def test_by_a_double_loop(monkeypatch, rows):
    monkeypatch.setattr(information, "_ROWS", rows)
    generator = torch.Generator().manual_seed(3)
    mean, log_variance, noise = (
        torch.randn(23, 3, dtype=torch.float64, generator=generator) for _ in range(3)
    )
    posterior = Gaussian(2 * mean, log_variance)
    z = posterior.sample(noise)
    expected = by_double_loop(z, posterior)
    assert mutual_information(z, posterior) == pytest.approx(expected, abs=1e-10)


def test_of_a_model_it_is_of_a_sample_of_sentences_and_not_above_their_rate():
    trained, sentences = lively_model(), random_sentences(300)
    values = measure(trained, sentences, InformationSettings(sentences=200, noise_seed=5))
    assert values["information_sentences"] == 200
    assert values["log_sentences"] == math.log(200)

    sample = sentences.take(sentences.sample(200, seed=5))
    posterior = posteriors(trained.model, sample)
    z = posterior.sample(draw_noise(200, LATENT, 5))
    below, above = mutual_information(z, posterior)
    assert values["mutual_information_nats"] == below
    assert values["mutual_information_upper_nats"] == above

    rate = rate_distortion.measure(trained, sample, rate_distortion.RateDistortionSettings())[
        "rate_nats"
    ]
    assert 0.5 < below < rate
    # R = I + KL(q(z) || p(z)) is exact for these 200 sentences as the whole world, and there the
    # lower estimate is I itself: its noise is that of the sampled codes.
    log_q = torch.stack(
        [posterior.log_prob(z[i].expand_as(z)).double().logsumexp(0) for i in range(200)]
    ) - math.log(200)
    log_p = trained.model.prior.log_prob(z).double()
    marginal = (log_q - log_p).mean().item()
    ratios = (posterior.log_prob(z) - trained.model.prior.log_prob(z)).double()
    assert below + marginal == pytest.approx(ratios.mean().item(), abs=1e-4)
    assert abs(below + marginal - rate) < 4 * ratios.std().item() / math.sqrt(200)


def test_more_sentences_than_there_are_is_all_of_them():
    values = measure(lively_model(), random_sentences(30), InformationSettings())
    assert values["information_sentences"] == 30
