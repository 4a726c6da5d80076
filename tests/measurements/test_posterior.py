"""Statistics of the aggregated posterior: by hand, by loops, and of known Gaussians."""

import math

import numpy as np
import pytest
import torch

from one_by_one import LATENT, OneByOne, lively_model, random_sentences
from textvae import bootstrap
from textvae.measurements import posterior
from textvae.measurements.posterior import PosteriorSettings, moments
from textvae.models import batches
from textvae.models.active_units import active_units, soft_active_units
from textvae.models.inference import draw_noise, posteriors
from textvae.models.parts import Moments


def measure(*arguments):
    return posterior.measure(*arguments).values


def test_moments_by_hand():
    # Means 2 and 2; with N - 1 the variances are 8 / 2 and 6 / 2, the covariance (2 + 0 + 4) / 2.
    values = moments(np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]]))
    assert values == {
        "logdetcov": pytest.approx(math.log(4 * 3 - 3 * 3)),
        "mean_sq_norm": pytest.approx(4 + 4),
        "moment_matched_kl": pytest.approx(0.5 * (4 + 3 + 8 - 2 - math.log(3))),
        # digamma(1) + digamma(1 / 2) + 2 log(2 / 2), with Euler's constant.
        "logdetcov_bias": pytest.approx(-2 * np.euler_gamma - 2 * math.log(2)),
        "mean_sq_norm_floor": pytest.approx((4 + 3) / 3),
        "moment_matched_kl_bias": pytest.approx((7 / 3 + 2 * np.euler_gamma + 2 * math.log(2)) / 2),
    }
    # The norm of the mean, not the mean of the norms.
    assert moments(np.array([[3.0], [-3.0], [3.0], [-3.0]]))["mean_sq_norm"] == 0


@pytest.mark.parametrize("count", [8, 100])
def test_biases_are_those_of_gaussian_codes(count):
    """Means over 3,000 samples in 6 dimensions; of 8 codes twice -d (d + 1) / (2 N)."""
    draw = np.random.default_rng(7)
    scale = np.diag([1.0, 2.0, 0.5, 1.0, 3.0, 1.0])
    several = [moments(draw.standard_normal((count, 6)) @ scale) for _ in range(3000)]
    mean = {name: np.mean([one[name] for one in several]) for name in several[0]}
    # The log-determinant and the KL of N(0, diag(1, 4, 0.25, 1, 9, 1)) to N(0, I).
    logdet = 2 * math.log(3)
    divergence = (16.25 - 6 - logdet) / 2
    error = np.std([one["logdetcov"] for one in several]) / math.sqrt(3000)
    assert mean["logdetcov"] - mean["logdetcov_bias"] == pytest.approx(logdet, abs=4 * error)
    error = np.std([one["moment_matched_kl"] for one in several]) / math.sqrt(3000)
    unbiased = mean["moment_matched_kl"] - mean["moment_matched_kl_bias"]
    assert unbiased == pytest.approx(divergence, abs=4 * error)


@pytest.mark.parametrize("gaussian", [True, False])
def test_codes_of_a_correlated_prior_have_its_determinant(gaussian):
    """LogDetCov is 0, up to its bias; the KL is one only where the prior is Gaussian."""
    mix = np.array([[1.0, 0.9, 0.0], [0.0, 0.5, 0.3], [0.0, 0.0, 2.0]])
    prior = Moments(np.array([3.0, 0.0, -1.0]), mix.T @ mix, gaussian)
    codes = np.random.default_rng(3).standard_normal((200_000, 3)) @ mix + prior.mean
    values = moments(prior.scaled(codes), prior.correlation)
    # The determinant of three variances has a standard error of sqrt(2 * 3 / N).
    assert values["logdetcov"] == pytest.approx(0, abs=0.02)
    assert values["mean_sq_norm"] == pytest.approx(0, abs=1e-4)
    half = moments(prior.scaled((codes - prior.mean) / 2), prior.correlation)
    assert half["logdetcov"] == pytest.approx(-3 * math.log(4), abs=0.02)
    for name in ("moment_matched_kl", "moment_matched_kl_bias"):
        assert math.isnan(values[name]) != gaussian
    if gaussian:
        assert values["moment_matched_kl"] == pytest.approx(0, abs=1e-3)


def test_determinant_below_the_smallest_float_has_a_logarithm():
    z = 1e-6 * np.random.default_rng(4).standard_normal((5000, 64))
    assert np.linalg.det(np.cov(z.T)) == 0
    assert moments(z)["logdetcov"] == pytest.approx(2 * 64 * math.log(1e-6), abs=1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [2, 4, 5])
def test_singular_covariance_has_no_determinant(count):
    """Of at most as many codes as dimensions, or of a constant dimension."""
    values = moments(np.random.default_rng(5).standard_normal((count, 4)))
    assert math.isnan(values["logdetcov"]) == math.isnan(values["moment_matched_kl"]) == (count < 5)
    assert math.isfinite(values["mean_sq_norm"])
    z = np.random.default_rng(6).standard_normal((20, 3))
    z[:, 1] = 0.5
    assert math.isnan(moments(z)["logdetcov"])


