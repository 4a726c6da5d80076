"""The chunked output layer against autograd over the whole array of logits."""

import math
from functools import partial

import pytest
import torch
from torch.nn import functional as F

from textvae.models.kernels import fused_loss


@pytest.fixture
def layer():
    torch.manual_seed(1)
    features = torch.randn(200, 8, requires_grad=True)
    weight = torch.randn(30, 8, requires_grad=True)
    bias = torch.randn(30, requires_grad=True)
    return features, weight, bias, torch.randint(0, 30, (200,))


def gradients(loss, *parameters):
    return torch.autograd.grad(loss, parameters)


def test_a_layer_without_weights_says_every_word_with_equal_probability():
    nll = fused_loss.fused_linear_cross_entropy(
        torch.zeros(3, 2), torch.zeros(7, 2), torch.zeros(7), torch.tensor([0, 3, 6])
    )
    assert nll.item() == pytest.approx(3 * math.log(7))


# What float32 goes by, and the products in float32 of what bfloat16 goes by.
OURS = partial(fused_loss.chunked_nll, precision=torch.float32)


@pytest.mark.parametrize("summed_nll", [fused_loss.fused_linear_cross_entropy, OURS])
@pytest.mark.parametrize("logits_per_chunk", [30 * 64, 30 * 70, 10**9])
def test_loss_and_gradients_are_those_of_the_whole_array(
    layer, monkeypatch, summed_nll, logits_per_chunk
):
    monkeypatch.setattr(fused_loss, "CHUNK_BYTES", 4 * logits_per_chunk)
    features, weight, bias, targets = layer
    whole = F.cross_entropy(F.linear(features, weight, bias), targets, reduction="sum")
    chunked = summed_nll(features, weight, bias, targets)
    assert chunked.item() == pytest.approx(whole.item(), rel=1e-6)
    # Half the loss, so that a gradient from above is seen to be passed on.
    for ours, theirs in zip(
        gradients(chunked / 2, features, weight, bias),
        gradients(whole / 2, features, weight, bias),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_bfloat16_products_stay_within_their_rounding(layer):
    features, weight, bias, targets = layer
    exact = fused_loss.fused_linear_cross_entropy(features, weight, bias, targets)
    rounded = fused_loss.fused_linear_cross_entropy(features, weight, bias, targets, torch.bfloat16)
    assert rounded.item() == pytest.approx(exact.item(), rel=0.01)
    for ours, theirs in zip(
        gradients(rounded, features, weight, bias),
        gradients(exact, features, weight, bias),
        strict=True,
    ):
        assert ours.dtype == torch.float32
        assert (ours - theirs).norm() < 0.02 * theirs.norm()


def test_the_loss_is_differentiable_once(layer):
    features, weight, bias, targets = layer
    for precision in (torch.float32, torch.bfloat16):
        nll = fused_loss.fused_linear_cross_entropy(features, weight, bias, targets, precision)
        gradients(nll, features, weight, bias)
        with pytest.raises(RuntimeError):
            gradients(nll, features, weight, bias)


def test_what_needs_no_gradient_gets_none(layer):
    features, weight, bias, targets = layer
    nll = fused_loss.fused_linear_cross_entropy(features, weight.detach(), bias.detach(), targets)
    whole = F.cross_entropy(F.linear(features, weight, bias), targets, reduction="sum")
    (found,), (expected,) = gradients(nll, features), gradients(whole, features)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_the_sum_is_the_sum_of_the_tokens(layer):
    features, weight, bias, targets = layer
    tokens = fused_loss.token_nll(features, weight, bias, targets)
    expected = -F.log_softmax(F.linear(features, weight, bias), dim=1)[range(200), targets]
    torch.testing.assert_close(tokens, expected.detach())
    total = fused_loss.fused_linear_cross_entropy(features, weight, bias, targets)
    assert tokens.sum().item() == pytest.approx(total.item(), rel=1e-6)


@pytest.mark.parametrize("summed_nll", [fused_loss.fused_linear_cross_entropy, OURS])
def test_a_word_of_no_probability_costs_what_its_logit_says(summed_nll):
    # softmax(120, 0) gives the second word less than the smallest float, not an infinite cost.
    weight, bias = torch.zeros(2, 3), torch.tensor([120.0, 0.0])
    nll = summed_nll(torch.zeros(1, 3), weight, bias, torch.tensor([1]))
    assert nll.item() == pytest.approx(120)


@pytest.mark.parametrize("logits_per_chunk", [30 * 64, 30 * 70, 10**9])
def test_normalisers_are_those_of_the_whole_array(layer, monkeypatch, logits_per_chunk):
    monkeypatch.setattr(fused_loss, "CHUNK_BYTES", 4 * logits_per_chunk)
    features, weight, bias, targets = layer
    found = fused_loss.log_normalisers(features, weight, bias, torch.float32)
    logits = F.linear(features, weight, bias)
    torch.testing.assert_close(found, logits.logsumexp(1), rtol=1e-6, atol=1e-6)
    # With the logit said, they are what a token costs.
    said = logits.gather(1, targets[:, None])[:, 0]
    nll = fused_loss.token_nll(features, weight, bias, targets)
    torch.testing.assert_close(found - said, nll, rtol=1e-5, atol=1e-5)
    rounded = fused_loss.log_normalisers(features, weight, bias, torch.bfloat16)
    assert rounded.dtype == torch.float32
    assert 1e-5 < (rounded - found).abs().max() < 0.1
