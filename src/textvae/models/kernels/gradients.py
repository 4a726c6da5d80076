"""Gradient sums shared by the backward passes of LSTM and GRU."""

import torch
from torch import Tensor

from textvae.models.kernels import compiled as native
from textvae.models.kernels.padding import pad_rows
from textvae.models.kernels.segments import TimeStep, tokens_of


class Gradients:
    """Gradients of tokens, weights and the input bias, summed over segments."""

    def __init__(
        self, tokens: Tensor, weight_ih: Tensor, weight_hh: Tensor, precision: torch.dtype
    ) -> None:
        self.inputs, self.precision = tokens, precision
        self.inward = weight_ih.to(precision)
        self.tokens = torch.empty_like(tokens)
        # Stored transposed: matmul with a transposed left operand is slow on CPU.
        self.weight_ih, self.weight_hh = _transposed(weight_ih), _transposed(weight_hh)
        self.bias_ih = tokens.new_zeros(len(weight_ih))

    def add(self, segment: list[TimeStep], hidden: Tensor, outer: Tensor, inner: Tensor) -> None:
        """Add a segment of n tokens, given the gradients of its gates before activation, (n, G).

        outer: of the term from the tokens; inner: of the term from the state. Both in `precision`.
        """
        part = tokens_of(segment)
        inputs = self.inputs[part]
        self.tokens[part] = (outer @ self.inward)[: len(inputs)]
        native.add(self.weight_ih, self._transposed(inputs) @ outer)
        # Before the first step the state is zero.
        first = segment[0].count if segment[0].first else 0
        past = [hidden.new_zeros(first, hidden.shape[1])]
        past += [hidden[step.before] for step in segment if not step.first]
        native.add(self.weight_hh, self._transposed(torch.cat(past)) @ inner)

    def all(self, by_bias_hh: Tensor) -> tuple[Tensor, ...]:
        """Return the gradients in the order of the arguments of forward."""
        weights = (self.weight_ih.t().contiguous(), self.weight_hh.t().contiguous())
        return self.tokens, *weights, self.bias_ih, by_bias_hh

    def _transposed(self, rows: Tensor) -> Tensor:
        return pad_rows(rows, self.precision).t().contiguous()


def _transposed(weight: Tensor) -> Tensor:
    return weight.new_zeros(weight.shape[::-1])


def take_gates(ctx) -> list[Tensor]:
    """Return the gates that forward kept; once, since backward overwrites them."""
    gates, ctx.gates = ctx.gates, None
    if gates is None:
        raise RuntimeError("these layers can be differentiated only once")
    return gates


def through_sigmoid(gradient: Tensor, value: Tensor) -> Tensor:
    """Return the gradient of a sigmoid's argument, in place; `value` is the sigmoid's."""
    return gradient.mul_(value).mul_(1 - value)