def test_active_units_by_hand():
    # Variances of 0.01 with N - 1 (0.0067 with N), slightly less, and 0.
    means = np.array([[-0.1, -0.099, 7.0], [0.0, 0.0, 7.0], [0.1, 0.099, 7.0]])
    assert active_units(means) == 1
    assert active_units(10 * means) == 2
    # .01 / .02, .009801 / .019801 and 0.
    assert soft_active_units(means) == pytest.approx(0.5 + 0.009801 / 0.019801)


def test_values_equal_those_of_loops(monkeypatch):
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", 40)
    trained, sentences = lively_model(), random_sentences(50)
    values = measure(trained, sentences, PosteriorSettings(draws=3, noise_seed=9))
    alone = OneByOne(trained.model)
    posteriors = [alone.posterior(sentence) for sentence in sentences]
    logdets, norms, kls = [], [], []
    for draw in range(3):
        noise = draw_noise(50, LATENT, 9, draw)
        z = torch.stack([q.mean + q.stddev * noise[i] for i, q in enumerate(posteriors)])
        mean = z.mean(0)
        covariance = sum(torch.outer(row - mean, row - mean) for row in z) / 49
        logdets.append(torch.linalg.eigvalsh(covariance).log().sum().item())
        norms.append((mean**2).sum().item())
        trace = covariance.diagonal().sum().item()
        kls.append(0.5 * (trace + norms[-1] - LATENT - logdets[-1]))
    assert values["logdetcov"] == pytest.approx(np.mean(logdets), abs=1e-5)
    assert values["mean_sq_norm"] == pytest.approx(np.mean(norms), rel=1e-5)
    assert values["moment_matched_kl"] == pytest.approx(np.mean(kls), abs=1e-5)
    variances = torch.stack([q.mean for q in posteriors]).var(0)
    assert values["active_units"] == sum(variance >= 0.01 for variance in variances.tolist())


def collapsed_model():
    """Return a model whose posterior is the prior for every sentence."""
    trained = lively_model()
    with torch.no_grad():
        for layer in (trained.model.posterior.mean, trained.model.posterior.log_variance):
            layer.weight.zero_()
            layer.bias.zero_()
    return trained


def test_collapsed_posterior_has_no_active_units():
    trained, sentences = collapsed_model(), random_sentences(400)
    values = measure(trained, sentences, PosteriorSettings())
    assert values["active_units"] == 0
    assert values["moment_matched_kl"] == pytest.approx(values["moment_matched_kl_bias"], abs=0.02)
    # Variances that depend on the sentence do not make a unit active.
    with torch.no_grad():
        trained.model.posterior.log_variance.weight.fill_(0.5)
    assert measure(trained, sentences, PosteriorSettings())["active_units"] == 0


def test_replicates_equal_the_values_of_resampled_sentences(monkeypatch):
    monkeypatch.setattr(posterior, "CODES_AT_ONCE", 7)
    trained, sentences = lively_model(), random_sentences(50)
    values = measure(trained, sentences, PosteriorSettings(draws=2, noise_seed=9, bootstrap=4))
    replicates = values.pop("bootstrap")
    assert values == measure(trained, sentences, PosteriorSettings(draws=2, noise_seed=9))
    names = ("logdetcov", "mean_sq_norm", "moment_matched_kl")
    assert set(replicates) == {*names, "active_units"}
    found = posteriors(trained.model, sentences)
    codes = [found.sample(draw_noise(50, LATENT, 9, draw)).double().numpy() for draw in (0, 1)]
    for r, counts in enumerate(bootstrap.resamples(50, 4)):
        rows = np.repeat(np.arange(50), counts)
        of_draws = [moments(z[rows]) for z in codes]
        for name in names:
            expected = np.mean([one[name] for one in of_draws])
            assert replicates[name][r] == pytest.approx(expected, rel=1e-9)
    assert len(set(replicates["logdetcov"])) == 4


def test_resample_of_too_few_distinct_sentences_has_no_determinant():
    trained, sentences = lively_model(), random_sentences(LATENT + 4)
    replicates = measure(trained, sentences, PosteriorSettings(draws=1, bootstrap=50))["bootstrap"]
    distinct = [np.count_nonzero(counts) for counts in bootstrap.resamples(LATENT + 4, 50)]
    too_few = [number <= LATENT for number in distinct]
    assert 0 < sum(too_few) < 50
    assert np.isnan(replicates["logdetcov"]).tolist() == too_few
    assert np.isnan(replicates["moment_matched_kl"]).tolist() == too_few
    assert np.isfinite(replicates["mean_sq_norm"]).all()


@pytest.mark.parametrize("dimension", range(LATENT))
def test_replicates_of_active_units_near_the_threshold(monkeypatch, dimension):
    trained, sentences = lively_model(), random_sentences(50)
    means = posteriors(trained.model, sentences).mean.double().numpy()
    threshold = means[:, dimension].var(ddof=1)
    for name in ("textvae.measurements.posterior", "textvae.models.active_units"):
        monkeypatch.setattr(f"{name}.ACTIVE_VARIANCE", threshold)
    replicates = measure(trained, sentences, PosteriorSettings(draws=1, bootstrap=50))["bootstrap"]
    expected = [
        active_units(np.repeat(means, counts, axis=0)) for counts in bootstrap.resamples(50, 50)
    ]
    assert replicates["active_units"].tolist() == expected
    assert len(set(expected)) > 1
