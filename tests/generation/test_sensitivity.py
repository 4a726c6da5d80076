"""Do neighbouring codes decode to different sentences? And which way does log p(x|z) rise?"""

import copy
import math

import numpy as np
import pytest
import torch

from one_by_one import LATENT, VOCABULARY, lively_decoder, lively_model
from textvae.cells import Cell
from textvae.errors import InputError
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
from textvae.models.saved import TrainedModel
from textvae.models.vae import TextVAE
from textvae.settings import check
from tiny import ENCODERS, MODEL

ENDS = 2 * line_ends(30, LATENT, seed=1)
CODES = ENDS[:, 0]
LONGEST = 9


@pytest.fixture
def trained():
    return lively_model()


@pytest.fixture(params=ENCODERS)
def model(request):
    return lively_decoder(request.param)


def read_no_code(model: TextVAE, by: float = 0.0) -> None:
    """Let the decoder's weights of z be `by` of what they were."""
    with torch.no_grad():
        model.decoder.recurrence.weight_ih_l0[:, MODEL.architecture.embedding :].mul_(by)


def test_neighbours_by_hand(monkeypatch, trained):
    """Of seven codes there are six pairs of neighbours; equal sentences further apart are none."""
    said = {
        "a a a a a a a": 0,
        "a b c d e f g": 6,
        "a b a b a b a": 6,
        "a a b c c c a": 3,
        "a a a a a a b": 1,
    }
    sentences = iter([[[ord(word)] for line in said for word in line.split()]])
    monkeypatch.setattr(sensitivity, "greedy", lambda *a: next(sentences))
    shares = distinct_neighbours(trained.model, np.zeros((5, 7, LATENT), np.float32), LONGEST)
    np.testing.assert_allclose(shares, np.array(list(said.values())) / 6)


def test_neighbours_are_compared_along_each_line_as_if_it_were_alone(trained):
    codes = points(ENDS, 5)
    together = distinct_neighbours(trained.model, codes, LONGEST)
    for line, share in zip(codes, together, strict=True):
        said = [greedy(trained.model, torch.from_numpy(code[None]), LONGEST)[0] for code in line]
        assert share == sum(said[i] != said[i + 1] for i in range(4)) / 4
    assert len(set(together)) > 3


def test_a_decoder_that_ignores_the_code_has_no_distinct_neighbours(trained):
    """Nor has log p(x|z) a gradient: the line along it does not leave its first code."""
    read_no_code(trained.model)
    found = measure(trained, ENDS, SensitivitySettings(), LONGEST)
    for name in ("interpolation", "gradient_up", "gradient_down"):
        assert found[f"distinct_{name}"] == found[f"distinct_{name}_standard_error"] == 0
    assert (directions(trained.model, CODES, LONGEST) == 0).all()


def log_likelihoods(model: TextVAE, sentences, codes) -> np.ndarray:
    """log p(x|z) in float64, (N,)."""
    exact = copy.deepcopy(model).double()
    batch = pack([np.array(sentence, dtype=np.int64) for sentence in sentences])
    z = batch.arrange(torch.from_numpy(np.asarray(codes, dtype=np.float64)))
    return -batch.restore(exact.distortion(batch, z)).numpy()


def test_directions_are_those_of_central_differences(model):
    """Of log p(x|z) in float64, where x is what the code itself decodes to."""
    sentences = greedy(model, torch.from_numpy(CODES), LONGEST)
    step, gradient = 1e-5, np.zeros(CODES.shape)
    for k in range(LATENT):
        move = step * np.eye(LATENT)[k]
        ahead, behind = (log_likelihoods(model, sentences, CODES + s * move) for s in (1, -1))
        gradient[:, k] = (ahead - behind) / (2 * step)
    expected = gradient / np.linalg.norm(gradient, axis=1, keepdims=True)
    found = directions(model, CODES, LONGEST)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    # The test would see two codes, or two dimensions, change places.
    assert abs(expected[1:] - expected[:-1]).max(axis=1).min() > 0.01
    assert len({len(sentence) for sentence in sentences}) > 1
    # Up is up: a small step that way makes the sentence more probable.
    before = log_likelihoods(model, sentences, CODES)
    assert (log_likelihoods(model, sentences, CODES + 1e-3 * found) > before).all()


@pytest.mark.parametrize("tokens", [1, 25, 10**6])
def test_directions_do_not_depend_on_batches(model, monkeypatch, tokens):
    expected = directions(model, CODES, LONGEST)
    monkeypatch.setattr(batches, "TOKENS_PER_BATCH", tokens)
    np.testing.assert_allclose(directions(model, CODES, LONGEST), expected, atol=1e-4)


