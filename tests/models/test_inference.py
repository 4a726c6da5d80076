"""Encoding, sampling and distortion in batches of any size equal those of single sentences."""

import math
from contextlib import suppress

import numpy as np
import pytest
import torch

from one_by_one import LATENT, OneByOne, lively_model, random_sentences
from textvae.errors import InputError
from textvae.measurements import information, likelihood, posterior, rate_distortion, slope
from textvae.models import batches
from textvae.models.inference import draw_noise, posteriors, rates_and_distortions
from textvae.models.layers import check_finite

SENTENCES = random_sentences(60)


@pytest.fixture(scope="module")
def model():
    return lively_model().model


@pytest.mark.parametrize("tokens", [1, 40, 10**6])
def test_values_do_not_depend_on_batching(model, monkeypatch, tokens):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", tokens)
    values = rates_and_distortions(model, SENTENCES, seed=7)
    together = posteriors(model, SENTENCES)
    noise, oracle = draw_noise(len(SENTENCES), LATENT, 7), OneByOne(model)
    for i, sentence in enumerate(SENTENCES):
        q = oracle.posterior(sentence)
        torch.testing.assert_close(together.mean[i].double(), q.mean, rtol=1e-4, atol=1e-5)
        deviation = (0.5 * together.log_variance[i]).exp().double()
        torch.testing.assert_close(deviation, q.stddev, rtol=1e-4, atol=1e-5)
        costs = oracle.costs(sentence, q.mean + q.stddev * noise[i])
        # The cost of the end mark is included, and large enough to be noticed.
        assert costs[-1] > 0.01
        assert values.distortion[i] == pytest.approx(sum(costs), rel=1e-5)
        assert values.rate[i] == pytest.approx(oracle.rate(sentence), rel=1e-5)
    # Two exchanged sentences would be noticed.
    assert len(np.unique(values.distortion.round(3))) > 50
    assert values.distortion.dtype == values.rate.dtype == np.float64
    assert not together.mean.requires_grad


def test_noise_depends_on_its_seed_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    noise = draw_noise(1000, 20, 1)
    # torch's global generator, which trainings use, is not advanced.
    assert torch.rand(3).equal(expected)
    assert noise.shape == (1000, 20)
    assert draw_noise(1000, 20, 1).equal(noise)
    for seed in ((2,), (1, 1), (1, 2), (2, 1)):
        other = draw_noise(1000, 20, *seed)
        assert abs(np.corrcoef(noise.flatten(), other.flatten())[0, 1]) < 4 / 20_000**0.5
    # NumPy ignores a trailing zero: draw 0 is the draw from the seed alone.
    assert draw_noise(1000, 20, 1, 0).equal(noise)
    assert noise.mean().abs() < 4 / 20_000**0.5
    assert (noise.var() - 1).abs() < 4 * (2 / 20_000) ** 0.5


def test_one_value_that_is_not_finite_is_refused():
    check_finite("rate", np.zeros(3), np.ones(2))
    for wrong in (math.nan, math.inf, -math.inf):
        with pytest.raises(InputError, match=r"^rate .*not finite"):
            check_finite("rate", np.zeros(3), np.array([1.0, wrong]))


@pytest.mark.parametrize(
    "measurement", [information, likelihood, posterior, rate_distortion, slope]
)
@pytest.mark.parametrize("size", [1e4, -1e4, 3e38])
@pytest.mark.parametrize("part", ["mean", "log_variance"])
def test_measurements_of_extreme_weights_are_finite_or_refused(measurement, size, part):
    trained = lively_model()
    with torch.no_grad():
        getattr(trained.model.posterior, part).bias.fill_(size)
    with suppress(InputError):
        values = measurement.measure(trained, random_sentences(20), measurement.measure.Settings())
        # If all codes are equal, their covariance is singular.
        for name in ("logdetcov", "moment_matched_kl"):
            values.pop(name, None)
        assert all(value is None or math.isfinite(value) for value in values.values())
