"""Share of neighbouring codes that decode differently, and the direction of rising log p(x|z)."""

import copy
import math

import numpy as np
import pytest
import torch

from one_by_one import LATENT, lively_decoder, lively_model
from textvae.generation.codes import line_ends, points
from textvae.measurements import sensitivity
from textvae.measurements.sensitivity import (
    SensitivitySettings,
    directions,
    distinct_neighbours,
    measure,
)
from textvae.models import batches
from textvae.models.batches import pack
from textvae.models.decoding import greedy
from tiny import ENCODERS, MODEL

ENDS = 2 * line_ends(30, LATENT, seed=1)
CODES = ENDS[:, 0]
MAX_WORDS = 9
LINES = ("interpolation", "gradient_up", "gradient_down")


@pytest.fixture
def trained():
    return lively_model()


@pytest.fixture(params=ENCODERS)
def model(request):
    return lively_decoder(request.param)


def scale_weights_of_z(model, factor):
    """Multiply the decoder's weights of z by a factor."""
    with torch.no_grad():
        model.decoder.recurrence.weight_ih_l0[:, MODEL.architecture.embedding :].mul_(factor)


def test_distinct_neighbours_by_hand(monkeypatch, trained):
    """Seven codes have six pairs of neighbours; equal sentences further apart do not count."""
    lines = {
        "a a a a a a a": 0,
        "a b c d e f g": 6,
        "a b a b a b a": 6,
        "a a b c c c a": 3,
        "a a a a a a b": 1,
    }
    decoded = [[ord(word)] for line in lines for word in line.split()]
    monkeypatch.setattr(sensitivity, "greedy", lambda *args: decoded)
    shares, _ = distinct_neighbours(trained.model, np.zeros((5, 7, LATENT), np.float32), MAX_WORDS)
    np.testing.assert_allclose(shares, np.array(list(lines.values())) / 6)


def test_distinct_neighbours_equal_those_of_each_code_decoded_alone(trained):
    codes = points(ENDS, 5)
    together, cut = distinct_neighbours(trained.model, codes, MAX_WORDS)
    for line, share in zip(codes, together, strict=True):
        alone = [greedy(trained.model, torch.from_numpy(z[None]), MAX_WORDS)[0] for z in line]
        assert share == sum(alone[i] != alone[i + 1] for i in range(4)) / 4
    assert len(set(together)) > 3
    sentences = greedy(trained.model, torch.from_numpy(codes.reshape(-1, LATENT)), MAX_WORDS)
    assert cut == sum(len(sentence) == MAX_WORDS for sentence in sentences)
    of_one_word = distinct_neighbours(trained.model, codes, 1)[1]
    assert of_one_word == sum(len(sentence) > 0 for sentence in sentences) > cut


def log_likelihoods(model, sentences, codes):
    """Return log p(x|z) in float64, (N,)."""
    exact = copy.deepcopy(model).double()
    batch = pack([np.array(sentence, dtype=np.int64) for sentence in sentences])
    z = batch.arrange(torch.from_numpy(np.asarray(codes, dtype=np.float64)))
    return -batch.restore(exact.distortion(batch, z)).numpy()


def test_directions_equal_central_differences(model, monkeypatch):
    """In float64, with the sentence that the code itself decodes to."""
    sentences = greedy(model, torch.from_numpy(CODES), MAX_WORDS)
    step, gradient = 1e-5, np.zeros(CODES.shape)
    for k in range(LATENT):
        move = step * np.eye(LATENT)[k]
        ahead, behind = (log_likelihoods(model, sentences, CODES + s * move) for s in (1, -1))
        gradient[:, k] = (ahead - behind) / (2 * step)
    expected = gradient / np.linalg.norm(gradient, axis=1, keepdims=True)
    # The test would notice two codes, or two dimensions, in each other's place.
    assert abs(expected[1:] - expected[:-1]).max(axis=1).min() > 0.01
    assert len({len(sentence) for sentence in sentences}) > 1
    for tokens in (1, 25, 10**6):
        monkeypatch.setattr(batches, "TOKENS_PER_BATCH", tokens)
        found = directions(model, CODES, MAX_WORDS)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=2e-4)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_directions_disable_cudnn_in_evaluation_mode(model):
    """cuDNN refuses gradients of recurrent layers unless they are in training mode."""
    seen = []
    model.decoder.register_forward_pre_hook(
        lambda *_: seen.append((torch.backends.cudnn.enabled, model.training))
    )
    directions(model, CODES, MAX_WORDS)
    assert seen == [(False, False)]
    assert torch.backends.cudnn.enabled


