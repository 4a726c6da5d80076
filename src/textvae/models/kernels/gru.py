"""The GRU, forward and backward (the equations of `torch.nn.GRU`)."""

import torch
from torch import Tensor

from textvae.models.kernels import compiled as native
from textvae.models.kernels.gradients import Gradients, take_gates, through_sigmoid
from textvae.models.kernels.padding import pad_rows
from textvae.models.kernels.segments import steps_of, tokens_of


class GRU(torch.autograd.Function):
    """Gates in the order reset, update, new; the reset gate acts on the product, as in cuDNN."""

    @staticmethod
    def forward(ctx, tokens, weight_ih, weight_hh, bias_ih, bias_hh, segments, precision, keep):
        size = weight_hh.shape[1]
        inward, recurrent = weight_ih.to(precision).t(), weight_hh.to(precision).t()
        max_rows = segments[0][0].count
        # Before the first step the state is zero, and so is its product.
        before = tokens.new_zeros(max_rows, size)
        product = tokens.new_zeros(max_rows, 3 * size, dtype=precision)
        hidden = tokens.new_empty(len(tokens), size)
        # The factor of the reset gate: W_hn h + b_hn.
        offered = tokens.new_empty(len(tokens), size)
        # Without gradients torch computes the states: measurements do not depend on a compiler.
        kernel = native.kernel("gru_forward", precision, tokens.device) if keep else None
        step_forward = kernel or _step_forward
        kept = []
        for segment in segments:
            gates = (pad_rows(tokens[tokens_of(segment)], precision) @ inward).to(tokens.dtype)
            for step, rows in steps_of(segment):
                if not step.first:
                    before = hidden[step.before]
                    product = before.to(precision) @ recurrent
                current, positions = gates[rows], step.tokens
                step_forward(
                    *(step.count, size, current, product, bias_ih, bias_hh, before),
                    *(offered[positions], hidden[positions]),
                )
            if keep:
                kept.append(gates)
        ctx.save_for_backward(tokens, weight_ih, weight_hh, hidden, offered)
        ctx.segments, ctx.gates, ctx.precision = segments, kept, precision
        return hidden

    @staticmethod
    def backward(ctx, by_hidden):
        tokens, weight_ih, weight_hh, hidden, offered = ctx.saved_tensors
        size, precision = weight_hh.shape[1], ctx.precision
        recurrent = weight_hh.to(precision)
        kept = take_gates(ctx)
        sums = Gradients(tokens, weight_ih, weight_hh, precision)
        by_hidden = by_hidden.contiguous()
        # Gradients through the next step; zero for sentences that end here.
        max_rows = ctx.segments[0][0].count
        by_product = tokens.new_zeros(max_rows, size, dtype=precision)
        by_states = tokens.new_zeros(max_rows, size)
        zeros_before = tokens.new_zeros(max_rows, size)
        by_offered_bias = tokens.new_zeros(size)
        step_backward = native.kernel("gru_backward", precision, tokens.device) or _step_backward
        for segment, gates in zip(reversed(ctx.segments), reversed(kept), strict=True):
            # Gradients of the terms from the tokens and from the state: the same, but for the new
            # gate. Rows of padding stay zero.
            outer = torch.zeros_like(gates, dtype=precision)
            inner = torch.zeros_like(gates, dtype=precision)
            for step, rows in reversed(list(steps_of(segment))):
                n = step.count
                step_backward(
                    *(n, size, gates[rows], by_hidden[step.tokens], by_product[:n], by_states[:n]),
                    *(zeros_before if step.first else hidden[step.before], offered[step.tokens]),
                    *(outer[rows], inner[rows], sums.bias_ih, by_offered_bias),
                )
                if not step.first:
                    torch.mm(inner[rows], recurrent, out=by_product[:n])
            sums.add(segment, hidden, outer=outer, inner=inner)
        by_bias_hh = torch.cat([sums.bias_ih[: 2 * size], by_offered_bias])
        return (*sums.all(by_bias_hh), None, None, None)


def _step_forward(
    _: int,
    size: int,
    gates: Tensor,
    product: Tensor,
    bias_ih: Tensor,
    bias_hh: Tensor,
    before: Tensor,
    offered: Tensor,
    hidden: Tensor,
) -> None:
    """Compute in torch what the kernel gru_forward computes (gru.c)."""
    r, u, n = gates.split(size, dim=1)
    gates += bias_ih
    from_state = product + bias_hh
    gates[:, : 2 * size].add_(from_state[:, : 2 * size]).sigmoid_()
    offered.copy_(from_state[:, 2 * size :])
    n.addcmul_(r, offered).tanh_()
    # (1 - u) n + u h = n + u (h - n)
    torch.sub(before, n, out=hidden).mul_(u).add_(n)


def _step_backward(
    _: int,
    size: int,
    gates: Tensor,
    by_hidden: Tensor,
    by_product: Tensor,
    by_states: Tensor,
    before: Tensor,
    offered: Tensor,
    outer: Tensor,
    inner: Tensor,
    by_bias: Tensor,
    by_offered_bias: Tensor,
) -> None:
    """Compute in torch what the kernel gru_backward computes; also overwrites the gates."""
    r, u, n = gates.split(size, dim=1)
    by_now = by_hidden + by_product
    by_now += by_states
    torch.mul(by_now, u, out=by_states)
    by_update = through_sigmoid(by_now * (before - n), u)
    by_new = by_now.mul_(1 - u).mul_(1 - n**2)
    by_offered = by_new * r
    r.copy_(through_sigmoid(by_new * offered, r))
    u.copy_(by_update)
    n.copy_(by_new)
    outer.copy_(gates)
    inner.copy_(gates)
    inner[:, 2 * size :] = by_offered
    by_bias += gates.sum(0)
    by_offered_bias += by_offered.sum(0)