def test_a_direction_is_of_unit_length_however_small_the_gradient(trained):
    """In a collapsed model it is next to nothing; its square would be zero in float32."""
    read_no_code(trained.model, by=1e-25)
    lengths = np.linalg.norm(directions(trained.model, CODES, LONGEST), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-6)


def test_gradients_are_not_asked_of_cudnn(model):
    """It refuses those of recurrent layers outside of training, where dropout would be on."""
    seen = []
    model.decoder.register_forward_pre_hook(
        lambda *_: seen.append((torch.backends.cudnn.enabled, model.training))
    )
    directions(model, CODES, LONGEST)
    assert seen == [(False, False)]
    assert torch.backends.cudnn.enabled


def test_directions_leave_no_gradients_in_the_model(model):
    directions(model, CODES, LONGEST)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_three_lines_of_one_length_from_the_same_code(trained, monkeypatch):
    """Between two samples of the prior, and from the first of them up and down the gradient."""
    lines = []

    def keep(model, codes, longest):
        lines.append(codes)
        return distinct_neighbours(model, codes, longest)

    monkeypatch.setattr(sensitivity, "distinct_neighbours", keep)
    measure(trained, ENDS, SensitivitySettings(points=5), LONGEST)
    between, up, down = lines
    length = np.linalg.norm(ENDS[:, 1] - ENDS[:, 0], axis=1)
    gradient = directions(trained.model, CODES, LONGEST)
    np.testing.assert_array_equal(between[:, [0, -1]], ENDS)
    for line, sign in ((up, 1), (down, -1)):
        assert (line.shape, line.dtype) == ((30, 5, LATENT), np.float32)
        np.testing.assert_array_equal(line[:, 0], CODES)
        uphill = sign * length[:, None] * gradient
        np.testing.assert_allclose(line[:, -1] - CODES, uphill, atol=1e-5)
    for line in lines:
        steps = np.linalg.norm(np.diff(line, axis=1), axis=2)
        np.testing.assert_allclose(steps, np.repeat(length[:, None] / 4, 4, 1), rtol=1e-4)


def test_shares_and_their_standard_errors_over_lines(trained):
    found = measure(trained, ENDS, SensitivitySettings(points=5), LONGEST)
    shares = distinct_neighbours(trained.model, points(ENDS, 5), LONGEST)
    assert (found["lines"], found["codes"]) == (30, 5)
    assert found["distinct_interpolation"] == pytest.approx(shares.mean())
    error = math.sqrt(((shares - shares.mean()) ** 2).sum() / 29 / 30)
    assert found["distinct_interpolation_standard_error"] == pytest.approx(error)
    assert 0 < found["distinct_interpolation"] < 1
    assert all(type(value) in (int, float) for value in found.values())


def test_one_line_has_no_standard_error(trained):
    found = measure(trained, ENDS[:1], SensitivitySettings(), LONGEST)
    assert found["distinct_gradient_up_standard_error"] is None
    assert found["distinct_gradient_up"] is not None


def test_sentences_may_be_empty_or_never_end(trained):
    """Where all codes say the same, no two neighbours differ."""
    for bias in (100, -100):
        with torch.no_grad():
            trained.model.output.bias.zero_()[0] = bias
            trained.model.output.weight.zero_()
        found = measure(trained, ENDS, SensitivitySettings(), LONGEST)
        assert found["distinct_interpolation"] == found["distinct_gradient_up"] == 0


def test_a_line_has_two_codes_at_least():
    check(SensitivitySettings(points=2))
    with pytest.raises(InputError, match=r"^--points: 1 is not a number of at least 2$"):
        check(SensitivitySettings(points=1))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_the_same_is_found(model):
    expected = directions(model, CODES, LONGEST)
    np.testing.assert_allclose(directions(model.cuda(), CODES, LONGEST), expected, atol=1e-4)
    trained = TrainedModel(Cell("tiny", "small", 2.0, 1), model, VOCABULARY)
    on_gpu = measure(trained, ENDS, SensitivitySettings(), LONGEST)
    model.cpu()
    assert on_gpu == pytest.approx(measure(trained, ENDS, SensitivitySettings(), LONGEST))


def test_replicates_are_of_lines_drawn_again(trained):
    plain = measure(trained, ENDS, SensitivitySettings(), LONGEST)
    found = measure(trained, ENDS, SensitivitySettings(bootstrap=1000), LONGEST)
    replicates = found.pop("bootstrap")
    assert found == plain
    names = {f"distinct_{line}" for line in ("interpolation", "gradient_up", "gradient_down")}
    assert set(replicates) == names
    for name in names:
        error = plain[f"{name}_standard_error"]
        assert replicates[name].mean() == pytest.approx(plain[name], abs=5 * error / 1000**0.5)
        assert replicates[name].std() == pytest.approx(error, rel=0.1)
