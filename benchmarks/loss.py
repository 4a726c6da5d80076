"""Speed and accuracy of the output layer with its loss: torch's implementations and ours.

The rule: use torch's fused loss if it is within 10% of ours and correct.
"""

import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.processes import report_progress
from benchmarks.workers import Turn, interleaved
from textvae.models.kernels.compiled import compiled
from textvae.models.kernels.fused_loss import chunk_rows, fused_linear_cross_entropy

PRECISIONS = ("float32", "bfloat16")
TOKENS, FEATURES, WORDS = 2048, 512, (12_000, 20_000)
# Rows of logits that torch's chunked losses process at once.
ROWS = 512

# Features (T, H), weight (V, H), bias (V,), targets (T,) and the precision of the products -> the
# summed negative log-likelihood.
Loss = Callable[[Tensor, Tensor, Tensor, Tensor, torch.dtype], Tensor]


def plain(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, precision: torch.dtype
) -> Tensor:
    """Return the cross-entropy of all logits in float32."""
    logits = F.linear(features.to(precision), weight.to(precision), bias.to(precision))
    return F.cross_entropy(logits.float(), targets, reduction="sum")


def _linear_cross_entropy(
    features: Tensor,
    weight: Tensor,
    bias: Tensor,
    targets: Tensor,
    precision: torch.dtype,
    *,
    reduction: str,
    **options: Any,
) -> Tensor:
    losses = F.linear_cross_entropy(
        features.to(precision),
        weight.to(precision),
        targets,
        linear_bias=bias.to(precision),
        reduction=reduction,
        options=nn.LinearCrossEntropyOptions(**options),
    )
    return losses.float().sum()


_CHUNKS: dict[str, Any] = {
    "batch_chunk_size": ROWS,
    "chunking_method": None,
    "acc_policy": "balanced",
}
# In bfloat16 torch's sum over tokens is wrong by up to a few per cent; its loss per token, which it
# computes again for the gradients, is correct.
torch_sum = partial(_linear_cross_entropy, reduction="sum", **_CHUNKS)
torch_none = partial(_linear_cross_entropy, reduction="none", **_CHUNKS)
torch_auto = partial(_linear_cross_entropy, reduction="sum")


def torch_nll(
    features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, _: torch.dtype
) -> Tensor:
    """Return torch's fused loss in float32, in chunks of the same size as ours."""
    rows = chunk_rows(features, weight, torch.float32)
    chunks = {"batch_chunk_size": rows, "chunking_method": None, "acc_policy": "compact"}
    inputs = (features, weight, bias, targets, torch.float32)
    return _linear_cross_entropy(*inputs, reduction="sum", **chunks)


# `TORCH` is the fastest correct implementation of torch in each precision.
OURS, TORCH = "ours", "torch"
LOSSES: dict[str, dict[str, Loss]] = {
    "float32": {
        "plain": plain,
        "torch, summed, its own chunks": torch_auto,
        TORCH: torch_nll,
        OURS: fused_linear_cross_entropy,
    },
    "bfloat16": {
        "plain": plain,
        "torch, summed, its own chunks": torch_auto,
        "torch, summed": torch_sum,
        TORCH: torch_none,
        OURS: fused_linear_cross_entropy,
    },
}


def measure(rounds: int, device: str, small: bool) -> list[dict[str, Any]]:
    """Measure all losses, forward and backward: tokens per second, and errors against float64."""
    tokens = TOKENS // 4 if small else TOKENS
    return [
        _case(precision, words, tokens, rounds, device)
        for words in (WORDS[:1] if small else WORDS)
        for precision in PRECISIONS
    ]


def _case(precision: str, words: int, tokens: int, rounds: int, device: str) -> dict[str, Any]:
    names = list(LOSSES[precision])
    turns = {name: partial(_turn, name, precision, words, tokens, device) for name in names}
    speeds, peaks = interleaved(turns, rounds, device)
    ours = speeds[OURS]
    rows = {}
    for name in names:
        ratios = [its / mine for its, mine in zip(speeds[name], ours, strict=True)]
        loss, gradients = errors(LOSSES[precision][name], precision, words, tokens, device)
        rows[name] = {
            "tokens_per_second": round(statistics.median(speeds[name]), 1),
            "ratio_to_ours": round(statistics.median(ratios), 3),
            "loss_error": loss,
            "gradient_error": gradients,
            "peak_memory_mib": round(peaks[name]),
            "rounds": [round(speed, 1) for speed in speeds[name]],
        }
        report_progress(
            f"{precision}, {words:,} words: {name}: {rows[name]['ratio_to_ours']:.2f} to ours"
        )
    return {"precision": precision, "words": words, "tokens": tokens, "losses": rows}


def inputs(words: int, tokens: int, device: str) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return features, weight and bias (all requiring gradients) and targets; always the same."""
    torch.manual_seed(1)
    features, weight = torch.randn(tokens, FEATURES), 0.05 * torch.randn(words, FEATURES)
    parameters = (features, weight, 0.1 * torch.randn(words))
    targets = torch.randint(words, (tokens,)).to(device)
    return *(each.to(device).requires_grad_() for each in parameters), targets


def _turn(name: str, precision: str, words: int, tokens: int, device: str) -> Turn:
    *parameters, targets = inputs(words, tokens, device)
    loss = LOSSES[precision][name]

    def turn(_: int) -> float:
        with compiled():
            nll = loss(*parameters, targets, getattr(torch, precision))
        torch.autograd.grad(nll, parameters)
        return float(tokens)

    return turn


def errors(
    loss: Loss, precision: str, words: int, tokens: int, device: str = "cpu"
) -> tuple[float, float]:
    """Return the relative errors of a loss and of the worst of its three gradients."""
    *parameters, targets = inputs(words, tokens, device)
    with compiled():
        nll = loss(*parameters, targets, getattr(torch, precision))
    gradients = torch.autograd.grad(nll, parameters)
    exact = [each.detach().double().requires_grad_() for each in parameters]
    expected = plain_in_float64(*exact, targets)
    pairs = zip(gradients, torch.autograd.grad(expected, exact), strict=True)
    worst = max(float((one - other).norm() / other.norm()) for one, other in pairs)
    return nll.item() / expected.item() - 1, worst


def plain_in_float64(features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the reference loss in float64."""
    return F.cross_entropy(F.linear(features, weight, bias), targets, reduction="sum")
