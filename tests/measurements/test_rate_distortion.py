"""D and R: means over sentences of what one sampled code costs, in nats."""

import math

import numpy as np
import pytest
import torch

from one_by_one import LATENT, VOCABULARY, OneByOne, lively_model, random_sentences
from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.measurements.bound import Source
from textvae.measurements.rate_distortion import RateDistortionSettings, measure
from textvae.models import batches
from textvae.models.inference import draw_noise, rates_and_distortions


@pytest.fixture
def indifferent():
    """Says every word with equal probability; the posterior is N(1, 4) in each dimension."""
    trained = lively_model()
    with torch.no_grad():
        for layer in (trained.model.output, trained.model.posterior.mean):
            layer.weight.zero_()
            layer.bias.zero_()
        trained.model.posterior.mean.bias.fill_(1)
        trained.model.posterior.log_variance.weight.zero_()
        trained.model.posterior.log_variance.bias.fill_(math.log(4))
    return trained


def test_by_hand(indifferent):
    # 3 words and 1: 4 and 2 tokens with the end mark. A sentence is a sentence: the mean over
    # tokens, or over sentences without their ends, would be something else.
    values = measure(indifferent, Sentences.of([[5, 3, 9], [2]]), RateDistortionSettings())
    word = math.log(len(VOCABULARY))
    assert values["distortion_nats"] == pytest.approx(3 * word, rel=1e-6)
    # Deviation of (4, 2) words with N - 1: sqrt(2) words; of their mean: 1 word.
    assert values["distortion_standard_error"] == pytest.approx(word, rel=1e-6)
    # KL(N(1, 4) || N(0, 1)) = (4 + 1 - 1 - log 4) / 2 a dimension.
    assert values["rate_nats"] == pytest.approx(LATENT * (4 - math.log(4)) / 2, rel=1e-6)
    assert values["rate_standard_error"] == pytest.approx(0, abs=1e-6)


def test_means_over_sentences_however_they_fall_into_batches(monkeypatch):
    trained, sentences = lively_model(), random_sentences(50)
    measured = []
    for budget in (15, 10**6):
        monkeypatch.setattr(batches, "TOKENS_PER_BATCH", budget)
        measured.append(measure(trained, sentences, RateDistortionSettings(noise_seed=4)))
    alone, noise = OneByOne(trained.model), draw_noise(50, LATENT, 4)
    distortion, rate = [], []
    for i, sentence in enumerate(sentences):
        posterior = alone.posterior(sentence)
        z = posterior.mean + posterior.stddev * noise[i]
        distortion.append(alone.distortion(sentence, z))
        rate.append(alone.rate(sentence))
    for values in measured:
        assert values["distortion_nats"] == pytest.approx(np.mean(distortion), rel=1e-5)
        assert values["rate_nats"] == pytest.approx(np.mean(rate), rel=1e-5)
        error = np.std(distortion, ddof=1) / math.sqrt(50)
        assert values["distortion_standard_error"] == pytest.approx(error, rel=1e-4)


def test_the_seed_decides_the_codes_and_so_the_distortion_alone():
    trained, sentences = lively_model(), random_sentences(50)
    one, again, other = (
        measure(trained, sentences, RateDistortionSettings(noise_seed=seed)) for seed in (1, 1, 2)
    )
    assert one == again
    assert other["distortion_nats"] != one["distortion_nats"]
    assert other["rate_nats"] == one["rate_nats"]


def test_beside_a_known_source_the_excess_is_paired():
    trained, sentences = lively_model(), random_sentences(50)
    log_p = -np.linspace(1, 9, 50)
    values = measure(trained, sentences, RateDistortionSettings(), Source(5.25, log_p))
    sent = rates_and_distortions(trained.model, sentences, seed=1)
    excess = sent.distortion + sent.rate + log_p
    assert values["entropy_nats"] == 5.25
    assert values["bound_excess_nats"] == pytest.approx(excess.mean())
    assert values["bound_excess_standard_error"] == pytest.approx(excess.std(ddof=1) / 50**0.5)
    assert "bound_excess_nats" not in measure(trained, sentences, RateDistortionSettings())


def test_replicates_spread_as_the_standard_error_tells():
    trained, sentences = lively_model(), random_sentences(50)
    values = measure(trained, sentences, RateDistortionSettings(bootstrap=1000))
    replicates = values.pop("bootstrap")
    assert values == measure(trained, sentences, RateDistortionSettings())
    assert set(replicates) == {"distortion_nats", "rate_nats"}
    for name in ("distortion", "rate"):
        found, error = replicates[f"{name}_nats"], values[f"{name}_standard_error"]
        assert found.mean() == pytest.approx(values[f"{name}_nats"], abs=5 * error / 1000**0.5)
        assert found.std() == pytest.approx(error, rel=0.1)


def test_replicates_are_means_over_sentences_drawn_again():
    trained, sentences = lively_model(), random_sentences(50)
    replicates = measure(trained, sentences, RateDistortionSettings(bootstrap=3))["bootstrap"]
    sent = rates_and_distortions(trained.model, sentences, seed=1)
    for r, counts in enumerate(bootstrap.resamples(50, 3)):
        distortion = np.repeat(sent.distortion, counts).mean()
        assert replicates["distortion_nats"][r] == pytest.approx(distortion)
        assert replicates["rate_nats"][r] == pytest.approx(np.repeat(sent.rate, counts).mean())
