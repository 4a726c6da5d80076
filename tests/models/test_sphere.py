"""Codes on the unit sphere: the vMF posterior and the uniform prior."""

import math

import numpy as np
import pytest
import torch

from textvae.models import sphere
from textvae.models.architecture import Architecture
from textvae.models.posteriors.von_mises_fisher import (
    Law,
    VonMisesFisher,
    VonMisesFisherPosterior,
)
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.priors.uniform_sphere import UniformSphere
from textvae.models.rate import draw
from textvae.settings import Settings

CPU = torch.device("cpu")


def prior(latent):
    return UniformSphere(Architecture(latent=latent), Settings())


def posterior(count, latent, concentration, dtype=torch.float64):
    torch.manual_seed(1)
    mean = torch.nn.functional.normalize(torch.randn(count, latent, dtype=dtype), dim=-1)
    return VonMisesFisher(mean, Law.of(sphere.cosine_law(latent, concentration), CPU))


def test_paths_in_other_directions_are_arcs_as_long_as_that_between_the_ends():
    torch.manual_seed(1)
    start, end = torch.nn.functional.normalize(torch.randn(2, 20, 5, dtype=torch.float64), dim=-1)
    directions = torch.randn(20, 5, dtype=torch.float64)
    # Along the code itself no step is on the sphere, and without a gradient there is none.
    directions[0], directions[1] = start[0], 0
    t = torch.linspace(0, 1, 7, dtype=torch.float64)
    codes = prior(5).along(start, end, directions, t)
    np.testing.assert_allclose(codes.norm(dim=-1), 1)
    np.testing.assert_allclose(codes[:, 0], start, atol=1e-12)
    np.testing.assert_allclose(codes[:2], start[:2, None].expand(-1, 7, -1), atol=1e-12)
    angles = torch.acos((codes[2:, :-1] * codes[2:, 1:]).sum(-1))
    expected = torch.acos((start * end).sum(-1))[2:, None] / 6
    np.testing.assert_allclose(angles, expected.expand(-1, 6), rtol=1e-6)
    # In the plane of code and direction, on the side of the direction.
    np.testing.assert_allclose(prior(5).along(start, end, end, t)[2:, -1], end[2:], atol=1e-12)
    # Elsewhere on a straight line.
    straight = StandardNormal(Architecture(latent=5), Settings()).along(start, end, directions, t)
    steps = straight[:, -1] - start
    lengths = (end - start).norm(dim=-1)
    np.testing.assert_allclose(steps[2:].norm(dim=-1), lengths[2:])
    cosines = torch.nn.functional.cosine_similarity(steps[2:], directions[2:])
    np.testing.assert_allclose(cosines, 1)
    assert (steps[1] == 0).all()


# By the Bessel functions; (50, 35) is a setting of Xu and Durrett (2018).
@pytest.mark.parametrize(
    ("latent", "concentration", "rate"),
    [(50, 35, 7.743), (3, 2, 2 / math.tanh(2) - 1 + math.log(2 / math.sinh(2))), (64, 0, 0)],
)
def test_rate_by_hand(latent, concentration, rate):
    assert sphere.rate(latent, concentration) == pytest.approx(rate, abs=5e-4)
    assert sphere.cosine_law(latent, concentration).rate == pytest.approx(rate, abs=5e-4)


@pytest.mark.parametrize(
    ("latent", "C", "concentration"),
    [(64, 15, 62.3), (64, 100, 1459), (32, 2, 12.4), (32, 40, 385)],
)
def test_concentration_of_a_rate(latent, C, concentration):
    found = sphere.concentration_of(latent, C)
    assert found == pytest.approx(concentration, rel=4e-3)
    assert sphere.rate(latent, found) == pytest.approx(C, abs=1e-9)
    assert sphere.concentration_of(latent, 0.0) == 0