def test_decoder_that_ignores_the_code_has_no_distinct_neighbours(trained):
    # The square of such gradients is zero in float32.
    scale_weights_of_z(trained.model, 1e-25)
    lengths = np.linalg.norm(directions(trained.model, CODES, MAX_WORDS), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-6)
    scale_weights_of_z(trained.model, 0)
    assert (directions(trained.model, CODES, MAX_WORDS) == 0).all()
    values = measure(trained, ENDS, SensitivitySettings(), MAX_WORDS)
    for name in LINES:
        assert values[f"distinct_{name}"] == values[f"distinct_{name}_standard_error"] == 0


def test_three_lines_start_at_one_code_and_have_one_length(trained, monkeypatch):
    lines = []

    def record(model, codes, max_words):
        lines.append(codes)
        return distinct_neighbours(model, codes, max_words)

    monkeypatch.setattr(sensitivity, "distinct_neighbours", record)
    values = measure(trained, ENDS, SensitivitySettings(points=5), MAX_WORDS)
    between, up, down = lines
    length = np.linalg.norm(ENDS[:, 1] - ENDS[:, 0], axis=1)
    gradient = directions(trained.model, CODES, MAX_WORDS)
    np.testing.assert_array_equal(between[:, [0, -1]], ENDS)
    for line, sign in ((up, 1), (down, -1)):
        assert (line.shape, line.dtype) == ((30, 5, LATENT), np.float32)
        np.testing.assert_array_equal(line[:, 0], CODES)
        expected = sign * length[:, None] * gradient
        np.testing.assert_allclose(line[:, -1] - CODES, expected, atol=1e-5)
    assert (values["lines"], values["codes"]) == (30, 5)
    for name, line in zip(LINES, lines, strict=True):
        steps = np.linalg.norm(np.diff(line, axis=1), axis=2)
        np.testing.assert_allclose(steps, np.repeat(length[:, None] / 4, 4, 1), rtol=1e-4)
        shares, _ = distinct_neighbours(trained.model, line, MAX_WORDS)
        assert values[f"distinct_{name}"] == pytest.approx(shares.mean())
        error = math.sqrt(((shares - shares.mean()) ** 2).sum() / 29 / 30)
        assert values[f"distinct_{name}_standard_error"] == pytest.approx(error)
    assert 0 < values["distinct_interpolation"] < 1
    assert all(type(value) in (int, float) for value in values.values())


def test_ends_are_codes_of_the_models_prior(trained, monkeypatch):
    shifted = []
    monkeypatch.setattr(sensitivity, "codes_of", lambda model, ends: shifted.append(1) or ends)
    measure(trained, ENDS[:2], SensitivitySettings(points=2), MAX_WORDS)
    assert shifted == [1]


def test_single_line_has_no_standard_error(trained):
    values = measure(trained, ENDS[:1], SensitivitySettings(), MAX_WORDS)
    assert values["distinct_gradient_up_standard_error"] is None
    assert values["distinct_gradient_up"] is not None
    two = measure(trained, ENDS[:2], SensitivitySettings(), MAX_WORDS)
    assert two["distinct_gradient_up_standard_error"] is not None


def test_replicates_spread_as_the_standard_error(trained):
    plain = measure(trained, ENDS, SensitivitySettings(), MAX_WORDS)
    values = measure(trained, ENDS, SensitivitySettings(bootstrap=1000), MAX_WORDS)
    replicates = values.pop("bootstrap")
    assert values == plain
    assert set(replicates) == {f"distinct_{line}" for line in LINES}
    for name, rows in replicates.items():
        error = plain[f"{name}_standard_error"]
        assert rows.mean() == pytest.approx(plain[name], abs=5 * error / 1000**0.5)
        assert rows.std() == pytest.approx(error, rel=0.1)
