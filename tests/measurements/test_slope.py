"""-dD/dR: what one more nat of rate would save, along the width of the posterior."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from one_by_one import LATENT, OneByOne, lively_model, random_sentences
from textvae.corpora.encoded import Sentences
from textvae.measurements.slope import SHIFT, SlopeSettings, changes, measure, ratio
from textvae.models import batches
from textvae.models.architecture import Architecture
from textvae.models.batches import pack
from textvae.models.inference import draw_noise
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.rate import draw
from tiny import CPU


def narrow_model():
    """Lively, with posteriors narrower than the prior, as training makes them."""
    trained = lively_model()
    with torch.no_grad():
        trained.model.posterior.log_variance.bias.sub_(1.5)
    return trained


def linear_channel(beta: float, weight: float = 3.0):
    """D = weight |z - mean|^2 / 2, at the width of the posterior that is best for D + beta R.

    Of a width s^2, D is weight s^2 / 2 and R is (s^2 - 1 - log s^2) / 2 a dimension, and their sum
    D + beta R is least at s^2 = beta / (beta + weight).
    """

    def encode(batch):
        mean = batch.order[:, None].expand(-1, LATENT) / len(batch)
        return Gaussian(mean, torch.full_like(mean, math.log(beta / (beta + weight))))

    prior = StandardNormal(Architecture(), None)
    return SimpleNamespace(
        model=SimpleNamespace(
            architecture=SimpleNamespace(latent=LATENT),
            device=CPU,
            draw=lambda posterior, noise: draw(posterior, prior, noise),
            encode=encode,
            distortion=lambda batch, z: weight / 2 * ((z - encode(batch).mean) ** 2).sum(-1),
        )
    )


@pytest.mark.parametrize("beta", [0.25, 1.0, 4.0])
def test_at_the_best_width_the_slope_is_beta(beta):
    """Where D + beta R is least, no exchange of the one for the other pays: -dD/dR = beta."""
    values = measure(linear_channel(beta), random_sentences(1000), SlopeSettings())
    assert abs(values["slope"] - beta) < 3 * values["slope_standard_error"]
    # dD has the noise of a squared normal, of variance 2, in each dimension of each sentence.
    error = beta * math.sqrt(2 / (LATENT * 1000))
    assert values["slope_standard_error"] == pytest.approx(error, rel=0.1)


def test_a_sentence_at_a_time(monkeypatch):
    """The two widths of each sentence by themselves, with the same noise, in float64."""
    trained, sentences = narrow_model(), random_sentences(40)
    alone, noise = OneByOne(trained.model), draw_noise(40, LATENT, 3)
    unit = torch.distributions.Normal(0.0, 1.0)
    distortion, rate = np.zeros(40), np.zeros(40)
    for i, sentence in enumerate(sentences):
        posterior = alone.posterior(sentence)
        for sign in (1, -1):
            wider = torch.distributions.Normal(
                posterior.mean, posterior.stddev * math.exp(sign * SHIFT / 2)
            )
            z = wider.mean + wider.stddev * noise[i]
            distortion[i] += sign * alone.distortion(sentence, z)
            rate[i] += sign * torch.distributions.kl_divergence(wider, unit).sum().item()
    expected = -distortion.sum() / rate.sum()
    for budget in (15, 10**6):
        monkeypatch.setattr(batches, "TOKENS_PER_BATCH", budget)
        values = measure(trained, sentences, SlopeSettings(noise_seed=3))
        assert values["slope"] == pytest.approx(expected, rel=1e-3)
        error = np.std(distortion + expected * rate, ddof=1) / abs(rate.mean()) / math.sqrt(40)
        assert values["slope_standard_error"] == pytest.approx(error, rel=1e-3)


def test_it_is_the_ratio_of_derivatives():
    """A step of the log-variances' bias is a step of all log-variances."""
    trained, sentences = narrow_model(), random_sentences(40)
    batch = pack(list(sentences))
    bias = trained.model.posterior.log_variance.bias
    terms = trained.model(batch, batch.arrange(draw_noise(40, LATENT, 2)), torch.float32)
    (dD,) = torch.autograd.grad(terms.distortion, bias, retain_graph=True)
    (dR,) = torch.autograd.grad(terms.rates.mean(), bias)
    values = measure(trained, sentences, SlopeSettings(noise_seed=2))
    assert values["slope"] == pytest.approx(-(dD.sum() / dR.sum()).item(), rel=1e-3)


