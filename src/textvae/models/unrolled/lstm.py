"""The LSTM, forward and backward (the equations of `torch.nn.LSTM`)."""

import torch

from textvae.models.unrolled.gradients import Gradients, taken_once, through_sigmoid
from textvae.models.unrolled.stretches import covered, within


class LSTM(torch.autograd.Function):
    """Gates in the order input, forget, cell, output."""

    @staticmethod
    def forward(ctx, tokens, weight_ih, weight_hh, bias_ih, bias_hh, stretches, precision, keep):
        size = weight_hh.shape[1]
        inward, recurrent = weight_ih.to(precision).t(), weight_hh.to(precision).t()
        bias = bias_ih + bias_hh
        hidden = tokens.new_empty(len(tokens), size)
        cells = tokens.new_empty(len(tokens), size)
        kept = []
        for stretch in stretches:
            gates = (tokens[covered(stretch)].to(precision) @ inward).to(tokens.dtype).add_(bias)
            for step, here in within(stretch):
                now = gates[here]
                if not step.first:
                    now += hidden[step.before].to(precision) @ recurrent
                i, f, g, o = now.split(size, dim=1)
                now[:, : 2 * size].sigmoid_()
                g.tanh_()
                o.sigmoid_()
                cell = torch.mul(i, g, out=cells[step.tokens])
                if not step.first:
                    cell.addcmul_(f, cells[step.before])
                torch.tanh(cell, out=hidden[step.tokens]).mul_(o)
            if keep:
                kept.append(gates)
        ctx.save_for_backward(tokens, weight_ih, weight_hh, hidden, cells)
        ctx.stretches, ctx.gates, ctx.precision = stretches, kept, precision
        return hidden

    @staticmethod
    def backward(ctx, grad_hidden):
        tokens, weight_ih, weight_hh, hidden, cells = ctx.saved_tensors
        size, precision = weight_hh.shape[1], ctx.precision
        recurrent = weight_hh.to(precision)
        kept = taken_once(ctx)
        sums = Gradients(tokens, weight_ih, weight_hh, precision)
        # Of the hidden and cell states that the step after the present one began with.
        from_hidden = tokens.new_zeros(0, size)
        from_cell = tokens.new_zeros(0, size)
        for stretch, gates in zip(reversed(ctx.stretches), reversed(kept), strict=True):
            for step, here in reversed(list(within(stretch))):
                i, f, g, o = gates[here].split(size, dim=1)
                d_hidden = grad_hidden[step.tokens].clone()
                d_hidden[: len(from_hidden)] += from_hidden
                squashed = cells[step.tokens].tanh()
                d_cell = torch.mul(d_hidden, o).mul_(1 - squashed**2)
                d_cell[: len(from_cell)] += from_cell
                before = None if step.first else cells[step.before]
                from_cell = d_cell * f
                # The gates' own gradients, in their place: first those that need another gate.
                d_input = through_sigmoid(d_cell * g, i)
                g.square_().neg_().add_(1).mul_(d_cell).mul_(i)
                i.copy_(d_input)
                f.copy_(torch.zeros_like(f) if step.first else through_sigmoid(d_cell * before, f))
                o.copy_(through_sigmoid(d_hidden.mul_(squashed), o))
                if not step.first:
                    from_hidden = (gates[here].to(precision) @ recurrent).to(tokens.dtype)
            sums.add(stretch, hidden, outer=gates, inner=gates)
        return (*sums.all(), None, None, None)
