"""The GRU, forward and backward (the equations of `torch.nn.GRU`)."""

import torch

from textvae.models.unrolled.gradients import Gradients, taken_once, through_sigmoid
from textvae.models.unrolled.stretches import covered, within


class GRU(torch.autograd.Function):
    """Gates in the order reset, update, new; the reset gate acts on the product, as in cuDNN."""

    @staticmethod
    def forward(ctx, tokens, weight_ih, weight_hh, bias_ih, bias_hh, stretches, precision, keep):
        size = weight_hh.shape[1]
        inward, recurrent = weight_ih.to(precision).t(), weight_hh.to(precision).t()
        hidden = tokens.new_empty(len(tokens), size)
        # What the reset gate lets through of the state: W_hn h + b_hn.
        offered = tokens.new_empty(len(tokens), size)
        kept = []
        for stretch in stretches:
            gates = (tokens[covered(stretch)].to(precision) @ inward).to(tokens.dtype)
            gates += bias_ih
            for step, here in within(stretch):
                now = gates[here]
                r, u, n = now.split(size, dim=1)
                if step.first:
                    now[:, : 2 * size] += bias_hh[: 2 * size]
                    offered[step.tokens] = bias_hh[2 * size :]
                else:
                    product = (hidden[step.before].to(precision) @ recurrent).to(tokens.dtype)
                    product += bias_hh
                    now[:, : 2 * size] += product[:, : 2 * size]
                    offered[step.tokens] = product[:, 2 * size :]
                now[:, : 2 * size].sigmoid_()
                n.addcmul_(r, offered[step.tokens]).tanh_()
                # (1 - u) n + u h = n + u (h - n)
                state = hidden[step.tokens]
                if step.first:
                    torch.mul(u, n, out=state).neg_().add_(n)
                else:
                    torch.sub(hidden[step.before], n, out=state).mul_(u).add_(n)
            if keep:
                kept.append(gates)
        ctx.save_for_backward(tokens, weight_ih, weight_hh, hidden, offered)
        ctx.stretches, ctx.gates, ctx.precision = stretches, kept, precision
        return hidden

    @staticmethod
    def backward(ctx, grad_hidden):
        tokens, weight_ih, weight_hh, hidden, offered = ctx.saved_tensors
        size, precision = weight_hh.shape[1], ctx.precision
        recurrent = weight_hh.to(precision)
        kept = taken_once(ctx)
        sums = Gradients(tokens, weight_ih, weight_hh, precision)
        from_hidden = tokens.new_zeros(0, size)
        for stretch, gates in zip(reversed(ctx.stretches), reversed(kept), strict=True):
            # The gradients of what comes from the state: those of the gates, but for the new one.
            inner = torch.empty_like(gates)
            for step, here in reversed(list(within(stretch))):
                r, u, n = gates[here].split(size, dim=1)
                d_hidden = grad_hidden[step.tokens].clone()
                d_hidden[: len(from_hidden)] += from_hidden
                past = 0 if step.first else hidden[step.before]
                from_hidden = d_hidden * u
                d_update = through_sigmoid(d_hidden * (past - n), u)
                d_new = d_hidden.mul_(1 - u).mul_(1 - n**2)
                inner[here, 2 * size :] = d_new * r
                r.copy_(through_sigmoid(d_new * offered[step.tokens], r))
                u.copy_(d_update)
                n.copy_(d_new)
                inner[here, : 2 * size] = gates[here, : 2 * size]
                if not step.first:
                    from_hidden += inner[here].to(precision) @ recurrent
            sums.add(stretch, hidden, outer=gates, inner=inner)
        return (*sums.all(), None, None, None)
