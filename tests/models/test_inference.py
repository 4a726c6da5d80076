"""Encoding, distortion, and rates with and without a closed form."""

import math
from contextlib import suppress

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from one_by_one import LATENT, OneByOne, lively_model, random_sentences
from textvae.errors import InputError
from textvae.measurements import information, likelihood, posterior, rate_distortion, slope
from textvae.measurements.report import Result
from textvae.models import batches
from textvae.models.architecture import Architecture
from textvae.models.inference import draw_noise, posteriors, rates_and_distortions
from textvae.models.layers import check_finite
from textvae.models.parts import Moments, Prior
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.rate import draw, rate_by_dimension
from textvae.settings import Settings

SENTENCES = random_sentences(60)
MEASUREMENTS = [information, likelihood, posterior, rate_distortion, slope]


@pytest.fixture(scope="module")
def model():
    return lively_model().model


@pytest.mark.parametrize("tokens", [1, 40, 10**6])
def test_values_do_not_depend_on_batching(model, monkeypatch, tokens):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", tokens)
    values = rates_and_distortions(model, SENTENCES, seed=7)
    together = posteriors(model, SENTENCES)
    noise, oracle = draw_noise(len(SENTENCES), LATENT, 7), OneByOne(model)
    for i, sentence in enumerate(SENTENCES):
        q = oracle.posterior(sentence)
        torch.testing.assert_close(together.mean[i].double(), q.mean, rtol=1e-4, atol=1e-5)
        deviation = (0.5 * together.log_variance[i]).exp().double()
        torch.testing.assert_close(deviation, q.stddev, rtol=1e-4, atol=1e-5)
        costs = oracle.costs(sentence, q.mean + q.stddev * noise[i])
        # The cost of the end mark is included, and large enough to be noticed.
        assert costs[-1] > 0.01
        assert values.distortion[i] == pytest.approx(sum(costs), rel=1e-5)
        assert values.rate[i] == pytest.approx(oracle.rate(sentence), rel=1e-5)
    # Two exchanged sentences would be noticed.
    assert len(np.unique(values.distortion.round(3))) > 50
    assert values.distortion.dtype == values.rate.dtype == np.float64
    assert not together.mean.requires_grad


def test_noise_depends_on_its_seed_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    noise = draw_noise(1000, 20, 1)
    # torch's global generator, which trainings use, is not advanced.
    assert torch.rand(3).equal(expected)
    assert noise.shape == (1000, 20)
    assert draw_noise(1000, 20, 1).equal(noise)
    for seed in ((2,), (1, 1), (1, 2), (2, 1)):
        other = draw_noise(1000, 20, *seed)
        assert abs(np.corrcoef(noise.flatten(), other.flatten())[0, 1]) < 4 / 20_000**0.5
    # NumPy ignores a trailing zero: draw 0 is the draw from the seed alone.
    assert draw_noise(1000, 20, 1, 0).equal(noise)
    assert noise.mean().abs() < 4 / 20_000**0.5
    assert (noise.var() - 1).abs() < 4 * (2 / 20_000) ** 0.5


def test_one_value_that_is_not_finite_is_refused():
    check_finite("rate", np.zeros(3), np.ones(2))
    for wrong in (math.nan, math.inf, -math.inf):
        with pytest.raises(InputError, match=r"^rate .*not finite"):
            check_finite("rate", np.zeros(3), np.array([1.0, wrong]))


@pytest.mark.parametrize("measurement", MEASUREMENTS)
@pytest.mark.parametrize("size", [1e4, -1e4, 3e38])
@pytest.mark.parametrize("part", ["mean", "log_variance"])
def test_measurements_of_extreme_weights_are_finite_or_refused(measurement, size, part):
    trained = lively_model()
    with torch.no_grad():
        getattr(trained.model.posterior, part).bias.fill_(size)
    with suppress(InputError):
        settings = measurement.measure.Settings()
        values = Result.of(
            measurement.measure(trained, random_sentences(20), settings), "one"
        ).values
        # If all codes are equal, their covariance is singular.
        for name in ("logdetcov", "moment_matched_kl"):
            values.pop(name, None)
        assert all(value is None or math.isfinite(value) for value in values.values())


