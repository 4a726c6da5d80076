"""The chunked output layer against autograd over the whole array of logits."""

import math
from contextlib import nullcontext

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from compilers import without_compiler
from textvae.models.kernels import fused_loss
from textvae.models.kernels.compiled import compiled
from textvae.models.kernels.fused_loss import fused_linear_cross_entropy

PRECISIONS = [torch.float32, torch.bfloat16]
kernels = pytest.mark.parametrize("context", [nullcontext, compiled], ids=["torch", "compiled"])
chunks = pytest.mark.parametrize("logits_per_chunk", [30 * 64, 30 * 70, 10**9])


def make_layer(tokens=200, words=30, scale=1.0):
    torch.manual_seed(1)
    parameters = [scale * torch.randn(tokens, 8), torch.randn(words, 8), torch.randn(words)]
    return *(each.requires_grad_() for each in parameters), torch.randint(0, words, (tokens,))


@pytest.fixture
def layer():
    return make_layer()


def whole_loss(features, weight, bias, targets):
    return F.cross_entropy(F.linear(features, weight, bias), targets, reduction="sum")


def loss_and_gradients(loss, layer, *precision):
    *parameters, targets = layer
    nll = loss(*parameters, targets, *precision)
    # Half the loss, so that the gradient of its result matters.
    return nll, torch.autograd.grad(nll / 2, parameters)


def test_zero_weights_give_every_word_the_same_probability():
    zeros = torch.zeros(3, 2), torch.zeros(7, 2), torch.zeros(7)
    nll = fused_linear_cross_entropy(*zeros, torch.tensor([0, 3, 6]))
    assert nll.item() == pytest.approx(3 * math.log(7))


@kernels
@chunks
def test_loss_and_gradients_are_those_of_all_logits(layer, monkeypatch, logits_per_chunk, context):
    monkeypatch.setattr(fused_loss, "CHUNK_BYTES", 4 * logits_per_chunk)
    expected, theirs = loss_and_gradients(whole_loss, layer)
    with context():
        nll, ours = loss_and_gradients(fused_linear_cross_entropy, layer)
        rounded, rough = loss_and_gradients(fused_linear_cross_entropy, layer, torch.bfloat16)
    assert nll.item() == pytest.approx(expected.item(), rel=1e-6)
    assert rounded.item() == pytest.approx(expected.item(), rel=0.01)
    for exact, one, other in zip(ours, rough, theirs, strict=True):
        torch.testing.assert_close(exact, other, rtol=1e-4, atol=1e-5)
        assert one.dtype == torch.float32
        assert (one - other).norm() < 0.02 * other.norm()


@without_compiler
@pytest.mark.parametrize("precision", PRECISIONS)
@settings(deadline=None, max_examples=25)
@given(
    tokens=st.integers(1, 5),
    words=st.sampled_from([1, 7, 16, 37, 64]),
    scale=st.sampled_from([0.1, 3.0, 60.0]),
)
def test_kernel_computes_what_torch_computes(precision, tokens, words, scale):
    layer = make_layer(tokens, words, scale)
    expected, theirs = loss_and_gradients(fused_linear_cross_entropy, layer, precision)
    with compiled():
        nll, ours = loss_and_gradients(fused_linear_cross_entropy, layer, precision)
    assert nll.item() == pytest.approx(expected.item(), rel=1e-5, abs=1e-5)
    tolerance = {torch.float32: 1e-5, torch.bfloat16: 2e-2}[precision]
    for one, other in zip(ours, theirs, strict=True):
        assert (one - other).norm() <= tolerance * other.norm() + 1e-5


@pytest.mark.parametrize("precision", PRECISIONS)
def test_loss_is_differentiable_once(layer, precision):
    *parameters, targets = layer
    nll = fused_linear_cross_entropy(*parameters, targets, precision)
    torch.autograd.grad(nll, parameters)
    with pytest.raises(RuntimeError):
        torch.autograd.grad(nll, parameters)


@chunks
def test_token_costs_and_normalisers_are_those_of_all_logits(layer, monkeypatch, logits_per_chunk):
    monkeypatch.setattr(fused_loss, "CHUNK_BYTES", 4 * logits_per_chunk)
    features, weight, bias, targets = layer
    logits = F.linear(features, weight, bias)
    nll = fused_loss.token_nll(*layer)
    expected = -logits.log_softmax(dim=1)[range(200), targets]
    torch.testing.assert_close(nll, expected.detach())
    normalisers = fused_loss.log_normalisers(features, weight, bias, torch.float32)
    torch.testing.assert_close(normalisers, logits.logsumexp(1), rtol=1e-6, atol=1e-6)
    rounded = fused_loss.log_normalisers(features, weight, bias, torch.bfloat16)
    assert rounded.dtype == torch.float32
    assert 1e-5 < (rounded - normalisers).abs().max() < 0.1


@kernels
def test_word_of_vanishing_probability_costs_its_logit(context):
    """softmax(120, 0) is smaller than the smallest float, but its cost is finite."""
    weight, bias = torch.zeros(2, 3), torch.tensor([120.0, 0.0])
    with context():
        nll = fused_linear_cross_entropy(torch.zeros(1, 3), weight, bias, torch.tensor([1]))
    assert nll.item() == pytest.approx(120)


@kernels
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_loss_of_features_that_are_not_finite_is_not_finite(context, precision, wrong):
    features, targets = torch.zeros(3, 4), torch.tensor([1, 2, 3])
    features[1, 2] = wrong
    with context():
        nll = fused_linear_cross_entropy(
            features, torch.ones(20, 4), torch.zeros(20), targets, precision
        )
    assert not nll.isfinite()
