"""The output layer and its loss, by chunks: no (tokens, words) array is ever kept.

Two thirds of the arithmetic of a step, and nearly all of its memory, are the logits: with 20,000
words, a batch of 10,000 tokens would have 800 MB of them in float32, written and read several
times over. Here they live one chunk at a time, and the gradient of a chunk is formed while its
probabilities are at hand.
"""

import torch
from torch import Tensor

from textvae.models.kernels import compiled as native
from textvae.models.kernels.padding import ROWS, recurring

# Bytes of logits in one chunk. From 32 MB on, the allocator hands out fresh pages for every chunk
# (and the kernel clears them, at the cost of the arithmetic itself); small chunks make small
# products, and sum up the gradient of the weights more often.
CHUNK_BYTES = 24_000_000
# A GPU has no such limit, and wants larger products.
GPU_CHUNK_BYTES = 512_000_000


class _SummedNLL(torch.autograd.Function):
    """Forward also forms the gradients, because backward would need the logits again."""

    @staticmethod
    def forward(ctx, features, weight, bias, targets, precision):
        total = 0.0
        kernel = weight.to(precision)
        grad_features = torch.empty_like(features)
        # Lying, because products are slow whose left factor is a transposed one.
        grad_weight = torch.zeros_like(weight.t(), memory_format=torch.contiguous_format)
        grad_bias = torch.zeros_like(bias)
        in_place = native.loop("softmax_gradient", precision, features.device) or _softmax_gradient
        # torch itself makes the softmax in float32, outside the place of the logits.
        widest = torch.float32 if in_place is _softmax_gradient else precision
        parts = _chunks(features, weight, widest)
        # Where all chunks are worked on in turn; the last one may be filled up.
        most = min(len(features), parts[0].stop) + ROWS
        logits = weight.new_empty(most, len(weight), dtype=precision)
        row = torch.empty_like(bias)
        for part in parts:
            hidden, said = recurring(features[part], precision), targets[part]
            gradient = torch.mm(hidden, kernel.t(), out=logits[: len(hidden)])
            # Rows that were filled up stay zero.
            real = gradient[: len(said)]
            total += in_place(*real.shape, real, bias, said, grad_bias, row)
            grad_features[part] = (gradient @ kernel)[: len(said)]
            native.add(grad_weight, hidden.t().contiguous() @ gradient)
        ctx.save_for_backward(grad_features, grad_weight, grad_bias)
        return torch.as_tensor(total, dtype=torch.float32, device=features.device)

    @staticmethod
    def backward(ctx, grad):
        # The gradients belong to this call alone, so they are scaled where they lie.
        by_features, by_weight, by_bias = ctx.saved_tensors
        upright = by_weight.new_empty(by_weight.shape[::-1])
        torch.mul(by_weight.t(), grad, out=upright)
        return by_features.mul_(grad), upright, by_bias.mul_(grad), None, None


def summed_nll(
    features: Tensor,
    weight: Tensor,
    bias: Tensor,
    targets: Tensor,
    precision: torch.dtype = torch.float32,
) -> Tensor:
    """Sum over tokens of -log softmax(features weight' + bias)[target], in nats; differentiable.

    features (T, H), weight (V, H) and bias (V,) in float32, targets (T,) ids. Products are made in
    `precision`, the softmax and all sums in float32. Backward may be called once.
    """
    return _SummedNLL.apply(features, weight, bias, targets, precision)


def _softmax_gradient(
    tokens: int,
    words: int,
    logits: Tensor,
    bias: Tensor,
    targets: Tensor,
    grad_bias: Tensor,
    row: Tensor,
) -> Tensor:
    """What the loop of that name does (softmax.c), where there is none; the sum as float64.

    The loop's sizes and its room for a row are of no use to torch.
    """
    said = targets.unsqueeze(1)
    exact = logits + bias
    relative = exact.gather(1, said) - exact.amax(1, keepdim=True)
    torch.softmax(exact, dim=1, out=exact)
    # The largest probability is at least 1 / V, so its logarithm is exact where that of the word's
    # own, which may be 0 in float32, is not.
    log_likelihoods = relative + exact.amax(1, keepdim=True).log()
    # d NLL / d logits = p - onehot.
    exact.scatter_(1, said, exact.gather(1, said) - 1)
    grad_bias += exact.sum(0)
    logits.copy_(exact)
    return -log_likelihoods.sum(dtype=torch.float64)


@torch.no_grad()
def token_nll(features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """-log softmax(features weight' + bias)[target] of every token, (T,), nats, in float32."""
    nll = features.new_empty(len(features))
    for part in _chunks(features, weight, torch.float32):
        logits = torch.addmm(bias, features[part], weight.t())
        said = logits.gather(1, targets[part].unsqueeze(1)).squeeze(1)
        nll[part] = torch.logsumexp(logits, dim=1) - said
    return nll


@torch.no_grad()
def log_normalisers(
    features: Tensor, weight: Tensor, bias: Tensor, precision: torch.dtype
) -> Tensor:
    """log sum exp(features weight' + bias) over the words, (T,), float32.

    features (T, H), weight (V, H) and bias (V,) in float32. Products are made in `precision`, the
    rest in float32.
    """
    kernel, offset = weight.to(precision), bias.to(precision)
    found = features.new_empty(len(features))
    for part in _chunks(features, weight, torch.float32):
        logits = torch.addmm(offset, features[part].to(precision), kernel.t())
        found[part] = torch.logsumexp(logits.float(), dim=1)
    return found


def _chunks(features: Tensor, weight: Tensor, number: torch.dtype) -> list[slice]:
    """Parts of the tokens, with logits of that type."""
    most = GPU_CHUNK_BYTES if features.is_cuda else CHUNK_BYTES
    size = max(1, most // (len(weight) * number.itemsize * ROWS)) * ROWS
    return [slice(start, start + size) for start in range(0, len(features), size)]
