"""Distortion, rate and greedy reconstruction, against one sentence at a time."""

import math

import numpy as np
import pytest
import torch

from one_by_one import LATENT, VOCABULARY, OneByOne, lively_model, random_sentences
from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.measurements import reconstruction
from textvae.measurements.bound import Source
from textvae.measurements.overlap import overlap_by_bucket
from textvae.measurements.rate_distortion import RateDistortionSettings, measure
from textvae.measurements.reconstruction import ReconstructionSettings, reconstruct
from textvae.models import batches, decoding
from textvae.models.inference import draw_noise, rates_and_distortions

SENTENCES = random_sentences(50)
MAX_LENGTH = int(SENTENCES.lengths.max())


@pytest.fixture
def trained():
    return lively_model()


def test_rate_and_distortion_by_hand(trained):
    """Every word is equally likely, and the posterior is N(1, 4) in each dimension."""
    with torch.no_grad():
        for layer in (trained.model.output, trained.model.posterior.mean):
            layer.weight.zero_()
            layer.bias.zero_()
        trained.model.posterior.mean.bias.fill_(1)
        trained.model.posterior.log_variance.weight.zero_()
        trained.model.posterior.log_variance.bias.fill_(math.log(4))
    # 4 and 2 tokens with the end mark: a mean over sentences, not over tokens.
    values = measure(trained, Sentences.of([[5, 3, 9], [2]]), RateDistortionSettings())
    word = math.log(len(VOCABULARY))
    assert values["distortion_nats"] == pytest.approx(3 * word, rel=1e-6)
    # The deviation of 4 and 2 words is sqrt(2) words, that of their mean 1 word.
    assert values["distortion_standard_error"] == pytest.approx(word, rel=1e-6)
    # KL(N(1, 4) || N(0, 1)) = (4 + 1 - 1 - log 4) / 2 a dimension.
    assert values["rate_nats"] == pytest.approx(LATENT * (4 - math.log(4)) / 2, rel=1e-6)
    assert values["rate_standard_error"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("budget", [15, 10**6])
def test_rate_and_distortion_equal_those_of_sentences_alone(trained, monkeypatch, budget):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", budget)
    values = measure(trained, SENTENCES, RateDistortionSettings(noise_seed=4))
    alone, noise = OneByOne(trained.model), draw_noise(50, LATENT, 4)
    distortion, rate = [], []
    for i, sentence in enumerate(SENTENCES):
        posterior = alone.posterior(sentence)
        z = posterior.mean + posterior.stddev * noise[i]
        distortion.append(alone.distortion(sentence, z))
        rate.append(alone.rate(sentence))
    for name, costs in (("distortion", distortion), ("rate", rate)):
        assert values[f"{name}_nats"] == pytest.approx(np.mean(costs), rel=1e-5)
        error = np.std(costs, ddof=1) / math.sqrt(50)
        assert values[f"{name}_standard_error"] == pytest.approx(error, rel=1e-4)


def test_source_adds_entropy_and_paired_excess(trained):
    log_p = -np.linspace(1, 9, 50)
    plain = measure(trained, SENTENCES, RateDistortionSettings())
    costs = rates_and_distortions(trained.model, SENTENCES, seed=1)
    excess = costs.distortion + costs.rate + log_p
    assert measure(trained, SENTENCES, RateDistortionSettings(), Source(5.25, log_p)) == plain | {
        "entropy_nats": 5.25,
        "bound_excess_nats": pytest.approx(excess.mean()),
        "bound_excess_standard_error": pytest.approx(excess.std(ddof=1) / 50**0.5),
    }
    assert "bound_excess_nats" not in plain


def test_replicates_are_means_over_resampled_sentences(trained):
    values = measure(trained, SENTENCES, RateDistortionSettings(bootstrap=3))
    replicates = values.pop("bootstrap")
    assert values == measure(trained, SENTENCES, RateDistortionSettings())
    assert set(replicates) == {"distortion_nats", "rate_nats"}
    costs = rates_and_distortions(trained.model, SENTENCES, seed=1)
    for r, counts in enumerate(bootstrap.resamples(50, 3)):
        distortion, rate = (np.repeat(each, counts) for each in (costs.distortion, costs.rate))
        assert replicates["distortion_nats"][r] == pytest.approx(distortion.mean())
        assert replicates["rate_nats"][r] == pytest.approx(rate.mean())


def test_reconstructions_equal_those_of_sentences_alone(trained, monkeypatch):
    """Decoded greedily from the mean of the posterior."""
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", 50)
    monkeypatch.setattr(decoding, "SENTENCES_PER_BATCH", 7)
    pairs = reconstruct(trained, SENTENCES)
    alone = OneByOne(trained.model)
    for sentence, (original, copy) in zip(SENTENCES, pairs, strict=True):
        assert original == VOCABULARY.decode(sentence)
        code = alone.posterior(sentence).mean
        assert copy == VOCABULARY.decode(alone.greedy(code, MAX_LENGTH + 1))
    assert len({tuple(copy) for _, copy in pairs}) > 10
    assert len({len(copy) for _, copy in pairs}) > 3
    unknown = reconstruct(trained, Sentences.of([[1, 5], [6, 1, 1]]))
    assert [original for original, _ in unknown] == [["<unk>", "w3"], ["w4", "<unk>", "<unk>"]]


@pytest.mark.parametrize(("bias", "length"), [(-100, MAX_LENGTH + 1), (100, 0)])
def test_reconstruction_without_end_or_words(trained, bias, length):
    """Cut after the longest sentence and its end, or empty, with scores of 0."""
    with torch.no_grad():
        trained.model.output.bias[0] = bias
    assert {len(copy) for _, copy in reconstruct(trained, SENTENCES)} == {length}
    values = reconstruction.measure(trained, SENTENCES, ReconstructionSettings()).values
    assert length or values["bleu2_all"] == values["rouge2_all"] == 0


def test_reconstruction_scores_and_replicates_are_of_the_pairs(trained):
    pairs = reconstruct(trained, SENTENCES)
    values = reconstruction.measure(trained, SENTENCES, ReconstructionSettings(bootstrap=5)).values
    replicates = values.pop("bootstrap")
    assert values == overlap_by_bucket(*zip(*pairs, strict=True))
    counts = ("sentences", "originals")
    assert set(replicates) == {name for name in values if not name.startswith(counts)}
    for r, counts in enumerate(bootstrap.resamples(50, 5)):
        resampled = [pairs[i] for i in np.repeat(np.arange(50), counts)]
        expected = overlap_by_bucket(*zip(*resampled, strict=True))
        for name in ("bleu2_bucket1", "rouge4_all"):
            assert replicates[name][r] == pytest.approx(expected[name])
    assert np.isnan(replicates["bleu2_bucket3"]).all()
