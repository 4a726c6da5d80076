"""The LSTM and GRU over packed batches against those of torch, with their gradients."""

from contextlib import nullcontext

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from compilers import without_compiler
from textvae.models.kernels import compiled, recurrence
from textvae.models.kernels.recurrence import unrolled

KINDS = [nn.LSTM, nn.GRU]
LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=6)
kernels = pytest.mark.parametrize(
    "context", [nullcontext, compiled.compiled], ids=["torch", "compiled"]
)


def make_layer(kind, inputs=5, size=7, dtype=torch.float64, deviation=0.7):
    """Return a layer with weights so large that gates open and close."""
    torch.manual_seed(1)
    layer = kind(inputs, size).to(dtype)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=deviation)
    return layer


def sizes_of(lengths):
    """Return the number of sentences that have a token at each step."""
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
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@settings(deadline=None, max_examples=25)
@given(lengths=LENGTHS, size=st.sampled_from([1, 7, 16, 37, 64]))
def test_kernels_compute_what_torch_computes(kind, precision, lengths, size):
    """Sizes that fill no vector, some, and some and a part."""
    # Larger weights would amplify differences of rounding from step to step.
    layer = make_layer(kind, size=size, dtype=torch.float32, deviation=2 / (5 + size) ** 0.5)
    sizes, tokens = sizes_of(lengths), torch.randn(sum(lengths), 5, requires_grad=True)
    results = []
    for context in (nullcontext, compiled.compiled):
        with context(), torch.autocast("cpu", precision, enabled=precision == torch.bfloat16):
            states = unrolled(layer, tokens, sizes)
        with context():
            results.append([states, *gradients(states, layer, tokens)])
    tolerance = {torch.float32: 1e-4, torch.bfloat16: 5e-2}[precision]
    for alone, ours in zip(*results, strict=True):
        assert (alone - ours).norm() <= tolerance * alone.norm() + 1e-5


@kernels
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
        for one, other in zip(gradients(ours, layer, tokens), expected, strict=True):
            assert (one - other).norm() < 1e-4 * other.norm()
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
