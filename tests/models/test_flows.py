"""RealNVP as posterior and as prior: inverse, Jacobian, identity, and the same map in both."""

import pytest
import torch

from textvae.models.architecture import Architecture
from textvae.models.flows import RealNVP
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.posteriors.real_nvp import Flow, FlowPosterior
from textvae.models.priors.real_nvp import FlowPrior
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.rate import draw
from textvae.settings import Settings

LATENT = 3
ARCHITECTURE = Architecture(latent=LATENT)
STANDARD = StandardNormal(ARCHITECTURE, Settings())


def flow(context=0):
    torch.manual_seed(1)
    made = RealNVP(LATENT, layers=4, hidden=7, context=context).double()
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return made.requires_grad_(False)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def test_inverse_and_log_determinant_are_those_of_the_map():
    made, context, z = flow(context=2), normal(5, 2), normal(5, LATENT)
    mapped, log_determinant = made(z, context)
    back, opposite = made.inverse(mapped, context)
    torch.testing.assert_close(back, z)
    torch.testing.assert_close(opposite, -log_determinant)
    assert (mapped - z).abs().min() > 1e-3
    for row in range(5):
        jacobian = torch.autograd.functional.jacobian(
            lambda code, row=row: made(code, context[row])[0], z[row]
        )
        assert jacobian.det().abs().log().item() == pytest.approx(log_determinant[row].item())


def test_flow_posterior_starts_as_the_gaussian_model():
    settings = FlowPosterior.Settings(flow_hidden=7)
    found = FlowPosterior(6, ARCHITECTURE, settings)(torch.randn(4, 6))
    gaussian = Gaussian(found.centre, found.log_variance)
    noise = torch.randn(4, LATENT)
    z, log_q = found.sample_with_log_prob(noise)
    assert z.equal(gaussian.sample(noise))
    torch.testing.assert_close(log_q, gaussian.log_prob(z))
    prior = FlowPrior(ARCHITECTURE, FlowPrior.Settings())
    torch.testing.assert_close(prior.log_prob(z), STANDARD.log_prob(z))
    torch.testing.assert_close(prior.codes(noise), noise)


def posterior(context=0):
    given = normal(4, 2)
    made = flow(context)
    centre, log_variance = normal(4, LATENT), normal(4, LATENT)
    return Flow(made(centre, given)[0], centre, log_variance, given, made)


def test_densities_of_a_flow_agree_however_they_are_computed():
    q, noise = posterior(context=2), normal(4, LATENT)
    z, log_q = q.sample_with_log_prob(noise)
    torch.testing.assert_close(q.log_prob(z), log_q)
    pairs = q.pairwise_log_prob(z)
    torch.testing.assert_close(pairs.diagonal(), log_q, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(pairs[1], q.log_prob(z[1].expand(4, -1)), rtol=1e-4, atol=1e-3)
    # In the type of the codes.
    narrow = q.apply(lambda tensor: tensor.float()).log_prob(z.float())
    torch.testing.assert_close(narrow, log_q.float(), rtol=1e-3, atol=1e-3)


def test_flow_of_every_sentence_is_a_prior_in_another_place():
    """KL(f(q) || p) = KL(q || f^-1(p)), code by code, for codes that are not standardised."""
    q, noise = posterior(), normal(4, LATENT)
    prior = FlowPrior(ARCHITECTURE, FlowPrior.Settings(flow_hidden=7))
    inverted = flow()
    inverted.forward, inverted.inverse = inverted.inverse, inverted.forward
    prior.flow = inverted
    images, _ = inverted(prior.noise.double())
    # In which the Gaussian is scaled as the codes of the prior are.
    mean, deviation = images.mean(0), images.std(0)
    centre, log_variance = (q.centre - mean) / deviation, q.log_variance - 2 * deviation.log()
    gaussian = Gaussian(centre, log_variance)
    torch.testing.assert_close(draw(q, STANDARD, noise)[1], draw(gaussian, prior, noise)[1])


def test_codes_of_a_flow_prior_have_their_density_and_moments():
    prior = FlowPrior(ARCHITECTURE, FlowPrior.Settings())
    prior.flow = flow()
    noise = normal(6, LATENT)
    jacobians = [
        torch.autograd.functional.jacobian(lambda one: prior.codes(one[None])[0], row)
        for row in noise
    ]
    expected = STANDARD.log_prob(noise) - torch.stack([j.det().abs().log() for j in jacobians])
    torch.testing.assert_close(prior.log_prob(prior.codes(noise)), expected)
    assert abs(prior.moments().mean).max() < 0.2
    assert prior.moments().deviations.tolist() == pytest.approx([1] * LATENT, rel=0.15)


def test_path_of_a_flow_is_the_image_of_a_straight_line():
    prior = FlowPrior(ARCHITECTURE, FlowPrior.Settings())
    prior.flow = flow()
    noise, t = normal(2, 5, LATENT), torch.tensor([0, 0.25, 1]).double()
    start, end = (prior.codes(each) for each in noise)
    path = prior.between(start, end, t)
    assert path[:, 0].equal(start)
    assert path[:, 2].equal(end)
    torch.testing.assert_close(path[:, 1], prior.codes(0.75 * noise[0] + 0.25 * noise[1]))