@pytest.mark.parametrize(
    ("latent", "concentration"), [(2, 5.0), (3, 2.0), (32, 63.4), (64, 1459.0)]
)
def test_sampled_codes_have_norm_1_mean_and_density(latent, concentration):
    count = 20_000
    one = posterior(1, latent, concentration)
    many = one.apply(lambda tensor: tensor.expand(count, -1))
    torch.manual_seed(2)
    noise = torch.randn(count, latent, dtype=torch.float64)
    z, rates = draw(many, prior(latent), noise)
    torch.testing.assert_close(z.norm(dim=1), torch.ones(count, dtype=torch.float64))
    errors = z.std(0) / count**0.5
    assert ((z.mean(0) - one.expectation[0]).abs() < 4 * errors + 1e-9).all()
    # The rate is a constant: the mean of log q - log p of the same codes.
    ratios = many.log_prob(z) - prior(latent).log_prob(z)
    assert rates.unique().numel() == 1
    assert abs(ratios.mean() - rates[0]) < 4 * ratios.std() / count**0.5
    torch.testing.assert_close(many.log_prob(z)[:5], many.pairwise_log_prob(z[:5])[:, 0])
    assert one.entropy().item() == pytest.approx(-many.log_prob(z).mean().item(), abs=0.1)


def test_density_is_that_of_scipy():
    from scipy.stats import vonmises_fisher

    one = posterior(1, 5, 7.0)
    z = prior(5).codes(torch.randn(4, 5, dtype=torch.float64))
    expected = vonmises_fisher(one.mean[0].numpy(), 7.0).logpdf(z.numpy())
    np.testing.assert_allclose(one.log_prob(z[:, None])[:, 0].numpy(), expected)


def test_codes_are_differentiable_also_where_the_mean_is_the_first_axis():
    mean = torch.eye(4)[:1].repeat(2, 1).requires_grad_()
    z = VonMisesFisher(mean, Law.of(sphere.cosine_law(4, 9.0), CPU)).sample(torch.randn(2, 4))
    assert z.isfinite().all()
    assert torch.autograd.grad(z.sum(), mean)[0].isfinite().all()


def test_concentration_follows_from_C_or_is_given():
    for settings, rate in (({}, 5.0), ({"vmf_concentration": 12.4}, sphere.rate(32, 12.4))):
        cls = VonMisesFisherPosterior
        made = cls(6, Architecture(latent=32), cls.Settings(**settings))
        made.aim(5.0)
        _, rates = draw(made(torch.randn(3, 6)), prior(32), torch.randn(3, 32))
        assert rates.tolist() == pytest.approx([rate] * 3, rel=1e-5)


def test_width_of_the_posterior_changes_its_rate():
    one = posterior(2, 8, 20.0)
    wider = one.widened(0.5)
    assert float(wider.law.concentration) == pytest.approx(20 * math.exp(-0.5))
    noise = torch.randn(2, 8, dtype=torch.float64)
    assert draw(wider, prior(8), noise)[1][0] < draw(one, prior(8), noise)[1][0]


def test_path_between_codes_is_a_great_circle():
    axes = torch.eye(3)
    t = torch.tensor([0.0, 1 / 3, 1.0])
    path = prior(3).between(axes[:2], axes[1:], t)
    half = math.sqrt(3) / 2
    expected = [[[1, 0, 0], [half, 0.5, 0], [0, 1, 0]], [[0, 1, 0], [0, half, 0.5], [0, 0, 1]]]
    torch.testing.assert_close(path, torch.tensor(expected))
    # Opposite ends, and equal ones.
    path = prior(3).between(axes[[0, 0]], torch.stack([-axes[0], axes[0]]), t)
    torch.testing.assert_close(path.norm(dim=-1), torch.ones(2, 3))
    torch.testing.assert_close(path[0, :, 0], torch.tensor([1, 0.5, -1]))
    torch.testing.assert_close(path[1], axes[[0, 0, 0]])
