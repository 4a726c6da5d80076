"""Importance-weighted NLL, against single weights and exact likelihoods."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from one_by_one import LATENT, OneByOne, lively_model, random_sentences
from textvae.corpora.encoded import Sentences
from textvae.measurements import likelihood
from textvae.measurements.bound import Source
from textvae.measurements.likelihood import LikelihoodSettings, importance_weighted_nll, measure
from textvae.models import batches
from textvae.models.inference import draw_noise

SENTENCES = random_sentences(30)
UNIT = Normal(torch.tensor(0.0, dtype=torch.float64), 1.0)


def nll(trained, sentences=SENTENCES, **settings):
    return importance_weighted_nll(trained, sentences, LikelihoodSettings(**settings))


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("budget", [20, 10**6])
def test_nll_equals_that_of_one_weight_at_a_time(monkeypatch, samples, budget):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", budget)
    trained = lively_model()
    found = nll(trained, samples=samples, noise_seed=8)
    alone = OneByOne(trained.model)
    for i, sentence in enumerate(SENTENCES):
        q = alone.posterior(sentence)
        weights = []
        for k in range(samples):
            z = q.mean + q.stddev * draw_noise(len(SENTENCES), LATENT, 8, k)[i]
            log_ratio = UNIT.log_prob(z).sum() - q.log_prob(z).sum()
            weights.append(math.exp(log_ratio - alone.distortion(sentence, z)))
        assert found[i] == pytest.approx(-math.log(sum(weights) / samples), abs=1e-4)


def test_probability_below_the_smallest_float_has_a_logarithm():
    found = nll(lively_model(), Sentences.of([[5] * 600, [6]]), samples=2)
    assert found[0] > 750  # exp(-750) is 0
    assert np.isfinite(found).all()


def test_perplexity_that_is_no_finite_number_is_undefined(monkeypatch):
    """Not the largest number that there is."""
    of_each = np.full(30, 1e6)
    monkeypatch.setattr(likelihood, "importance_weighted_nll", lambda *_: of_each)
    result = measure(lively_model(), SENTENCES, LikelihoodSettings())
    assert result.values["iw_nll_nats"] == 1e6
    assert result.values["iw_perplexity"] is None
    assert "nats per token" in result.notes["iw_perplexity"]


def test_values_are_of_a_sample_of_sentences():
    trained = lively_model()
    log_p = -np.linspace(1, 9, len(SENTENCES))
    settings = LikelihoodSettings(samples=2, sentences=10)
    values = measure(trained, SENTENCES, settings, Source(5.0, log_p)).values
    chosen = SENTENCES.sample(10, seed=settings.noise_seed)
    found = nll(trained, SENTENCES.take(chosen), samples=2)
    excess = found + log_p[chosen]
    tokens = sum(len(SENTENCES[i]) + 1 for i in chosen)
    plain = {
        "iw_nll_nats": found.mean(),
        "iw_nll_standard_error": pytest.approx(found.std(ddof=1) / math.sqrt(10)),
        # Words, and an end mark for each sentence.
        "iw_perplexity": pytest.approx(math.exp(found.sum() / tokens)),
        "iw_samples": 2,
        "iw_sentences": 10,
    }
    assert values == plain | {
        "iw_bound_excess_nats": pytest.approx(excess.mean()),
        "iw_bound_excess_standard_error": pytest.approx(excess.std(ddof=1) / math.sqrt(10)),
    }
    assert measure(trained, SENTENCES, settings).values == plain
