"""The slope -dD/dR along the width of the posterior."""

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
from textvae.models.inference import draw_noise
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from textvae.models.priors.standard_normal import StandardNormal
from textvae.models.rate import draw
from tiny import CPU

SENTENCES = random_sentences(40)
UNDEFINED = {"slope": None, "slope_standard_error": None}


def narrow_model():
    """Return a model with posteriors narrower than the prior, as after training."""
    trained = lively_model()
    with torch.no_grad():
        trained.model.posterior.log_variance.bias.sub_(1.5)
    return trained


def linear_channel(beta: float, weight: float = 3.0):
    """Return a model with D = weight |z - mean|^2 / 2 and the width that minimises D + beta R.

    At a width s^2, D is weight s^2 / 2 and R is (s^2 - 1 - log s^2) / 2 a dimension, so the minimum
    is at s^2 = beta / (beta + weight).
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
def test_slope_at_the_best_width_is_beta(beta):
    values = measure(linear_channel(beta), random_sentences(1000), SlopeSettings()).values
    assert abs(values["slope"] - beta) < 3 * values["slope_standard_error"]
    # dD has the noise of a squared normal, of variance 2, in each dimension of each sentence.
    error = beta * math.sqrt(2 / (LATENT * 1000))
    assert values["slope_standard_error"] == pytest.approx(error, rel=0.1)


@pytest.mark.parametrize("budget", [15, 10**6])
def test_slope_equals_that_of_one_sentence_at_a_time(monkeypatch, budget):
    """In float64, both widths with the same noise."""
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", budget)
    trained = narrow_model()
    alone, noise = OneByOne(trained.model), draw_noise(40, LATENT, 3)
    unit = torch.distributions.Normal(0.0, 1.0)
    distortion, rate = np.zeros(40), np.zeros(40)
    for i, sentence in enumerate(SENTENCES):
        posterior = alone.posterior(sentence)
        for sign in (1, -1):
            deviation = posterior.stddev * math.exp(sign * SHIFT / 2)
            wider = torch.distributions.Normal(posterior.mean, deviation)
            z = wider.mean + wider.stddev * noise[i]
            distortion[i] += sign * alone.distortion(sentence, z)
            rate[i] += sign * torch.distributions.kl_divergence(wider, unit).sum().item()
    expected = -distortion.sum() / rate.sum()
    values = measure(trained, SENTENCES, SlopeSettings(noise_seed=3)).values
    assert values["slope"] == pytest.approx(expected, rel=1e-3)
    error = np.std(distortion + expected * rate, ddof=1) / abs(rate.mean()) / math.sqrt(40)
    assert values["slope_standard_error"] == pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize(("width", "defined"), [(1.0, False), (0.999, False), (0.9, True)])
def test_slope_of_a_collapsed_posterior_is_undefined(width, defined):
    """4 dimensions change by SHIFT * (1 - width^2) each: by 8e-5 nats in total at 0.999."""
    trained = lively_model()
    with torch.no_grad():
        for layer in (trained.model.posterior.mean, trained.model.posterior.log_variance):
            layer.weight.zero_()
            layer.bias.zero_()
        trained.model.posterior.log_variance.bias.fill_(2 * math.log(width))
    result = measure(trained, SENTENCES, SlopeSettings())
    assert (result.values != UNDEFINED) == defined
    # It is not the sentences that lack a slope.
    assert ("the rate does not change" in result.notes.get("slope", "")) != defined


@pytest.mark.parametrize(("offset", "defined"), [(0.14, False), (0.17, True)])
def test_slope_is_undefined_if_the_rate_changes_by_less_than_three_errors(offset, defined):
    """Sentences have wide and narrow posteriors in turn."""
    trained = linear_channel(1.0)
    signs = torch.tensor([1.0, -1.0])

    def encode(batch):
        mean = torch.zeros(len(batch), LATENT)
        # The rate changes by (s^2 - 1) / 2 a dimension and unit of log s^2.
        square = 1 + offset + 0.5 * batch.arrange(signs.repeat(len(batch) // 2))
        return Gaussian(mean, square.log()[:, None].expand(-1, LATENT))

    trained.model.encode = encode
    sentences = Sentences.of([[2, 3]] * 100)
    _, rate = changes(trained.model, sentences, seed=1)
    assert rate.mean() == pytest.approx(SHIFT * offset * LATENT, rel=0.01)
    assert (measure(trained, sentences, SlopeSettings()).values != UNDEFINED) == defined


def test_ratio_by_hand():
    """D rises by 0.2 and 0.4 where R falls by 0.1 and 0.3: 0.6 for 0.4.

    The changes of D differ from 1.5 times those of R by 0.05 and -0.05: their mean has the error
    0.05, for a mean change of 0.2 in R.
    """
    slope, error = ratio(np.array([0.2, 0.4]), np.array([-0.1, -0.3]))
    assert slope == pytest.approx(1.5)
    assert error == pytest.approx(0.25)


def test_sentences_are_a_random_sample():
    trained, sentences = narrow_model(), random_sentences(60)
    sample = sentences.take(sentences.sample(25, 5))
    values = measure(trained, sentences, SlopeSettings(sentences=25, noise_seed=5)).values
    assert values == measure(trained, sample, SlopeSettings(noise_seed=5)).values
    assert values != measure(trained, sentences, SlopeSettings(noise_seed=5)).values
