"""The LSTM and GRU over packed batches, and the chunked output layer, against those of torch."""

import math
from contextlib import nullcontext

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import PackedSequence

from compilers import without_compiler
from textvae.models.kernels import compiled, fused_loss, recurrence
from textvae.models.kernels.fused_loss import fused_linear_cross_entropy
from textvae.models.kernels.recurrence import unrolled

KINDS = [nn.LSTM, nn.GRU]
LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=6)
CONTEXTS = [nullcontext, compiled.compiled]
PRECISIONS = [torch.float32, torch.bfloat16]
contexts = pytest.mark.parametrize("context", CONTEXTS, ids=["torch", "compiled"])
chunks = pytest.mark.parametrize("logits_per_chunk", [30 * 64, 30 * 70, 10**9])


def make_layer(kind, inputs=5, size=7, dtype=torch.float64, deviation=0.7):
    """Return a layer with weights so large that gates open and close."""
    torch.manual_seed(1)
    layer = kind(inputs, size).to(dtype)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=deviation)
    return layer


def sizes_of(lengths):
    return torch.tensor([sum(length > step for length in lengths) for step in range(max(lengths))])


def gradients(output, layer, tokens):
    weight = torch.randn(output.shape, dtype=output.dtype, generator=torch.Generator())
    return torch.autograd.grad((output * weight).sum(), [tokens, *layer.parameters()])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("buffer", [1, 150, 4_000_000])
@settings(deadline=None, max_examples=20)
@given(lengths=LENGTHS)
def test_states_and_gradients_equal_those_of_torch(kind, buffer, lengths):
    layer, sizes = make_layer(kind), sizes_of(lengths)
    tokens = torch.randn(sum(lengths), 5, dtype=torch.float64, requires_grad=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurrence, "GATES_PER_BUFFER", buffer)
        ours = unrolled(layer, tokens, sizes)
        ours_gradients = gradients(ours, layer, tokens)
    theirs = layer(PackedSequence(tokens, sizes))[0].data
    torch.testing.assert_close(ours, theirs)
    for one, other in zip(ours_gradients, gradients(theirs, layer, tokens), strict=True):
        torch.testing.assert_close(one, other)


@without_compiler
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision", PRECISIONS)
@settings(deadline=None, max_examples=25)
@given(lengths=LENGTHS, size=st.sampled_from([1, 7, 16, 37, 64]))
def test_recurrent_kernels_compute_what_torch_computes(kind, precision, lengths, size):
    # Larger weights would amplify differences of rounding from step to step.
    layer = make_layer(kind, size=size, dtype=torch.float32, deviation=2 / (5 + size) ** 0.5)
    sizes, tokens = sizes_of(lengths), torch.randn(sum(lengths), 5, requires_grad=True)
    results = []
    for context in CONTEXTS:
        with context():
            with torch.autocast("cpu", precision, enabled=precision == torch.bfloat16):
                states = unrolled(layer, tokens, sizes)
            results.append([states, *gradients(states, layer, tokens)])
    tolerance = {torch.float32: 1e-4, torch.bfloat16: 5e-2}[precision]
    for alone, ours in zip(*results, strict=True):
        assert (alone - ours).norm() <= tolerance * alone.norm() + 1e-5


@contexts
@pytest.mark.parametrize("kind", KINDS)
def test_rounding_of_products_only(kind, context):
    """In float32, and under autocast: products are rounded, sums are not."""
    layer = make_layer(kind, inputs=20, size=37, dtype=torch.float32, deviation=0.2)
    sizes, tokens = sizes_of([6, 5, 2]), torch.randn(13, 20, requires_grad=True)
    exact = layer(PackedSequence(tokens, sizes))[0].data
    with context():
        ours = unrolled(layer, tokens, sizes)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rounded = unrolled(layer, tokens, sizes)
        with torch.no_grad():
            without_gradients = unrolled(layer, tokens, sizes)
        torch.testing.assert_close(ours, exact, rtol=1e-5, atol=1e-5)
        assert rounded.dtype == torch.float32
        assert 0 < (rounded - exact).abs().max() < 0.05
        expected = gradients(exact, layer, tokens)
        for one, other in zip(gradients(rounded, layer, tokens), expected, strict=True):
            assert one.dtype == torch.float32
            assert (one - other).norm() < 0.05 * other.norm()
        assert not without_gradients.requires_grad
        # Without gradients the kernels are not used.
        tolerance = 1e-6 if compiled.in_use(tokens.dtype, tokens.device) else 0
        torch.testing.assert_close(without_gradients, ours, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_second_backward_is_refused(kind):
    """The gradients of the gates have overwritten the gates."""
    states = unrolled(make_layer(kind), torch.randn(3, 5, dtype=torch.float64), sizes_of([3]))
    states.sum().backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="only once"):
        states.sum().backward()


def make_output(tokens=200, words=30, scale=1.0):
    torch.manual_seed(1)
    parameters = [scale * torch.randn(tokens, 8), torch.randn(words, 8), torch.randn(words)]
    return *(each.requires_grad_() for each in parameters), torch.randint(0, words, (tokens,))


@pytest.fixture
def layer():
    return make_output()


def loss_of_all_logits(features, weight, bias, targets):
    return F.cross_entropy(F.linear(features, weight, bias), targets, reduction="sum")


def loss_and_gradients(loss, layer, *precision):
    *parameters, targets = layer
    nll = loss(*parameters, targets, *precision)
    # Half the loss, so that the gradient of its result matters.
    return nll, torch.autograd.grad(nll / 2, parameters)


@contexts
@chunks
def test_loss_and_gradients_are_those_of_all_logits(layer, monkeypatch, logits_per_chunk, context):
    monkeypatch.setattr(fused_loss, "CHUNK_BYTES", 4 * logits_per_chunk)
    expected, theirs = loss_and_gradients(loss_of_all_logits, layer)
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
@given(st.integers(1, 5), st.sampled_from([1, 7, 16, 37, 64]), st.sampled_from([0.1, 3.0, 60.0]))
def test_loss_kernel_computes_what_torch_computes(precision, tokens, words, scale):
    layer = make_output(tokens, words, scale)
    expected, theirs = loss_and_gradients(fused_linear_cross_entropy, layer, precision)
    with compiled.compiled():
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
    # The target's own logit is exact, so the errors are those of the normaliser.
    costs = fused_loss.token_nll(*layer, torch.bfloat16)
    torch.testing.assert_close(costs - nll, rounded - normalisers, rtol=0, atol=1e-4)


@contexts
def test_word_of_vanishing_probability_costs_its_logit(context):
    """softmax(120, 0) is smaller than the smallest float, but its cost is finite."""
    weight, bias = torch.zeros(2, 3), torch.tensor([120.0, 0.0])
    with context():
        nll = fused_linear_cross_entropy(torch.zeros(1, 3), weight, bias, torch.tensor([1]))
    assert nll.item() == pytest.approx(120)


@contexts
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_loss_of_features_that_are_not_finite_is_not_finite(context, precision, wrong):
    features, targets = torch.zeros(3, 4), torch.tensor([1, 2, 3])
    features[1, 2] = wrong
    layer = features, torch.ones(20, 4), torch.zeros(20), targets
    with context():
        nll = fused_linear_cross_entropy(*layer, precision)
    assert not nll.isfinite()
