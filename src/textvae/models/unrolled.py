"""LSTM and GRU layers over a packed batch on a CPU, with their gradients written out.

The loops of torch are right but slow here: the gradient of each step's share of a packed array is
an array as large as the batch, so a batch of long documents costs the square of its length. These
cost its length. Weights, gates and their order are those of `torch.nn.LSTM` and `torch.nn.GRU`.

Both layers start from a state of zeros. Products are made in `precision`, all else in the type of
the tokens; the gates of a few steps at a time share a buffer, small enough for the allocator to
hand out again, and the gradients of the gates take the place of the gates.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

# Gates that share a buffer, 16 MB in float32. From 32 MB on, the allocator hands out fresh pages
# every time, and the kernel clears them at the cost of the arithmetic.
GATES_PER_BUFFER = 4_000_000


def unrolled(layer: nn.LSTM | nn.GRU, tokens: Tensor, sizes: Tensor) -> Tensor:
    """Hidden states (T, H) after each of the packed tokens (T, E); differentiable, once.

    sizes: (L,) sentences running at each step, falling, as in PackedSequence. Under autocast the
    products are made in its type.
    """
    precision = tokens.dtype
    if torch.is_autocast_enabled("cpu"):
        precision = torch.get_autocast_dtype("cpu")
    function = _LSTM if isinstance(layer, nn.LSTM) else _GRU
    weights = (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0)
    stretches = _stretches(sizes.tolist(), GATES_PER_BUFFER // len(weights[0]))
    # Inside a Function gradients always seem to be off.
    keep = torch.is_grad_enabled()
    with torch.autocast("cpu", enabled=False):
        return function.apply(tokens.to(weights[0].dtype), *weights, stretches, precision, keep)


@dataclass(frozen=True)
class _Step:
    """The tokens of one time step, and those of the step before of the same sentences."""

    tokens: slice
    before: slice

    @property
    def first(self) -> bool:
        return self.tokens.start == 0


def _stretches(sizes: list[int], most: int) -> list[list[_Step]]:
    """All steps, in stretches of at most so many tokens (or one step)."""
    stretches: list[list[_Step]] = [[]]
    start = before = tokens = 0
    for size in sizes:
        if stretches[-1] and tokens + size > most:
            stretches.append([])
            tokens = 0
        stretches[-1].append(_Step(slice(start, start + size), slice(before, before + size)))
        before, start, tokens = start, start + size, tokens + size
    return stretches


def _within(stretch: list[_Step]) -> Iterator[tuple[_Step, slice]]:
    """The steps of a stretch, and where their tokens lie in its buffer."""
    first = stretch[0].tokens.start
    for step in stretch:
        yield step, slice(step.tokens.start - first, step.tokens.stop - first)


def _covered(stretch: list[_Step]) -> slice:
    return slice(stretch[0].tokens.start, stretch[-1].tokens.stop)


class _LSTM(torch.autograd.Function):
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
            gates = (tokens[_covered(stretch)].to(precision) @ inward).to(tokens.dtype).add_(bias)
            for step, here in _within(stretch):
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
        kept = _taken_once(ctx)
        sums = _Gradients(tokens, weight_ih, weight_hh, precision)
        # Of the hidden and cell states that the step after the present one began with.
        from_hidden = tokens.new_zeros(0, size)
        from_cell = tokens.new_zeros(0, size)
        for stretch, gates in zip(reversed(ctx.stretches), reversed(kept), strict=True):
            for step, here in reversed(list(_within(stretch))):
                i, f, g, o = gates[here].split(size, dim=1)
                d_hidden = grad_hidden[step.tokens].clone()
                d_hidden[: len(from_hidden)] += from_hidden
                squashed = cells[step.tokens].tanh()
                d_cell = torch.mul(d_hidden, o).mul_(1 - squashed**2)
                d_cell[: len(from_cell)] += from_cell
                before = None if step.first else cells[step.before]
                from_cell = d_cell * f
                # The gates' own gradients, in their place: first those that need another gate.
                d_input = _through_sigmoid(d_cell * g, i)
                g.square_().neg_().add_(1).mul_(d_cell).mul_(i)
                i.copy_(d_input)
                f.copy_(torch.zeros_like(f) if step.first else _through_sigmoid(d_cell * before, f))
                o.copy_(_through_sigmoid(d_hidden.mul_(squashed), o))
                if not step.first:
                    from_hidden = (gates[here].to(precision) @ recurrent).to(tokens.dtype)
            sums.add(stretch, hidden, outer=gates, inner=gates)
        return (*sums.all(), None, None, None)


class _GRU(torch.autograd.Function):
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
            gates = (tokens[_covered(stretch)].to(precision) @ inward).to(tokens.dtype)
            gates += bias_ih
            for step, here in _within(stretch):
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
        kept = _taken_once(ctx)
        sums = _Gradients(tokens, weight_ih, weight_hh, precision)
        from_hidden = tokens.new_zeros(0, size)
        for stretch, gates in zip(reversed(ctx.stretches), reversed(kept), strict=True):
            # The gradients of what comes from the state: those of the gates, but for the new one.
            inner = torch.empty_like(gates)
            for step, here in reversed(list(_within(stretch))):
                r, u, n = gates[here].split(size, dim=1)
                d_hidden = grad_hidden[step.tokens].clone()
                d_hidden[: len(from_hidden)] += from_hidden
                past = 0 if step.first else hidden[step.before]
                from_hidden = d_hidden * u
                d_update = _through_sigmoid(d_hidden * (past - n), u)
                d_new = d_hidden.mul_(1 - u).mul_(1 - n**2)
                inner[here, 2 * size :] = d_new * r
                r.copy_(_through_sigmoid(d_new * offered[step.tokens], r))
                u.copy_(d_update)
                n.copy_(d_new)
                inner[here, : 2 * size] = gates[here, : 2 * size]
                if not step.first:
                    from_hidden += inner[here].to(precision) @ recurrent
            sums.add(stretch, hidden, outer=gates, inner=inner)
        return (*sums.all(), None, None, None)


def _taken_once(ctx) -> list[Tensor]:
    """The gates that forward kept, which backward overwrites."""
    gates, ctx.gates = ctx.gates, None
    if gates is None:
        raise RuntimeError("these layers can be differentiated only once")
    return gates


class _Gradients:
    """Gradients of tokens, weights and biases, summed over stretches."""

    def __init__(self, tokens: Tensor, weight_ih: Tensor, weight_hh: Tensor, precision) -> None:
        self.inputs, self.precision = tokens, precision
        self.inward = weight_ih.to(precision)
        self.tokens = torch.empty_like(tokens)
        self.weight_ih, self.weight_hh = torch.zeros_like(weight_ih), torch.zeros_like(weight_hh)
        self.bias_ih = tokens.new_zeros(len(weight_ih))
        self.bias_hh = tokens.new_zeros(len(weight_hh))

    def add(self, stretch: list[_Step], hidden: Tensor, outer: Tensor, inner: Tensor) -> None:
        """One stretch of n tokens, from the gradients of what its gates were made of, (n, G).

        outer: of the part that came from the tokens; inner: from the state.
        """
        part = _covered(stretch)
        self.bias_ih += outer.sum(0)
        self.bias_hh += inner.sum(0)
        same = inner is outer
        outer = outer.to(self.precision)
        inner = outer if same else inner.to(self.precision)
        self.tokens[part] = outer @ self.inward
        self.weight_ih += outer.t() @ self.inputs[part].to(self.precision)
        later = [step for step in stretch if not step.first]
        if later:
            past = torch.cat([hidden[step.before] for step in later]).to(self.precision)
            self.weight_hh += inner[len(inner) - len(past) :].t() @ past

    def all(self) -> tuple[Tensor, ...]:
        """In the order of the arguments of forward."""
        return self.tokens, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh


def _through_sigmoid(gradient: Tensor, value: Tensor) -> Tensor:
    """The gradient before a sigmoid from that after it, in place; value is what it gave."""
    return gradient.mul_(value).mul_(1 - value)
