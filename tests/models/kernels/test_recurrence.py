"""The recurrences written out here are those of torch, with the same gradients."""

from contextlib import nullcontext

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from textvae.models.kernels import compiled as native
from textvae.models.kernels import recurrence as module
from textvae.models.kernels.recurrence import unrolled

LAYERS = [nn.LSTM, nn.GRU]


@pytest.fixture(params=["torch", "compiled"], autouse=True)
def _kernels(request):
    """Each test with the kernels in C, where they can be built, and without."""
    with native.compiled() if request.param == "compiled" else nullcontext():
        yield


def lively(kind, inputs=5, size=7, dtype=torch.float64):
    """A layer whose weights are large enough for gates to open and close."""
    torch.manual_seed(1)
    layer = kind(inputs, size).to(dtype)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.7)
    return layer


def falling(lengths):
    """Sentences still running at each step, from their lengths."""
    return torch.tensor([sum(length > step for length in lengths) for step in range(max(lengths))])


def gradients(output, layer, tokens):
    weight = torch.randn(output.shape, dtype=output.dtype, generator=torch.Generator())
    return torch.autograd.grad((output * weight).sum(), [tokens, *layer.parameters()])


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("buffer", [1, 150, 4_000_000])
@settings(deadline=None, max_examples=20)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_states_and_gradients_are_those_of_torch(kind, buffer, lengths):
    layer, sizes = lively(kind), falling(lengths)
    tokens = torch.randn(sum(lengths), 5, dtype=torch.float64, requires_grad=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "GATES_PER_BUFFER", buffer)
        ours = unrolled(layer, tokens, sizes)
        ours_gradients = gradients(ours, layer, tokens)
    theirs = layer(PackedSequence(tokens, sizes))[0].data
    torch.testing.assert_close(ours, theirs)
    for one, other in zip(ours_gradients, gradients(theirs, layer, tokens), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("kind", LAYERS)
def test_in_float32_as_well(kind):
    layer, sizes = lively(kind, size=37, dtype=torch.float32), falling([9, 4, 4, 1])
    tokens = torch.randn(18, 5, requires_grad=True)
    ours = unrolled(layer, tokens, sizes)
    theirs = layer(PackedSequence(tokens, sizes))[0].data
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    pairs = zip(gradients(ours, layer, tokens), gradients(theirs, layer, tokens), strict=True)
    for one, other in pairs:
        assert (one - other).norm() < 1e-4 * other.norm()


@pytest.mark.parametrize("kind", LAYERS)
def test_without_gradients_the_states_are_the_same(kind):
    layer, sizes = lively(kind, dtype=torch.float32), falling([4, 2, 1])
    tokens = torch.randn(7, 5)
    with torch.no_grad():
        kept_nothing = unrolled(layer, tokens, sizes)
    assert not kept_nothing.requires_grad
    # Without gradients the kernels in C are not used.
    allowed = 1e-6 if native.in_use(tokens.dtype, tokens.device) else 0
    kept = unrolled(layer, tokens, sizes)
    torch.testing.assert_close(kept_nothing, kept, rtol=allowed, atol=allowed)


@pytest.mark.parametrize("kind", LAYERS)
def test_under_autocast_products_are_rounded_and_sums_are_not(kind):
    layer, sizes = lively(kind, inputs=20, size=30, dtype=torch.float32), falling([6, 5, 2])
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(0.3)
    tokens = torch.randn(13, 20, requires_grad=True)
    exact = unrolled(layer, tokens, sizes)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = unrolled(layer, tokens, sizes)
    assert rounded.dtype == torch.float32
    assert 0 < (rounded - exact).abs().max() < 0.05
    for one, other in zip(
        gradients(rounded, layer, tokens), gradients(exact, layer, tokens), strict=True
    ):
        assert one.dtype == torch.float32
        assert (one - other).norm() < 0.05 * other.norm()


@pytest.mark.parametrize("kind", LAYERS)
def test_a_second_backward_is_refused(kind):
    # The gradients of the gates have taken the place of the gates.
    output = unrolled(lively(kind), torch.randn(3, 5, dtype=torch.float64), falling([3])).sum()
    output.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="only once"):
        output.backward()
