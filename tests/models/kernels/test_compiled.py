"""The kernels in C do what torch does in their place, whatever the sizes and the values."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from compilers import without_compiler
from textvae.models.kernels import compiled as native
from textvae.models.kernels import fused_loss, gru, lstm

CPU = torch.device("cpu")
PRECISIONS = [torch.float32, torch.bfloat16]
# What one rounding to the precision may change, of numbers near 1.
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}

pytestmark = without_compiler


@pytest.mark.parametrize("precision", PRECISIONS)
def test_what_there_is_a_compiler_for_is_compiled(precision):
    assert native.why_not(precision, CPU) is None
    assert native.in_use(precision, CPU)


@pytest.fixture(autouse=True)
def _compiled():
    with native.compiled():
        yield


def both(name, instead, precision, numbers, arrays):
    """The arrays after the kernel, those after torch, and what each returned."""
    kernel = native.kernel(name, precision, CPU)
    assert kernel is not None
    ours, theirs = ([array.clone() for array in arrays] for _ in range(2))
    returned = kernel(*numbers, *ours), instead(*numbers, *theirs)
    return ours, theirs, returned


def close(one, other, precision):
    tolerance = TOLERANCE[precision]
    torch.testing.assert_close(one.float(), other.float(), rtol=tolerance, atol=tolerance)


# Sizes that fill no vector, one, and one and a bit.
SIZES = st.sampled_from([1, 7, 16, 37, 64])


@pytest.mark.parametrize("precision", PRECISIONS)
@settings(deadline=None, max_examples=25)
@given(tokens=st.integers(1, 5), words=SIZES, scale=st.sampled_from([0.1, 3.0, 60.0]))
def test_softmax_and_its_gradient(precision, tokens, words, scale):
    torch.manual_seed(tokens * words)
    logits = (scale * torch.randn(tokens, words)).to(precision)
    bias, summed = torch.randn(words), torch.randn(words)
    said = torch.randint(0, words, (tokens,))
    ours, theirs, (nll, expected) = both(
        "softmax_gradient",
        fused_loss._softmax_gradient,
        precision,
        (tokens, words),
        [logits, bias, said, summed, torch.empty(words)],
    )
    assert nll == pytest.approx(float(expected), rel=1e-5, abs=1e-5)
    close(ours[0], theirs[0], precision)
    torch.testing.assert_close(ours[3], theirs[3], rtol=1e-4, atol=1e-5)


def sums_of_gates(rows, gates, size, precision):
    """What the gates are made of: from the tokens, and the product with the state."""
    torch.manual_seed(rows * size)
    from_tokens = 2 * torch.randn(rows, gates * size)
    return from_tokens, torch.randn(rows, gates * size).to(precision)


@pytest.mark.parametrize("precision", PRECISIONS)
@settings(deadline=None, max_examples=25)
@given(rows=st.integers(1, 5), size=SIZES)
def test_a_step_of_an_lstm(precision, rows, size):
    gates, product = sums_of_gates(rows, 4, size, precision)
    bias, before = torch.randn(4 * size), torch.randn(rows, size)
    cells, hidden = torch.empty(2, rows, size)
    ours, theirs, _ = both(
        "lstm_forward",
        lstm._step_forward,
        precision,
        (rows, size),
        [gates, product, bias, before, cells, hidden],
    )
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    activated, cells = theirs[0], theirs[4]
    back = [
        *(activated, torch.randn(rows, size), torch.randn(rows, size).to(precision)),
        *(torch.randn(rows, size), cells, before),
        *(torch.empty(rows, 4 * size, dtype=precision), torch.randn(4 * size)),
    ]
    ours, theirs, _ = both("lstm_backward", lstm._step_backward, precision, (rows, size), back)
    torch.testing.assert_close(ours[3], theirs[3], rtol=1e-5, atol=1e-5)
    close(ours[6], theirs[6], precision)
    torch.testing.assert_close(ours[7], theirs[7], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("precision", PRECISIONS)
@settings(deadline=None, max_examples=25)
@given(rows=st.integers(1, 5), size=SIZES)
def test_a_step_of_a_gru(precision, rows, size):
    gates, product = sums_of_gates(rows, 3, size, precision)
    bias_in, bias_state, before = *torch.randn(2, 3 * size), torch.randn(rows, size)
    offered, hidden = torch.empty(2, rows, size)
    ours, theirs, _ = both(
        "gru_forward",
        gru._step_forward,
        precision,
        (rows, size),
        [gates, product, bias_in, bias_state, before, offered, hidden],
    )
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    activated, offered = theirs[0], theirs[5]
    back = [
        *(activated, torch.randn(rows, size), torch.randn(rows, size).to(precision)),
        *(torch.randn(rows, size), before, offered),
        *torch.empty(2, rows, 3 * size, dtype=precision),
        *(torch.randn(3 * size), torch.randn(size)),
    ]
    ours, theirs, _ = both("gru_backward", gru._step_backward, precision, (rows, size), back)
    torch.testing.assert_close(ours[3], theirs[3], rtol=1e-5, atol=1e-5)
    close(ours[6], theirs[6], precision)
    close(ours[7], theirs[7], precision)
    torch.testing.assert_close(ours[8], theirs[8], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ours[9], theirs[9], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_products_are_added_to_sums(precision):
    sums, products = torch.randn(3, 37), torch.randn(3, 37).to(precision)
    expected = sums + products.float()
    native.add(sums, products)
    torch.testing.assert_close(sums, expected, rtol=0, atol=0)


def test_arrays_with_gaps_are_added_as_well():
    sums, products = torch.zeros(3, 5), torch.randn(5, 3).t()
    native.add(sums, products)
    torch.testing.assert_close(sums, products, rtol=0, atol=0)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_seen_not_to_be(precision, wrong):
    features, weight = torch.zeros(3, 4), torch.ones(20, 4)
    features[1, 2] = wrong
    targets = torch.tensor([1, 2, 3])
    for summed_nll in (fused_loss.fused_linear_cross_entropy, fused_loss.chunked_nll):
        nll = summed_nll(features, weight, torch.zeros(20), targets, precision)
        assert not nll.isfinite()


def test_a_word_of_no_probability_costs_what_its_logit_says():
    weight, bias = torch.zeros(2, 3), torch.tensor([120.0, 0.0])
    nll = fused_loss.chunked_nll(torch.zeros(1, 3), weight, bias, torch.tensor([1]), torch.float32)
    assert nll.item() == pytest.approx(120)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_whole_loss_with_and_without(precision):
    torch.manual_seed(1)
    features = torch.randn(200, 8, requires_grad=True)
    weight, bias = torch.randn(30, 8, requires_grad=True), torch.randn(30, requires_grad=True)
    targets = torch.randint(0, 30, (200,))
    inputs = features, weight, bias
    whole = F.cross_entropy(F.linear(features, weight, bias), targets, reduction="sum")
    ours = fused_loss.chunked_nll(*inputs, targets, precision)
    assert ours.item() == pytest.approx(whole.item(), rel=TOLERANCE[precision])
    for one, other in zip(
        torch.autograd.grad(ours, inputs), torch.autograd.grad(whole, inputs), strict=True
    ):
        assert (one - other).norm() < TOLERANCE[precision] * other.norm()


def test_nobody_gets_a_loop_who_did_not_ask_or_for_whom_there_is_none():
    assert native.kernel("add", torch.float64, CPU) is None
    assert native.kernel("add", torch.float32, torch.device("meta")) is None
    native_before = native._wanted
    try:
        native._wanted = False
        assert native.kernel("add", torch.float32, CPU) is None
        assert not native.in_use(torch.float32, CPU)
        with native.compiled():
            assert native.in_use(torch.float32, CPU)
        assert not native.in_use(torch.float32, CPU)
    finally:
        native._wanted = native_before


def test_where_torch_has_more_threads_it_uses_them():
    torch.set_num_threads(2)
    try:
        assert native.kernel("add", torch.float32, CPU) is None
        assert not native.in_use(torch.float32, CPU)
    finally:
        torch.set_num_threads(1)


def test_an_array_with_gaps_is_refused():
    kernel = native.kernel("add", torch.float32, CPU)
    with pytest.raises(ValueError, match="add: array is not contiguous"):
        kernel(6, torch.zeros(2, 3), torch.zeros(3, 2).t())
