"""Learnt priors: mixtures of Gaussians and of the model's posteriors, and paths between codes."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from textvae.generation.codes import line_ends, points
from textvae.models.architecture import Architecture
from textvae.models.batches import pack
from textvae.models.components import component_of
from textvae.models.inference import codes_between
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.priors.gaussian_mixture import GaussianMixture
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.rate import draw
from textvae.models.vae import TextVAE
from textvae.settings import Settings
from tiny import MODEL

ARCHITECTURE = Architecture(latent=3)
STANDARD = StandardNormal(ARCHITECTURE, Settings())


def mixture(means, deviations, weights):
    made = GaussianMixture(
        ARCHITECTURE.replace(latent=len(means[0])),
        GaussianMixture.Settings(mixture_components=len(means)),
    )
    with torch.no_grad():
        made.means.copy_(torch.tensor(means))
        made.log_deviations.copy_(torch.tensor(deviations).log())
        made.logits.copy_(torch.tensor(weights).log())
    return made.double().requires_grad_(False)


ONE = mixture([[0.0] * 3], [[1.0] * 3], [1.0])
TWO = mixture([[0.0] * 3, [2.0, 0.0, -1.0]], [[1.0] * 3, [0.5, 2.0, 1.0]], [0.25, 0.75])


def test_component_of_a_share_by_hand():
    """Weights 1/4 and 3/4: the first quartile of N(0, 1) is the border."""
    quantile = torch.special.ndtri
    shares = torch.tensor([0.125, 0.24, 0.26, 0.625, 0.9], dtype=torch.float64)
    noise = torch.stack([quantile(shares), torch.arange(5)], dim=1)
    chosen, inner = component_of(noise, torch.tensor([0.25, 0.75]))
    assert chosen.tolist() == [0, 0, 1, 1, 1]
    expected = quantile(torch.tensor([0.5, 0.96, 0.01 / 0.75, 0.5, 0.65 / 0.75]).double())
    torch.testing.assert_close(inner[:, 0], expected)
    assert inner[:, 1].tolist() == [0, 1, 2, 3, 4]


def test_noise_within_a_component_is_normal_and_extreme_noise_finite():
    torch.manual_seed(1)
    chosen, inner = component_of(torch.randn(40_000, 2), torch.tensor([1.0, 2.0, 1.0]))
    assert chosen.bincount().tolist() == pytest.approx([1e4, 2e4, 1e4], abs=400)
    for component in range(3):
        mine = inner[chosen == component, 0]
        assert abs(mine.mean()) < 4 / len(mine) ** 0.5
        assert abs(mine.var() - 1) < 4 * (2 / len(mine)) ** 0.5
    _, inner = component_of(torch.tensor([[-40.0], [40.0]]), torch.tensor([0.5, 0.5]))
    assert inner.isfinite().all()


def test_density_of_a_mixture_is_that_of_its_components():
    z = torch.randn(5, 3, dtype=torch.float64)
    torch.testing.assert_close(ONE.log_prob(z), STANDARD.log_prob(z))
    parts = [
        log_weight + torch.distributions.Normal(mean, width.exp()).log_prob(z).sum(-1)
        for log_weight, mean, width in zip(*TWO.components(), strict=True)
    ]
    torch.testing.assert_close(TWO.log_prob(z), torch.logaddexp(*parts))
    # Whatever their mean and deviation.
    same = mixture([[1.0] * 3] * 4, [[2.0] * 3] * 4, [0.4, 0.3, 0.2, 0.1])
    torch.testing.assert_close(same.log_prob(z), STANDARD.log_prob(z))
    assert TWO.components_in_use() == pytest.approx(
        math.exp(-0.25 * math.log(0.25) - 0.75 * math.log(0.75))
    )


def test_mixture_is_standardised_by_hand():
    """In the first dimension its mean is 1.5 and its variance 0.25 + 0.75 / 4 + 3 / 4 = 1.1875."""
    log_weights, means, widths = TWO.components()
    assert log_weights.exp().tolist() == pytest.approx([0.25, 0.75])
    assert means[:, 0].tolist() == pytest.approx([-1.5 / 1.1875**0.5, 0.5 / 1.1875**0.5])
    assert widths[:, 0].exp().tolist() == pytest.approx([1 / 1.1875**0.5, 0.5 / 1.1875**0.5])
    moments = TWO.moments()
    assert not moments.mean.any()
    assert np.diag(moments.covariance).tolist() == [1, 1, 1]
    # The third has the same variance, and the covariance of both is -0.75 / 4 * 2.
    assert moments.covariance[0, 2] == pytest.approx(-0.375 / 1.1875)


@torch.no_grad()
def test_rate_to_a_mixture_is_below_its_bound_and_exact_for_one_component():
    count = 40_000
    torch.manual_seed(1)
    one = Gaussian(torch.tensor([[1.0, -0.5, 0.0]]), torch.tensor([[0.3, -1.0, 0.0]]))
    many = one.apply(lambda tensor: tensor.double().expand(count, -1))
    noise = torch.randn(count, 3, dtype=torch.float64)
    _, exact = draw(many, STANDARD, noise)
    _, estimated = draw(many, ONE, noise)
    assert abs(estimated.mean() - exact[0]) < 3 * estimated.std() / count**0.5
    _, estimated = draw(many, TWO, noise)
    log_weights, means, widths = TWO.components()
    variances = (2 * widths).exp()
    q_mean, q_variance = one.mean.double(), one.log_variance.double().exp()
    divergences = 0.5 * (
        (q_variance + (q_mean - means) ** 2) / variances - 1 - (q_variance / variances).log()
    ).sum(-1)
    bound = -(log_weights - divergences).logsumexp(0)
    assert 0 < estimated.mean() < bound


def vamp_model(count):
    torch.manual_seed(1)
    lengths = {"vamp_length": 4.0, "vamp_length_deviation": 0.0}
    config = MODEL.replace(prior="vamp", vamp_components=count, **lengths)
    return TextVAE(config, 8).eval()


@torch.no_grad()
def test_vamp_of_the_sentence_itself_has_a_rate_of_0():
    model, batch = vamp_model(1), pack([np.array([4, 2, 3])])
    model.prior.inputs.copy_(model.embedding(batch.words))
    _, rates = model.draw(model.encode(batch), torch.randn(1, 4))
    assert rates.item() == pytest.approx(0, abs=1e-5)


@torch.no_grad()
def test_vamp_is_the_mixture_of_the_posteriors_of_its_inputs():
    model = vamp_model(2)
    components = model.prior.posteriors()
    z = torch.randn(6, 4)
    expected = components.pairwise_log_prob(z).logsumexp(1) - math.log(2)
    torch.testing.assert_close(model.prior.log_prob(z), expected)
    # Rows of equal length are stored step by step.
    model.prior.inputs[1::2] = model.prior.inputs[::2]
    model.eval()
    same = model.prior.posteriors().apply(lambda tensor: tensor[:1].expand(6, -1))
    torch.testing.assert_close(model.prior.log_prob(z), same.log_prob(z))


@torch.no_grad()
def test_density_of_narrow_posteriors_far_from_0_is_exact():
    """In float32 the squares of z and of the means are 1e6 times their squared difference."""
    model = vamp_model(2)
    model.posterior.mean.bias.fill_(100)
    model.posterior.log_variance.bias.fill_(-4)
    components = model.prior.posteriors()
    z = components.sample(torch.randn(2, 4))
    exact = components.apply(Tensor.double).pairwise_log_prob(z.double()).logsumexp(1) - math.log(2)
    torch.testing.assert_close(model.prior.log_prob(z).double(), exact, rtol=1e-3, atol=1e-3)


@torch.no_grad()
def test_vamp_follows_the_weights_of_the_encoder():
    model, z = vamp_model(2), torch.randn(3, 4)
    before = model.prior.log_prob(z)
    # Not encoded again in evaluation, but after every training and loading.
    assert model.prior.posteriors() is model.prior.posteriors()
    state = {name: 2 * value for name, value in model.state_dict().items()}
    model.load_state_dict(state)
    after = model.prior.log_prob(z)
    assert not after.allclose(before)
    model.train()
    model.encoder.recurrence.weight_hh_l0.mul_(0.5)
    model.eval()
    assert not model.prior.log_prob(z).allclose(after)
    assert not any(name.startswith("prior.") and "inputs" not in name for name in state)


def test_pseudo_inputs_have_their_mean_length_and_scale():
    inputs = TextVAE(MODEL.replace(prior="vamp", vamp_components=40), 8).prior.inputs
    assert len(inputs) == pytest.approx(40 * 12, abs=4)
    # Glorot-uniform: longer ones have a smaller bound.
    assert inputs.abs().max() < (6 / (MODEL.architecture.embedding + 1)) ** 0.5
    assert inputs.var().item() == pytest.approx(2 / (12 + 6), rel=0.1)


def test_path_of_the_standard_prior_is_the_straight_line_of_the_noise():
    model = TextVAE(MODEL.replace(latent=10), 8).eval()
    ends = line_ends(200, 10, seed=3)
    for count in (2, 7, 12):
        np.testing.assert_array_equal(codes_between(model, ends, count), points(ends, count))


@pytest.mark.parametrize("prior", ["gaussian-mixture", "real-nvp"])
def test_learnt_prior_is_fitted_to_the_codes_whatever_the_objective(prior):
    """With weight w of R, the codes have w times their gradient, the prior that of weight 1."""
    torch.manual_seed(1)
    few = {"mixture_components": 3, "flow_hidden": 5}
    config = type(MODEL).resolve(MODEL.model_dump() | few | {"prior": prior})
    model = TextVAE(config, 8)
    for parameter in model.prior.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    z = torch.randn(5, 4, requires_grad=True)

    def gradients(training, weight):
        model.train(training)
        loss = -weight * model.prior.log_prob(z).mean()
        return torch.autograd.grad(loss, [z, *model.prior.parameters()])

    plain = gradients(training=False, weight=1)
    for weight in (1, -0.5, 0):
        code, *own = gradients(training=True, weight=weight)
        torch.testing.assert_close(code, weight * plain[0])
        for found, expected in zip(own, plain[1:], strict=True):
            torch.testing.assert_close(found, expected)
