"""What the backward passes of both layers share."""

import torch
from torch import Tensor

from textvae.models.kernels import compiled as native
from textvae.models.kernels.padding import recurring
from textvae.models.kernels.segments import Step, covered


class Gradients:
    """Gradients of tokens, weights and the first bias, summed over stretches."""

    def __init__(
        self, tokens: Tensor, weight_ih: Tensor, weight_hh: Tensor, precision: torch.dtype
    ) -> None:
        self.inputs, self.precision = tokens, precision
        self.inward = weight_ih.to(precision)
        self.tokens = torch.empty_like(tokens)
        # Lying, because products are slow whose left factor is a transposed one.
        self.weight_ih, self.weight_hh = _lying(weight_ih), _lying(weight_hh)
        self.bias_ih = tokens.new_zeros(len(weight_ih))

    def add(self, stretch: list[Step], hidden: Tensor, outer: Tensor, inner: Tensor) -> None:
        """One stretch of n tokens, from the gradients of what its gates were made of, (n, G).

        outer: of the part that came from the tokens; inner: from the state. Both in the precision.
        """
        part = covered(stretch)
        inputs = self.inputs[part]
        self.tokens[part] = (outer @ self.inward)[: len(inputs)]
        native.add(self.weight_ih, self._lying(inputs) @ outer)
        # Before the first step the state is zero.
        first = stretch[0].count if stretch[0].first else 0
        past = [hidden.new_zeros(first, hidden.shape[1])]
        past += [hidden[step.before] for step in stretch if not step.first]
        native.add(self.weight_hh, self._lying(torch.cat(past)) @ inner)

    def all(self, by_bias_hh: Tensor) -> tuple[Tensor, ...]:
        """In the order of the arguments of forward."""
        weights = (self.weight_ih.t().contiguous(), self.weight_hh.t().contiguous())
        return self.tokens, *weights, self.bias_ih, by_bias_hh

    def _lying(self, rows: Tensor) -> Tensor:
        return recurring(rows, self.precision).t().contiguous()


def _lying(weight: Tensor) -> Tensor:
    return weight.new_zeros(weight.shape[::-1])


def taken_once(ctx) -> list[Tensor]:
    """The gates that forward kept, which backward overwrites."""
    gates, ctx.gates = ctx.gates, None
    if gates is None:
        raise RuntimeError("these layers can be differentiated only once")
    return gates


def through_sigmoid(gradient: Tensor, value: Tensor) -> Tensor:
    """The gradient before a sigmoid from that after it, in place; value is what it gave."""
    return gradient.mul_(value).mul_(1 - value)
