"""The posterior, the prior, and the rate between them."""

import math

import pytest
import torch

from textvae.models.architecture import Architecture
from textvae.models.posteriors.diagonal_gaussian import DiagonalGaussian, Gaussian
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.rate import draw
from textvae.settings import Settings


def standard_normal(latent=3):
    return StandardNormal(Architecture(latent=latent), Settings())


def test_the_rate_by_hand():
    # KL(N(1, 4) || N(0, 1)) = (4 + 1 - 1 - log 4) / 2, for each of two dimensions.
    posterior = Gaussian(torch.tensor([[1.0, 1.0]]), torch.full((1, 2), math.log(4)))
    z, rate = draw(posterior, standard_normal(2), noise=torch.zeros(1, 2))
    assert z.tolist() == [[1, 1]]
    assert rate.item() == pytest.approx(4 - math.log(4))


def test_the_posterior_that_is_the_prior_costs_nothing():
    posterior = Gaussian(torch.zeros(3, 5), torch.zeros(3, 5))
    _, rate = draw(posterior, standard_normal(5), noise=torch.ones(3, 5))
    assert rate.tolist() == [0, 0, 0]


def test_the_rate_is_the_mean_of_the_log_ratio_of_densities():
    torch.manual_seed(1)
    posterior = Gaussian(torch.randn(2, 3), torch.randn(2, 3))
    prior = standard_normal()
    z = posterior.sample(torch.randn(200_000, 2, 3))
    ratio = posterior.log_prob(z) - prior.log_prob(z)
    error = ratio.std(dim=0) / math.sqrt(len(ratio))
    assert ((ratio.mean(dim=0) - draw(posterior, prior, z[0])[1]).abs() < 4 * error).all()


def test_densities_are_those_of_torch():
    posterior = Gaussian(torch.randn(4, 3), torch.randn(4, 3))
    z = torch.randn(4, 3)
    expected = torch.distributions.Normal(posterior.mean, (0.5 * posterior.log_variance).exp())
    torch.testing.assert_close(posterior.log_prob(z), expected.log_prob(z).sum(-1))
    unit = torch.distributions.Normal(0, 1)
    torch.testing.assert_close(standard_normal().log_prob(z), unit.log_prob(z).sum(-1))


def test_the_gain_is_on_the_mean_alone():
    torch.manual_seed(1)
    plain = DiagonalGaussian(6, Architecture(latent=2), DiagonalGaussian.Settings())
    torch.manual_seed(1)
    wide = DiagonalGaussian(6, Architecture(latent=2), DiagonalGaussian.Settings(mean_gain=10.0))
    torch.testing.assert_close(wide.mean.weight, 10 * plain.mean.weight)
    torch.testing.assert_close(wide.log_variance.weight, plain.log_variance.weight)
