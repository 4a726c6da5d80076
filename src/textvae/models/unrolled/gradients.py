"""What the backward passes of both layers share."""

import torch
from torch import Tensor

from textvae.models.unrolled.stretches import Step, covered


class Gradients:
    """Gradients of tokens, weights and biases, summed over stretches."""

    def __init__(self, tokens: Tensor, weight_ih: Tensor, weight_hh: Tensor, precision) -> None:
        self.inputs, self.precision = tokens, precision
        self.inward = weight_ih.to(precision)
        self.tokens = torch.empty_like(tokens)
        self.weight_ih, self.weight_hh = torch.zeros_like(weight_ih), torch.zeros_like(weight_hh)
        self.bias_ih = tokens.new_zeros(len(weight_ih))
        self.bias_hh = tokens.new_zeros(len(weight_hh))

    def add(self, stretch: list[Step], hidden: Tensor, outer: Tensor, inner: Tensor) -> None:
        """One stretch of n tokens, from the gradients of what its gates were made of, (n, G).

        outer: of the part that came from the tokens; inner: from the state.
        """
        part = covered(stretch)
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


def taken_once(ctx) -> list[Tensor]:
    """The gates that forward kept, which backward overwrites."""
    gates, ctx.gates = ctx.gates, None
    if gates is None:
        raise RuntimeError("these layers can be differentiated only once")
    return gates


def through_sigmoid(gradient: Tensor, value: Tensor) -> Tensor:
    """The gradient before a sigmoid from that after it, in place; value is what it gave."""
    return gradient.mul_(value).mul_(1 - value)
