"""Posteriors whose rate to N(0, I) follows from their settings: delta-VAE and BN-VAE."""

import math

import pytest
import torch

from textvae.models.architecture import Architecture
from textvae.models.posteriors.batch_norm import BatchNormPosterior
from textvae.models.posteriors.delta import DeltaPosterior, deviations
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.rate import rate_by_dimension
from textvae.settings import Settings

ARCHITECTURE = Architecture(latent=32)
STANDARD = StandardNormal(ARCHITECTURE, Settings())


def network(cls, C, **settings):
    torch.manual_seed(1)
    made = cls(6, ARCHITECTURE, cls.Settings(**settings))
    made.aim(C)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter)
    return made


@pytest.mark.parametrize(
    ("latent", "C", "low", "high"),
    [(64, 3, 0.792, 1.224), (64, 100, 0.128, 2.429), (32, 5, 0.634, 1.418), (32, 0, 1, 1)],
)
def test_deviations_at_which_a_mean_of_0_has_the_rate(latent, C, low, high):
    assert deviations(C / latent) == pytest.approx((low, high), abs=6e-4)
    for deviation in deviations(C / latent):
        rate = (deviation**2 - 1 - 2 * math.log(deviation)) / 2
        assert rate == pytest.approx(C / latent, abs=1e-12)


@pytest.mark.parametrize("settings", [{}, {"delta_rate": 0.5}])
def test_rate_of_a_dimension_is_delta_and_half_of_the_excess(settings):
    posterior = network(DeltaPosterior, C=8.0, **settings)
    features = torch.randn(50, 6)
    rates = rate_by_dimension(posterior(features), STANDARD)
    delta = settings.get("delta_rate", 8 / 32)
    expected = delta + posterior.excess(features).relu() / 2
    torch.testing.assert_close(rates, expected, rtol=1e-4, atol=2e-6)
    # Both weights matter, and no mean is negative.
    assert rates.min() < delta + 1e-5 < delta + 0.1 < rates.max()
    assert posterior(features).log_variance.std() > 0.1
    assert posterior(features).mean.min() >= 0


def test_delta_at_the_edge_of_the_deviations_has_the_least_mean():
    posterior = network(DeltaPosterior, C=8.0)
    with torch.no_grad():
        posterior.width.bias.fill_(100)
        posterior.excess.bias.fill_(-100)
    found = posterior(torch.randn(3, 6))
    assert found.mean.flatten().tolist() == pytest.approx([1e-3] * 96, rel=0.2)
    assert found.standard_deviation[0, 0].item() == pytest.approx(deviations(0.25)[1], rel=1e-6)


def test_delta_of_0_has_a_deviation_of_1():
    found = network(DeltaPosterior, C=0.0)(torch.randn(3, 6))
    torch.testing.assert_close(found.standard_deviation, torch.ones(3, 32))


@pytest.mark.parametrize(("C", "gamma"), [(2, 0.354), (5, 0.559), (15, 0.968), (40, 1.581)])
def test_means_of_a_batch_are_normalised(C, gamma):
    posterior = network(BatchNormPosterior, C)
    found = posterior(3 + 5 * torch.randn(200, 6))
    torch.testing.assert_close(found.mean.mean(0), posterior.shift, rtol=1e-3, atol=1e-3)
    deviations = found.mean.std(0, correction=0)
    assert deviations.tolist() == pytest.approx([gamma] * 32, rel=2e-3)
    floor = (gamma**2 * 32 + (posterior.shift**2).sum().item()) / 2
    assert floor >= C * 0.999
    assert rate_by_dimension(found, STANDARD).sum(1).mean() >= floor * 0.999


def test_batch_norm_without_gamma_and_shift_has_means_of_0():
    posterior = network(BatchNormPosterior, 40.0, batch_norm_gamma=0.0)
    torch.nn.init.zeros_(posterior.shift)
    assert not posterior(torch.randn(9, 6)).mean.any()


def test_batch_of_one_sentence_is_normalised_by_running_moments():
    posterior = network(BatchNormPosterior, 5.0)
    for _ in range(200):
        posterior(3 + 5 * torch.randn(200, 6))
    features = 3 + 5 * torch.randn(1, 6)
    before = posterior.normalised.running_mean.clone()
    trained = posterior(features).mean
    assert posterior.normalised.running_mean.equal(before)
    torch.testing.assert_close(posterior.eval()(features).mean, trained)


@pytest.mark.parametrize("batches", [1, 3, 26])
def test_moments_of_few_batches_are_those_of_the_batches(batches):
    """The variance of the means is far below the 1 that running moments start from."""
    posterior = network(BatchNormPosterior, 5.0)
    features = 3 + 0.01 * torch.randn(500, 6)
    for _ in range(batches):
        trained = posterior(features)
    again = posterior.eval()(features)
    torch.testing.assert_close(again.mean, trained.mean, rtol=5e-2, atol=5e-3)
    # As before any training: moments of 0 and 1.
    assert network(BatchNormPosterior, 5.0).eval()(features).mean.isfinite().all()