def test_a_decoder_that_ignores_the_code_saves_nothing():
    trained = narrow_model()
    with torch.no_grad():
        trained.model.output.weight.zero_()
    values = measure(trained, random_sentences(40), SlopeSettings())
    assert values == {"slope": 0, "slope_standard_error": 0}


def collapsed_model(width: float):
    """All its posteriors are N(0, width^2)."""
    trained = lively_model()
    with torch.no_grad():
        for layer in (trained.model.posterior.mean, trained.model.posterior.log_variance):
            layer.weight.zero_()
            layer.bias.zero_()
        trained.model.posterior.log_variance.bias.fill_(2 * math.log(width))
    return trained


def test_a_collapsed_code_has_no_slope():
    """The rate of a posterior that is the prior changes by nothing, to first order."""
    nothing = {"slope": None, "slope_standard_error": None}
    assert measure(collapsed_model(1.0), random_sentences(40), SlopeSettings()) == nothing
    # Nearly so: 4 dimensions change by SHIFT * (1 - width^2) each, by 8e-5 nats all.
    assert measure(collapsed_model(0.999), random_sentences(40), SlopeSettings()) == nothing
    values = measure(collapsed_model(0.9), random_sentences(40), SlopeSettings())
    assert values["slope"] is not None


def test_a_rate_that_changes_by_chance_alone_has_no_slope():
    """Half the sentences have wide posteriors and half narrow ones: dR is 0 within its error."""
    trained = linear_channel(1.0)
    signs = torch.tensor([1.0, -1.0])

    def encode(batch):
        mean = torch.zeros(len(batch), LATENT)
        # The rate changes by (s^2 - 1) / 2 a dimension and unit of log s^2: up in one sentence,
        # down in the next, and in the mean by much less than from one to the other.
        square = 1.05 + 0.5 * batch.arrange(signs.repeat(len(batch) // 2))
        return Gaussian(mean, square.log()[:, None].expand(-1, LATENT))

    trained.model.encode = encode
    sentences = Sentences.of([[2, 3]] * 100)
    _, rate = changes(trained.model, sentences, seed=1)
    # 2 SHIFT (s^2 - 1) / 2 a dimension: seen, and within three standard errors of 0.
    assert rate.mean() == pytest.approx(0.01 * 0.05 * LATENT, rel=0.01)
    assert measure(trained, sentences, SlopeSettings())["slope"] is None


def test_the_ratio_by_hand():
    """D rises by 0.2 and 0.4 where R falls by 0.1 and 0.3: 0.6 for 0.4, which is 1.5.

    What 1.5 leaves of the changes of D, 0.05 and -0.05, deviates by sqrt(0.005), its mean by 0.05,
    for a mean change of 0.2 in R.
    """
    slope, error = ratio(np.array([0.2, 0.4]), np.array([-0.1, -0.3]))
    assert slope == pytest.approx(1.5)
    assert error == pytest.approx(0.25)


def test_the_error_is_that_of_repeated_samples():
    draw = np.random.default_rng(1)
    slopes, errors = [], []
    for _ in range(1000):
        rate = -1 + 0.3 * draw.standard_normal(100)
        slopes.append(ratio(-0.5 * rate + 0.2 * draw.standard_normal(100), rate))
    slopes, errors = np.array(slopes).T
    assert slopes.mean() == pytest.approx(0.5, abs=0.003)
    assert np.std(slopes) == pytest.approx(errors.mean(), rel=0.1)


def test_it_is_of_a_random_sample_of_sentences():
    trained, sentences = narrow_model(), random_sentences(60)
    sample = sentences.take(sentences.sample(25, 5))
    values = measure(trained, sentences, SlopeSettings(sentences=25, noise_seed=5))
    assert values == measure(trained, sample, SlopeSettings(noise_seed=5))
    assert values != measure(trained, sentences, SlopeSettings(noise_seed=5))
