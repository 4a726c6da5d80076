"""The aggregated posterior, by hand, by loops, and against Gaussians that are known."""

import math

import numpy as np
import pytest
import torch

from one_by_one import LATENT, OneByOne, lively_model, random_sentences
from textvae import bootstrap
from textvae.measurements import posterior
from textvae.measurements.posterior import PosteriorSettings, active_units, measure, moments
from textvae.models import batches
from textvae.models.inference import draw_noise, posteriors


def test_moments_by_hand():
    # Means 2 and 2; with N - 1 the variances are 8 / 2 and 6 / 2, the covariance (2 + 0 + 4) / 2.
    values = moments(np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]]))
    assert values["logdetcov"] == pytest.approx(math.log(4 * 3 - 3 * 3))
    assert values["mean_sq_norm"] == pytest.approx(4 + 4)
    assert values["mean_sq_norm_floor"] == pytest.approx((4 + 3) / 3)
    assert values["moment_matched_kl"] == pytest.approx(0.5 * (4 + 3 + 8 - 2 - math.log(3)))


def test_it_is_the_norm_of_the_mean_not_the_mean_of_the_norms():
    assert moments(np.array([[3.0], [-3.0], [3.0], [-3.0]]))["mean_sq_norm"] == 0


def test_the_kl_is_that_of_the_gaussian_with_these_moments():
    z = np.random.default_rng(1).standard_normal((50, 3)) @ np.diag([0.5, 1.0, 2.0]) + [1, 0, -1]
    matched = torch.distributions.MultivariateNormal(
        torch.tensor(z.mean(axis=0)), torch.tensor(np.cov(z.T))
    )
    prior = torch.distributions.MultivariateNormal(
        torch.zeros(3, dtype=torch.float64), torch.eye(3, dtype=torch.float64)
    )
    expected = torch.distributions.kl_divergence(matched, prior).item()
    assert moments(z)["moment_matched_kl"] == pytest.approx(expected, rel=1e-12)


N, DIMS, SAMPLES = 300, 8, 400


@pytest.fixture(scope="module")
def of_standard_normals():
    """Each value over many samples of N codes from N(0, I)."""
    random = np.random.default_rng(1)
    found = [moments(random.standard_normal((N, DIMS))) for _ in range(SAMPLES)]
    return {name: np.array([one[name] for one in found]) for name in found[0]}


@pytest.mark.parametrize(
    ("name", "truth", "bias"),
    [
        ("logdetcov", 0, -DIMS * (DIMS + 1) / (2 * N)),
        ("mean_sq_norm", 0, DIMS / N),
        ("moment_matched_kl", 0, DIMS * (DIMS + 3) / (4 * N)),
    ],
)
def test_of_a_standard_normal_each_is_off_by_its_bias(of_standard_normals, name, truth, bias):
    values = of_standard_normals[name]
    error = values.std(ddof=1) / math.sqrt(SAMPLES)
    assert abs(values.mean() - truth - bias) < 4 * error
    # The bias is there to be seen: without it the two would not agree.
    assert abs(values.mean() - truth) > 8 * error
    told = "mean_sq_norm_floor" if name == "mean_sq_norm" else f"{name}_bias"
    assert of_standard_normals[told].mean() == pytest.approx(bias, rel=0.01)


def test_with_many_sentences_a_standard_normal_is_the_prior():
    values = moments(np.random.default_rng(2).standard_normal((200_000, DIMS)))
    assert values["logdetcov"] == pytest.approx(0, abs=0.04)
    assert values["mean_sq_norm"] == pytest.approx(0, abs=3e-4)
    assert values["moment_matched_kl"] == pytest.approx(0, abs=1e-3)


def test_logdetcov_of_a_known_gaussian():
    mixing = 0.7 * (np.eye(DIMS) + 0.5 * np.tri(DIMS, k=-1))
    random = np.random.default_rng(3)
    found = np.array(
        [moments(5 + random.standard_normal((N, DIMS)) @ mixing.T)["logdetcov"] for _ in range(200)]
    )
    # The determinant of a triangle is the product of its diagonal; S has its square.
    truth, bias = 2 * DIMS * math.log(0.7), -DIMS * (DIMS + 1) / (2 * N)
    error = found.std(ddof=1) / math.sqrt(len(found))
    assert abs(found.mean() - truth - bias) < 4 * error


