"""Importance-weighted NLL: against single weights, and against likelihoods that are known."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from one_by_one import LATENT, OneByOne, lively_model, random_sentences
from textvae.corpora.encoded import Sentences
from textvae.measurements.bound import Source
from textvae.measurements.likelihood import LikelihoodSettings, importance_weighted_nll, measure
from textvae.models import batches
from textvae.models.inference import draw_noise, encoded, rates_and_distortions

SENTENCES = random_sentences(30)
UNIT = Normal(torch.tensor(0.0, dtype=torch.float64), 1.0)


def nll(trained, sentences=SENTENCES, **settings):
    return importance_weighted_nll(trained, sentences, LikelihoodSettings(**settings))


def fixed_posterior(trained, mean, variance):
    """The same q(z|x) for every sentence."""
    with torch.no_grad():
        for layer, value in (
            (trained.model.posterior.mean, mean),
            (trained.model.posterior.log_variance, math.log(variance)),
        ):
            layer.weight.zero_()
            layer.bias.fill_(value)
    return trained


def deaf_decoder(trained):
    """p(x|z) = p(x): the weights of z in the decoder are 0."""
    with torch.no_grad():
        trained.model.decoder.recurrence.weight_ih_l0[:, -trained.model.architecture.latent :] = 0
    return trained


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("budget", [20, 10**6])
def test_weight_by_weight(monkeypatch, samples, budget):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", budget)
    trained = lively_model()
    found = nll(trained, samples=samples, noise_seed=8)
    alone = OneByOne(trained.model)
    for i, sentence in enumerate(SENTENCES):
        q = alone.posterior(sentence)
        weights = []
        for k in range(samples):
            z = q.mean + q.stddev * draw_noise(len(SENTENCES), LATENT, 8, k)[i]
            log_weight = (
                UNIT.log_prob(z).sum() - q.log_prob(z).sum() - alone.distortion(sentence, z)
            )
            weights.append(math.exp(log_weight))
        assert found[i] == pytest.approx(-math.log(sum(weights) / samples), abs=1e-4)


def test_with_one_code_it_is_the_distortion_and_a_sample_of_the_rate():
    """Draw 0 is the draw of rate-distortion: the two differ by log q(z|x) - log p(z) - R alone."""
    trained, sentences = lively_model(), random_sentences(3000)
    found = nll(trained, sentences, samples=1, noise_seed=2)
    sent = rates_and_distortions(trained.model, sentences, seed=2)
    difference = found - sent.distortion - sent.rate
    assert difference.std() > 0.5
    assert abs(difference.mean()) < 4 * difference.std(ddof=1) / math.sqrt(3000)


@pytest.mark.parametrize("samples", [1, 2, 7])
def test_a_code_that_nobody_uses_leaves_the_distortion(samples):
    """Where q is p and the decoder is deaf, every weight is p(x) itself."""
    trained = deaf_decoder(fixed_posterior(lively_model(), 0.0, 1.0))
    expected = rates_and_distortions(trained.model, SENTENCES, seed=1).distortion
    np.testing.assert_allclose(nll(trained, samples=samples), expected, atol=1e-4)


def test_rate_that_buys_nothing_is_seen_through():
    """A deaf decoder has -log p(x) = D whatever q is: the R in D + R is a gap that K closes."""
    trained = deaf_decoder(fixed_posterior(lively_model(), 0.4, 1.5))
    sent = rates_and_distortions(trained.model, SENTENCES, seed=1)
    assert sent.rate.mean() > 0.4
    many = nll(trained, samples=1000) - sent.distortion
    assert abs(many.mean()) < 0.02
    assert np.abs(many).max() < 0.2


@pytest.fixture(scope="module")
def one_dimension():
    """A model of one latent dimension, and -log p(x) of its sentences by integration over z."""
    trained = fixed_posterior(lively_model(latent=1), 0.3, 1.5)
    grid = torch.linspace(-8, 8, 401)
    log_p = torch.empty(len(SENTENCES), len(grid), dtype=torch.float64)
    for part, batch, _ in encoded(trained.model, SENTENCES):
        for g, z in enumerate(grid):
            distortion = trained.model.distortion(batch, z.expand(len(batch), 1))
            log_p[part, g] = batch.restore(-distortion).double()
    log_joint = log_p + UNIT.log_prob(grid.double())
    width = 16 / 400
    return trained, -(log_joint.logsumexp(1) + math.log(width)).numpy()


def test_it_comes_to_the_likelihood_itself(one_dimension):
    trained, exact = one_dimension
    found = nll(trained, samples=1000)
    np.testing.assert_allclose(found, exact, atol=0.25)
    assert found.mean() == pytest.approx(exact.mean(), abs=0.03)


def test_it_falls_towards_it_from_above(one_dimension):
    trained, exact = one_dimension
    gaps = [
        np.mean([nll(trained, samples=k, noise_seed=s) - exact for s in range(8)])
        for k in (1, 4, 16, 64)
    ]
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3] > -0.01


def test_a_sentence_far_too_unlikely_for_a_float_keeps_its_logarithm():
    found = nll(lively_model(), Sentences.of([[5] * 600, [6]]), samples=2)
    assert found[0] > 750  # exp(-750) is 0
    assert np.isfinite(found).all()


def test_the_report_of_a_sample_of_sentences():
    trained = lively_model()
    log_p = -np.linspace(1, 9, len(SENTENCES))
    settings = LikelihoodSettings(samples=2, sentences=10)
    values = measure(trained, SENTENCES, settings, Source(5.0, log_p))
    chosen = SENTENCES.sample(10, seed=settings.noise_seed)
    found = nll(trained, SENTENCES.take(chosen), samples=2)
    excess = found + log_p[chosen]
    assert values == {
        "iw_nll_nats": found.mean(),
        "iw_nll_standard_error": pytest.approx(found.std(ddof=1) / math.sqrt(10)),
        "iw_samples": 2,
        "iw_sentences": 10,
        "iw_bound_excess_nats": pytest.approx(excess.mean()),
        "iw_bound_excess_standard_error": pytest.approx(excess.std(ddof=1) / math.sqrt(10)),
    }
    assert "iw_bound_excess_nats" not in measure(trained, SENTENCES, settings)
