"""Encode, sample, price: in batches of any size the same as one sentence after the other."""

import numpy as np
import pytest
import torch

from one_by_one import LATENT, OneByOne, lively_model, random_sentences
from textvae.corpora.encoded import Sentences
from textvae.models import batches
from textvae.models.inference import draw_noise, posteriors, rates_and_distortions

SENTENCES = random_sentences(60)


@pytest.fixture(scope="module")
def model():
    return lively_model().model


@pytest.fixture(params=[1, 40, 10**6], ids=["alone", "few", "all"])
def batching(request, monkeypatch):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", request.param)


def test_each_sentence_costs_what_it_costs_alone(model, batching):
    sent = rates_and_distortions(model, SENTENCES, seed=7)
    noise = draw_noise(len(SENTENCES), LATENT, 7)
    alone = OneByOne(model)
    for i, sentence in enumerate(SENTENCES):
        posterior = alone.posterior(sentence)
        z = posterior.mean + posterior.stddev * noise[i]
        assert sent.distortion[i] == pytest.approx(alone.distortion(sentence, z), rel=1e-5)
        assert sent.rate[i] == pytest.approx(alone.rate(sentence), rel=1e-5)
    # The test would see two sentences change places.
    assert len(np.unique(sent.distortion.round(3))) > 50
    assert sent.distortion.dtype == sent.rate.dtype == np.float64


def test_posteriors_are_in_the_order_of_the_split(model, batching):
    together = posteriors(model, SENTENCES)
    alone = OneByOne(model)
    for i, sentence in enumerate(SENTENCES):
        expected = alone.posterior(sentence)
        torch.testing.assert_close(together.mean[i].double(), expected.mean, rtol=1e-4, atol=1e-5)
        deviation = (0.5 * together.log_variance[i]).exp().double()
        torch.testing.assert_close(deviation, expected.stddev, rtol=1e-4, atol=1e-5)
    assert not together.mean.requires_grad


def test_the_end_mark_is_paid_for(model):
    sent = rates_and_distortions(model, SENTENCES, seed=7)
    noise = draw_noise(len(SENTENCES), LATENT, 7)
    alone = OneByOne(model)
    for i, sentence in enumerate(SENTENCES):
        posterior = alone.posterior(sentence)
        *words, end = alone.prices(sentence, posterior.mean + posterior.stddev * noise[i])
        assert end > 0.01
        assert sent.distortion[i] - sum(words) == pytest.approx(end, abs=1e-3)


def test_the_code_is_drawn_from_the_posterior(model):
    """Over many draws the standardised codes are standard normal, and the distortion varies."""
    sentences = Sentences.of([[3, 9, 4]] * 2000)
    posterior = posteriors(model, sentences)
    z = posterior.sample(draw_noise(2000, LATENT, 3))
    expected = OneByOne(model).posterior([3, 9, 4])
    standardised = (z.double() - expected.mean) / expected.stddev
    assert standardised.mean(0).abs().max() < 4 / 2000**0.5
    assert (standardised.var(0) - 1).abs().max() < 4 * (2 / 2000) ** 0.5
    assert rates_and_distortions(model, sentences, seed=3).distortion.std() > 0.1


def test_noise_follows_from_its_seed():
    noise = draw_noise(1000, 20, 1)
    assert noise.shape == (1000, 20)
    torch.testing.assert_close(noise, draw_noise(1000, 20, 1), rtol=0, atol=0)
    others = [draw_noise(1000, 20, *seed) for seed in ((2,), (1, 1), (1, 2), (2, 1))]
    for other in others:
        correlation = np.corrcoef(noise.flatten(), other.flatten())[0, 1]
        assert abs(correlation) < 4 / 20_000**0.5
    # A trailing zero is nothing: draw 0 of the posterior's codes is that of rate and distortion.
    assert draw_noise(1000, 20, 1, 0).equal(noise)
    assert noise.mean().abs() < 4 / 20_000**0.5
    assert (noise.var() - 1).abs() < 4 * (2 / 20_000) ** 0.5


def test_noise_leaves_the_generator_of_a_training_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    draw_noise(100, 3, 1)
    assert torch.rand(3).equal(expected)