STANDARD = StandardNormal(Architecture(latent=3), Settings())


class Wide(Prior):
    def log_prob(self, z):
        return Normal(0, 2).log_prob(z).sum(-1)

    def codes(self, noise):
        return 2 * noise

    def moments(self):
        return Moments(np.zeros(3), 4 * np.eye(3))


def gaussian(count, seed=1):
    random = torch.Generator().manual_seed(seed)
    return Gaussian(*(torch.randn(count, 3, generator=random) for _ in range(2)))


def test_closed_form_by_hand():
    """KL(N(1, 4) || N(0, 1)) = (4 + 1 - 1 - log 4) / 2; KL(N(0, 1) || N(0, 1)) = 0."""
    mean = torch.tensor([[1.0, 1.0, 0.0]])
    posterior = Gaussian(mean, torch.tensor([[math.log(4), math.log(4), 0.0]]))
    z, rates = draw(posterior, STANDARD, torch.tensor([[0.0, 0.5, 2.0]]))
    assert z.tolist() == [[1, 2, 2]]
    assert rates.tolist() == pytest.approx([4 - math.log(4)])
    each = rate_by_dimension(posterior, STANDARD)
    assert each[0].tolist() == pytest.approx([2 - math.log(2), 2 - math.log(2), 0])


def test_without_closed_form_the_rate_is_estimated_with_z():
    posterior, noise = gaussian(5), torch.randn(5, 3)
    z, rates = draw(posterior, Wide(), noise)
    assert torch.equal(z, posterior.sample(noise))
    assert torch.equal(rates, posterior.log_prob(z) - Wide().log_prob(z))
    with pytest.raises(InputError, match="Gaussian and Wide"):
        rate_by_dimension(posterior, Wide())


def test_densities_equal_those_of_torch():
    posterior, z = gaussian(4), torch.randn(4, 3)
    own = Normal(posterior.mean, (0.5 * posterior.log_variance).exp())
    for density, normal in ((posterior, own), (STANDARD, Normal(0, 1))):
        torch.testing.assert_close(density.log_prob(z), normal.log_prob(z).sum(-1))
    wider = posterior.widened(0.5)
    assert torch.equal(wider.log_variance, posterior.log_variance + 0.5)
    assert torch.equal(wider.mean, posterior.mean)


def test_pairwise_densities_pair_every_code_with_every_posterior():
    posterior, z = gaussian(4), torch.randn(2, 3)
    expected = torch.stack([posterior.log_prob(code.expand(4, 3)) for code in z])
    torch.testing.assert_close(posterior.pairwise_log_prob(z), expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(super(Gaussian, posterior).pairwise_log_prob(z), expected)


def test_posteriors_are_joined_in_order():
    first, second = gaussian(2, seed=1), gaussian(3, seed=2)
    joined = Gaussian.joined([first, second])
    for name in ("mean", "log_variance"):
        parts = torch.cat([getattr(first, name), getattr(second, name)])
        assert torch.equal(getattr(joined, name), parts)
    assert torch.equal(joined.apply(torch.neg).mean, -joined.mean)


def test_moments_are_whitened_by_those_of_the_prior():
    """In units of N(1, 4): a mean of 3 is 1, a covariance of 8 is 2."""
    prior = Moments(np.ones(2), 4 * np.eye(2))
    assert not any(each.standard for each in (prior, Moments(np.ones(2), np.eye(2))))
    assert prior.deviations.tolist() == [2, 2]
    mean, covariance = prior.whiten(np.array([3.0, 1.0]), 8 * np.eye(2))
    np.testing.assert_allclose(mean, [1, 0])
    np.testing.assert_allclose(covariance, 2 * np.eye(2))
    assert STANDARD.moments().standard
