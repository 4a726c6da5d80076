"""The rate by its closed form and by the codes drawn, and moments of a prior."""

import math

import numpy as np
import pytest
import torch

from textvae.errors import InputError
from textvae.models.architecture import Architecture
from textvae.models.parts import Moments, Prior
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.rate import draw, rate_by_dimension
from textvae.settings import Settings

STANDARD = StandardNormal(Architecture(latent=3), Settings())


class Wide(Prior):
    """N(0, 4 I), without a closed form."""

    def log_prob(self, z):
        return torch.distributions.Normal(0, 2).log_prob(z).sum(-1)

    def codes(self, noise):
        return 2 * noise

    def moments(self):
        return Moments(np.zeros(3), 4 * np.eye(3))


def gaussian(count, seed=1):
    random = torch.Generator().manual_seed(seed)
    return Gaussian(*(torch.randn(count, 3, generator=random) for _ in range(2)))


def test_the_rate_is_the_sum_over_dimensions():
    posterior = gaussian(5)
    _, rates = draw(posterior, STANDARD, torch.zeros(5, 3))
    each = rate_by_dimension(posterior, STANDARD)
    assert each.shape == (5, 3)
    assert torch.equal(each.sum(1), rates)


def test_without_a_closed_form_it_is_that_of_the_code():
    posterior, noise = gaussian(5), torch.randn(5, 3)
    z, rates = draw(posterior, Wide(), noise)
    assert torch.equal(z, posterior.sample(noise))
    assert torch.equal(rates, posterior.log_prob(z) - Wide().log_prob(z))
    with pytest.raises(InputError, match="no rate by dimension of z: Gaussian and Wide"):
        rate_by_dimension(posterior, Wide())


def test_its_mean_is_the_divergence():
    """KL(N(1, 1) || N(0, 4)) = log 2 + (1 + 1) / 8 - 1 / 2, in each of three dimensions."""
    count = 100_000
    posterior = Gaussian(torch.ones(count, 3), torch.zeros(count, 3))
    torch.manual_seed(1)
    _, rates = draw(posterior, Wide(), torch.randn(count, 3))
    expected = 3 * (math.log(2) + 2 / 8 - 1 / 2)
    assert abs(rates.mean().item() - expected) < 4 * rates.std().item() / math.sqrt(count)


def test_where_posterior_and_prior_agree_each_code_costs_nothing():
    posterior = Gaussian(torch.zeros(4, 3), torch.full((4, 3), 2 * math.log(2)))
    _, rates = draw(posterior, Wide(), torch.randn(4, 3))
    torch.testing.assert_close(rates, torch.zeros(4), rtol=0, atol=1e-5)


def test_each_code_under_each_posterior():
    posterior, z = gaussian(4), torch.randn(2, 3)
    by_hand = [[gaussian(4).log_prob(code.expand(4, 3))[j] for j in range(4)] for code in z]
    expected = torch.tensor(by_hand)
    torch.testing.assert_close(posterior.pairwise_log_prob(z), expected, rtol=1e-4, atol=1e-4)
    generic = super(Gaussian, posterior).pairwise_log_prob(z)
    torch.testing.assert_close(generic, expected)


def test_posteriors_are_joined_in_order():
    first, second = gaussian(2, seed=1), gaussian(3, seed=2)
    together = Gaussian.joined([first, second])
    assert torch.equal(together.mean, torch.cat([first.mean, second.mean]))
    assert torch.equal(together.log_variance[2:], second.log_variance)
    assert torch.equal(together.apply(torch.neg).mean, -together.mean)


def test_moments_of_another_scale():
    """In units of N(1, 4): a mean of 3 is 1, a covariance of 8 is 2."""
    prior = Moments(np.ones(2), 4 * np.eye(2))
    assert not prior.standard
    assert prior.deviations.tolist() == [2, 2]
    mean, covariance = prior.whiten(np.array([3.0, 1.0]), 8 * np.eye(2))
    np.testing.assert_allclose(mean, [1, 0])
    np.testing.assert_allclose(covariance, 2 * np.eye(2))
    assert STANDARD.moments().standard