def test_a_determinant_too_small_for_a_float_has_a_logarithm():
    z = 1e-6 * np.random.default_rng(4).standard_normal((5000, 64))
    assert np.linalg.det(np.cov(z.T)) == 0
    assert moments(z)["logdetcov"] == pytest.approx(2 * 64 * math.log(1e-6), abs=1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("count", [2, 4])
def test_no_more_sentences_than_dimensions_have_no_determinant(count):
    values = moments(np.random.default_rng(5).standard_normal((count, 4)))
    assert math.isnan(values["logdetcov"])
    assert math.isnan(values["moment_matched_kl"])
    assert math.isfinite(values["mean_sq_norm"])


def test_a_dimension_that_never_varies_has_no_determinant():
    z = np.random.default_rng(6).standard_normal((20, 3))
    z[:, 1] = 0.5
    assert math.isnan(moments(z)["logdetcov"])


def test_active_units_by_hand():
    # Variances of 0.01 with N - 1 (0.0067 with N), a little less, and a large mean without any.
    means = np.array([[-0.1, -0.099, 7.0], [0.0, 0.0, 7.0], [0.1, 0.099, 7.0]])
    assert active_units(means) == 1
    assert active_units(10 * means) == 2


def test_all_of_it_by_loops(monkeypatch):
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


@pytest.fixture
def dead():
    """A model whose posterior is the prior, whatever the sentence."""
    trained = lively_model()
    with torch.no_grad():
        for layer in (trained.model.posterior.mean, trained.model.posterior.log_variance):
            layer.weight.zero_()
            layer.bias.zero_()
    return trained


def test_a_dead_code_has_no_active_unit_and_is_the_prior(dead):
    sentences = random_sentences(400)
    values = measure(dead, sentences, PosteriorSettings())
    assert values["active_units"] == 0
    assert values["moment_matched_kl"] == pytest.approx(values["moment_matched_kl_bias"], abs=0.02)
    # Variances that follow the sentence do not make a unit active, and yet they cost rate.
    with torch.no_grad():
        dead.model.posterior.log_variance.weight.fill_(0.5)
    assert measure(dead, sentences, PosteriorSettings())["active_units"] == 0


def test_replicates_are_the_values_of_sentences_drawn_again(monkeypatch):
    """Means over the draws of codes, as the values are."""
    monkeypatch.setattr(posterior, "_BLOCK", 7)
    trained, sentences = lively_model(), random_sentences(50)
    values = measure(trained, sentences, PosteriorSettings(draws=2, noise_seed=9, bootstrap=4))
    replicates = values.pop("bootstrap")
    assert values == measure(trained, sentences, PosteriorSettings(draws=2, noise_seed=9))
    names = ("logdetcov", "mean_sq_norm", "moment_matched_kl", "active_units")
    assert set(replicates) == set(names)
    found = posteriors(trained.model, sentences)
    codes = [found.sample(draw_noise(50, LATENT, 9, draw)).double().numpy() for draw in (0, 1)]
    for r, counts in enumerate(bootstrap.resamples(50, 4)):
        again = np.repeat(np.arange(50), counts)
        of_draws = [moments(z[again]) for z in codes]
        for name in names[:3]:
            expected = np.mean([one[name] for one in of_draws])
            assert replicates[name][r] == pytest.approx(expected, rel=1e-9)
        means = found.mean.double().numpy()[again]
        assert replicates["active_units"][r] == active_units(means)
    assert len(set(replicates["logdetcov"])) == 4


def test_replicates_lie_off_the_value_by_its_bias(dead):
    """To a resample the codes are the truth, and its own covariance is as biased as theirs is."""
    values = measure(dead, random_sentences(400), PosteriorSettings(draws=1, bootstrap=500))
    biases = {
        "logdetcov": values["logdetcov_bias"],
        "mean_sq_norm": values["mean_sq_norm_floor"],
        "moment_matched_kl": values["moment_matched_kl_bias"],
    }
    for name, bias in biases.items():
        off = values["bootstrap"][name] - values[name]
        error = off.std() / math.sqrt(len(off))
        assert abs(off.mean() - bias) < 4 * error
        assert abs(off.mean()) > 4 * error


def test_a_resample_of_too_few_different_sentences_has_no_determinant():
    trained, sentences = lively_model(), random_sentences(LATENT + 4)
    replicates = measure(trained, sentences, PosteriorSettings(draws=1, bootstrap=50))["bootstrap"]
    different = [np.count_nonzero(counts) for counts in bootstrap.resamples(LATENT + 4, 50)]
    too_few = [number <= LATENT for number in different]
    assert 0 < sum(too_few) < 50
    assert np.isnan(replicates["logdetcov"]).tolist() == too_few
    assert np.isnan(replicates["moment_matched_kl"]).tolist() == too_few
    assert np.isfinite(replicates["mean_sq_norm"]).all()


@pytest.mark.parametrize("dimension", range(LATENT))
def test_replicates_of_active_units_near_the_threshold(monkeypatch, dimension):
    """Where every second resample has one more of them."""
    trained, sentences = lively_model(), random_sentences(50)
    means = posteriors(trained.model, sentences).mean.double().numpy()
    monkeypatch.setattr(posterior, "ACTIVE_VARIANCE", means[:, dimension].var(ddof=1))
    replicates = measure(trained, sentences, PosteriorSettings(draws=1, bootstrap=50))["bootstrap"]
    expected = [
        active_units(np.repeat(means, counts, axis=0)) for counts in bootstrap.resamples(50, 50)
    ]
    assert replicates["active_units"].tolist() == expected
    assert len(set(expected)) > 1
