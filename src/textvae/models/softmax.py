"""The output layer and its loss, by chunks: no (tokens, words) array is ever kept.

Two thirds of the arithmetic of a step, and nearly all of its memory, are the logits: with 20,000
words, a batch of 10,000 tokens would have 800 MB of them in float32, written and read several
times over. Here they live one chunk at a time, and the gradient of a chunk is formed while its
probabilities are at hand.
"""

import torch
from torch import Tensor

# Logits in one chunk. 6 million float32 are 24 MB: below the 32 MB at which the allocator starts
# to hand out fresh pages for every chunk (and the kernel to clear them, at the cost of the
# arithmetic itself), and above the size at which matrix products lose speed.
LOGITS_PER_CHUNK = 6_000_000


class _SummedNLL(torch.autograd.Function):
    """Forward also forms the gradients, because backward would need the logits again."""

    @staticmethod
    def forward(ctx, features, weight, bias, targets, precision):
        total = features.new_zeros((), dtype=torch.float64)
        kernel = weight.to(precision)
        offset = bias.to(precision)
        grad_features = torch.empty_like(features)
        grad_weight = torch.zeros_like(weight)
        grad_bias = torch.zeros_like(bias)
        parts = _chunks(len(features), len(weight))
        # Where all chunks are worked on in turn. Fresh pages for each would cost as much as the
        # softmax itself.
        buffer = features.new_empty(len(features[parts[0]]), len(weight))
        products = buffer if precision == buffer.dtype else buffer.to(precision)
        for part in parts:
            hidden = features[part].to(precision)
            exact, rounded = buffer[: len(hidden)], products[: len(hidden)]
            torch.addmm(offset, hidden, kernel.t(), out=rounded)
            said = targets[part].unsqueeze(1)
            log_likelihoods = _softmax_in_place(exact.copy_(rounded), said)
            total -= log_likelihoods.sum(dtype=torch.float64)
            # d NLL / d logits = p - onehot.
            exact.scatter_(1, said, exact.gather(1, said) - 1)
            grad_bias += exact.sum(0)
            grad_logits = rounded.copy_(exact)
            grad_features[part] = grad_logits @ kernel
            grad_weight += grad_logits.t() @ hidden
        ctx.save_for_backward(grad_features, grad_weight, grad_bias)
        return total.float()

    @staticmethod
    def backward(ctx, grad):
        # The gradients belong to this call alone, so they are scaled where they lie.
        by_features, by_weight, by_bias = ctx.saved_tensors
        return by_features * grad, by_weight.mul_(grad), by_bias.mul_(grad), None, None


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


def _softmax_in_place(logits: Tensor, said: Tensor) -> Tensor:
    """Turn logits (n, V) into probabilities; returns log p of the words said (n, 1), (n, 1)."""
    relative = logits.gather(1, said) - logits.amax(1, keepdim=True)
    torch.softmax(logits, dim=1, out=logits)
    # The largest probability is at least 1 / V, so its logarithm is exact where that of the word's
    # own, which may be 0 in float32, is not.
    return relative + logits.amax(1, keepdim=True).log()


@torch.no_grad()
def token_nll(features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """-log softmax(features weight' + bias)[target] of every token, (T,), nats, in float32."""
    nll = features.new_empty(len(features))
    for part in _chunks(len(features), len(weight)):
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
    for part in _chunks(len(features), len(weight)):
        logits = torch.addmm(offset, features[part].to(precision), kernel.t())
        found[part] = torch.logsumexp(logits.float(), dim=1)
    return found


def _chunks(tokens: int, words: int) -> list[slice]:
    size = max(64, LOGITS_PER_CHUNK // words)
    return [slice(start, start + size) for start in range(0, tokens, size)]
