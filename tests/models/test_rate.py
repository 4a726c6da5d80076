"""Rates with and without a closed form, posteriors, and moments of a prior."""

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
    """N(0, 4 I), without a closed form of the rate."""

    def log_prob(self, z):
        return torch.distributions.Normal(0, 2).log_prob(z).sum(-1)

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
    expected = torch.distributions.Normal(posterior.mean, (0.5 * posterior.log_variance).exp())
    torch.testing.assert_close(posterior.log_prob(z), expected.log_prob(z).sum(-1))
    unit = torch.distributions.Normal(0, 1)
    torch.testing.assert_close(STANDARD.log_prob(z), unit.log_prob(z).sum(-1))
    wider = posterior.widened(0.5)
    assert torch.equal(wider.log_variance, posterior.log_variance + 0.5)
    assert torch.equal(wider.mean, posterior.mean)


def test_pairwise_densities_pair_every_code_with_every_posterior():
    posterior, z = gaussian(4), torch.randn(2, 3)
    by_hand = [[posterior.log_prob(code.expand(4, 3))[j] for j in range(4)] for code in z]
    expected = torch.tensor(by_hand)
    torch.testing.assert_close(posterior.pairwise_log_prob(z), expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(super(Gaussian, posterior).pairwise_log_prob(z), expected)


def test_posteriors_are_joined_in_order():
    first, second = gaussian(2, seed=1), gaussian(3, seed=2)
    joined = Gaussian.joined([first, second])
    assert torch.equal(joined.mean, torch.cat([first.mean, second.mean]))
    assert torch.equal(joined.log_variance[2:], second.log_variance)
    assert torch.equal(joined.apply(torch.neg).mean, -joined.mean)


def test_moments_are_whitened_by_those_of_the_prior():
    """In units of N(1, 4): a mean of 3 is 1, a covariance of 8 is 2."""
    prior = Moments(np.ones(2), 4 * np.eye(2))
    assert not prior.standard
    assert not Moments(np.ones(2), np.eye(2)).standard
    assert prior.deviations.tolist() == [2, 2]
    mean, covariance = prior.whiten(np.array([3.0, 1.0]), 8 * np.eye(2))
    np.testing.assert_allclose(mean, [1, 0])
    np.testing.assert_allclose(covariance, 2 * np.eye(2))
    assert STANDARD.moments().standard
