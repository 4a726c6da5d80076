"""The LSTM, forward and backward (the equations of `torch.nn.LSTM`)."""

import torch
from torch import Tensor

from textvae.models.kernels import compiled as native
from textvae.models.kernels.gradients import Gradients, take_gates, through_sigmoid
from textvae.models.kernels.padding import pad_rows
from textvae.models.kernels.segments import steps_of, tokens_of


class LSTM(torch.autograd.Function):
    """Gates in the order input, forget, cell, output."""

    @staticmethod
    def forward(ctx, tokens, weight_ih, weight_hh, bias_ih, bias_hh, segments, precision, keep):
        size = weight_hh.shape[1]
        inward, recurrent = weight_ih.to(precision).t(), weight_hh.to(precision).t()
        bias = bias_ih + bias_hh
        max_rows = segments[0][0].count
        # Before the first step the state is zero, and so is its product.
        cells_before = tokens.new_zeros(max_rows, size)
        product = tokens.new_zeros(max_rows, 4 * size, dtype=precision)
        hidden = tokens.new_empty(len(tokens), size)
        cells = tokens.new_empty(len(tokens), size)
        # Without gradients torch computes the states: measurements do not depend on a compiler.
        kernel = native.kernel("lstm_forward", precision, tokens.device) if keep else None
        step_forward = kernel or _step_forward
        kept = []
        for segment in segments:
            gates = (pad_rows(tokens[tokens_of(segment)], precision) @ inward).to(tokens.dtype)
            for step, rows in steps_of(segment):
                if not step.first:
                    product = hidden[step.before].to(precision) @ recurrent
                    cells_before = cells[step.before]
                current, positions = gates[rows], step.tokens
                step_forward(
                    *(step.count, size, current, product, bias, cells_before),
                    *(cells[positions], hidden[positions]),
                )
            if keep:
                kept.append(gates)
        ctx.save_for_backward(tokens, weight_ih, weight_hh, hidden, cells)
        ctx.segments, ctx.gates, ctx.precision = segments, kept, precision
        return hidden

    @staticmethod
    def backward(ctx, by_hidden):
        tokens, weight_ih, weight_hh, hidden, cells = ctx.saved_tensors
        size, precision = weight_hh.shape[1], ctx.precision
        recurrent = weight_hh.to(precision)
        kept = take_gates(ctx)
        sums = Gradients(tokens, weight_ih, weight_hh, precision)
        by_hidden = by_hidden.contiguous()
        # Gradients through the next step; zero for sentences that end here.
        max_rows = ctx.segments[0][0].count
        by_product = tokens.new_zeros(max_rows, size, dtype=precision)
        by_cells = tokens.new_zeros(max_rows, size)
        zeros_before = tokens.new_zeros(max_rows, size)
        step_backward = native.kernel("lstm_backward", precision, tokens.device) or _step_backward
        for segment, gates in zip(reversed(ctx.segments), reversed(kept), strict=True):
            same = precision == gates.dtype
            # Rows of padding stay zero.
            gradients = gates if same else torch.zeros_like(gates, dtype=precision)
            for step, rows in reversed(list(steps_of(segment))):
                n = step.count
                step_backward(
                    *(n, size, gates[rows], by_hidden[step.tokens], by_product[:n], by_cells[:n]),
                    *(cells[step.tokens], zeros_before if step.first else cells[step.before]),
                    *(gradients[rows], sums.bias_ih),
                )
                if not step.first:
                    torch.mm(gradients[rows], recurrent, out=by_product[:n])
            sums.add(segment, hidden, outer=gradients, inner=gradients)
        return (*sums.all(by_bias_hh=sums.bias_ih), None, None, None)


def _step_forward(
    _: int,
    size: int,
    gates: Tensor,
    product: Tensor,
    bias: Tensor,
    cells_before: Tensor,
    cells: Tensor,
    hidden: Tensor,
) -> None:
    """Compute in torch what the kernel lstm_forward computes (lstm.c)."""
    gates += bias
    gates += product
    i, f, g, o = gates.split(size, dim=1)
    gates[:, : 2 * size].sigmoid_()
    g.tanh_()
    o.sigmoid_()
    torch.mul(i, g, out=cells).addcmul_(f, cells_before)
    torch.tanh(cells, out=hidden).mul_(o)


def _step_backward(
    _: int,
    size: int,
    gates: Tensor,
    by_hidden: Tensor,
    by_product: Tensor,
    by_cells: Tensor,
    cells: Tensor,
    cells_before: Tensor,
    gradients: Tensor,
    by_bias: Tensor,
) -> None:
    """Compute in torch what the kernel lstm_backward computes; also overwrites the gates."""
    i, f, g, o = gates.split(size, dim=1)
    by_state = by_hidden + by_product
    squashed = cells.tanh()
    by_now = torch.mul(by_state, o).mul_(1 - squashed**2).add_(by_cells)
    torch.mul(by_now, f, out=by_cells)
    # Overwrite the gates with their gradients; first those that need the value of another gate.
    by_input = through_sigmoid(by_now * g, i)
    g.square_().neg_().add_(1).mul_(by_now).mul_(i)
    i.copy_(by_input)
    f.copy_(through_sigmoid(by_now * cells_before, f))
    o.copy_(through_sigmoid(by_state.mul_(squashed), o))
    by_bias += gates.sum(0)
    if gradients.data_ptr() != gates.data_ptr():
        gradients.copy_(gates)
