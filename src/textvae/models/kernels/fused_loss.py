"""The output layer fused with its loss, in chunks: no (tokens, words) array is ever kept.

The logits take two thirds of the arithmetic of a step and nearly all of its memory: with 20,000
words, those of a batch of 10,000 tokens are 800 MB in float32, written and read several times. Here
one chunk exists at a time, and its gradient is computed while its probabilities are at hand.
"""

import torch
from torch import Tensor

from textvae.models.kernels import compiled as native
from textvae.models.kernels.padding import ROWS, pad_rows

# Bytes of logits in one chunk. From 32 MB on, the allocator maps fresh pages for every chunk, and
# clearing them costs as much as the arithmetic; small chunks make small products, and add to the
# gradient of the weights more often.
CHUNK_BYTES = 24_000_000
# A GPU has no such limit and needs larger products.
GPU_CHUNK_BYTES = 512_000_000


class _FusedLinearCrossEntropy(torch.autograd.Function):
    """Forward also computes the gradients, because backward would need the logits again."""

    @staticmethod
    def forward(ctx, features, weight, bias, targets, precision):
        total = 0.0
        rounded = weight.to(precision)
        grad_features = torch.empty_like(features)
        # Stored transposed: matmul with a transposed left operand is slow on CPU.
        grad_weight = torch.zeros_like(weight.t(), memory_format=torch.contiguous_format)
        grad_bias = torch.zeros_like(bias)
        kernel = native.kernel("softmax_gradient", precision, features.device)
        in_place = kernel or _softmax_gradient
        # torch computes the softmax in float32, in a second array.
        number = precision if kernel else torch.float32
        parts = _chunks(features, weight, number)
        # A buffer for all chunks in turn; the last one may be padded.
        max_rows = min(len(features), parts[0].stop) + ROWS
        logits = weight.new_empty(max_rows, len(weight), dtype=precision)
        row = torch.empty_like(bias)
        for part in parts:
            hidden, words = pad_rows(features[part], precision), targets[part]
            gradient = torch.mm(hidden, rounded.t(), out=logits[: len(hidden)])
            # The rows of padding stay zero.
            tokens_only = gradient[: len(words)]
            total += in_place(*tokens_only.shape, tokens_only, bias, words, grad_bias, row)
            grad_features[part] = (gradient @ rounded)[: len(words)]
            native.add(grad_weight, hidden.t().contiguous() @ gradient)
        ctx.save_for_backward(grad_features, grad_weight, grad_bias)
        return torch.as_tensor(total, dtype=torch.float32, device=features.device)

    @staticmethod
    def backward(ctx, grad):
        # The gradients belong to this call alone, so they are scaled in place.
        by_features, by_weight, by_bias = ctx.saved_tensors
        grad_weight = by_weight.new_empty(by_weight.shape[::-1])
        torch.mul(by_weight.t(), grad, out=grad_weight)
        return by_features.mul_(grad), grad_weight, by_bias.mul_(grad), None, None


def fused_linear_cross_entropy(
    features: Tensor,
    weight: Tensor,
    bias: Tensor,
    targets: Tensor,
    precision: torch.dtype = torch.float32,
) -> Tensor:
    """Return the sum over tokens of -log softmax(features weight' + bias)[target], a scalar, nats.

    features (T, H), weight (V, H) and bias (V,) in float32, targets (T,) ids. Products are made in
    `precision`, the softmax and all sums in float32. Differentiable once.
    """
    return _FusedLinearCrossEntropy.apply(features, weight, bias, targets, precision)


def _softmax_gradient(
    tokens: int,
    words: int,
    logits: Tensor,
    bias: Tensor,
    targets: Tensor,
    grad_bias: Tensor,
    row: Tensor,
) -> Tensor:
    """Compute in torch what the kernel softmax_gradient computes (softmax.c).

    Return the sum in float64.

    The sizes and the scratch array `row` are used by the kernel only.
    """
    columns = targets.unsqueeze(1)
    exact = logits + bias
    relative = exact.gather(1, columns) - exact.amax(1, keepdim=True)
    torch.softmax(exact, dim=1, out=exact)
    # The largest probability is at least 1 / V, so its logarithm is accurate; the target's own may
    # be 0 in float32.
    log_likelihoods = relative + exact.amax(1, keepdim=True).log()
    # d NLL / d logits = p - onehot.
    exact.scatter_(1, columns, exact.gather(1, columns) - 1)
    grad_bias += exact.sum(0)
    logits.copy_(exact)
    return -log_likelihoods.sum(dtype=torch.float64)


@torch.no_grad()
def token_nll(
    features: Tensor,
    weight: Tensor,
    bias: Tensor,
    targets: Tensor,
    precision: torch.dtype = torch.float32,
) -> Tensor:
    """Return -log softmax(features weight' + bias)[target] of every token, (T,), nats, float32.

    Products of the normalisers are made in `precision`, those of the targets and the rest in
    float32: the errors of many words' logits cancel in a normaliser, that of one word does not.
    """
    if precision != torch.float32:
        chosen = (features * weight[targets]).sum(1) + bias[targets]
        return log_normalisers(features, weight, bias, precision) - chosen
    nll = features.new_empty(len(features))
    for part in _chunks(features, weight, torch.float32):
        logits = torch.addmm(bias, features[part], weight.t())
        chosen = logits.gather(1, targets[part].unsqueeze(1)).squeeze(1)
        nll[part] = torch.logsumexp(logits, dim=1) - chosen
    return nll


@torch.no_grad()
def log_normalisers(
    features: Tensor, weight: Tensor, bias: Tensor, precision: torch.dtype
) -> Tensor:
    """Return log sum exp(features weight' + bias) over the words, (T,), float32.

    features (T, H), weight (V, H) and bias (V,) in float32. Products are made in `precision`, the
    rest in float32.
    """
    rounded = weight.to(precision)
    normalisers = features.new_empty(len(features))
    for part in _chunks(features, weight, torch.float32):
        if precision == torch.float32:
            logits = torch.addmm(bias, features[part], weight.t())
            normalisers[part] = torch.logsumexp(logits, dim=1)
        else:
            normalisers[part] = _logsumexp(features[part].to(precision) @ rounded.t(), bias)
    return normalisers


def _logsumexp(logits: Tensor, bias: Tensor) -> Tensor:
    """Return log sum exp(logits + bias), (T,) float32, in fewer passes than torch.logsumexp."""
    exact = logits.float().add_(bias)
    largest = exact.amax(1, keepdim=True)
    return exact.sub_(largest).exp_().sum(1).log_().add_(largest.squeeze(1))


def _chunks(features: Tensor, weight: Tensor, number: torch.dtype) -> list[slice]:
    """Split the tokens into chunks whose logits of type `number` fill a buffer."""
    size = chunk_rows(features, weight, number)
    return [slice(start, start + size) for start in range(0, len(features), size)]


def chunk_rows(features: Tensor, weight: Tensor, number: torch.dtype) -> int:
    """Return the number of tokens whose logits of type `number` fill a buffer."""
    buffer = GPU_CHUNK_BYTES if features.is_cuda else CHUNK_BYTES
    return max(1, buffer // (len(weight) * number.itemsize * ROWS)) * ROWS
