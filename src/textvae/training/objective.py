"""What training minimises, by name."""

from collections.abc import Callable

from torch import Tensor


def rate_target(distortion: Tensor, rate: Tensor, C: float, beta: float) -> Tensor:
    """D + beta |R - C| (eqn. 2, negated), both means over the batch.

    The absolute value is taken of the batch's mean rate, not sentence by sentence: a long sentence
    may carry more than C if a short one carries less. That is why batches must be drawn i.i.d.
    """
    return distortion + beta * (rate.mean() - C).abs()


def elbo(distortion: Tensor, rate: Tensor, C: float, beta: float) -> Tensor:
    """D + beta R (eqn. 1, negated; beta-VAE); C plays no part."""
    return distortion + beta * rate.mean()


Objective = Callable[[Tensor, Tensor, float, float], Tensor]

OBJECTIVES: dict[str, Objective] = {"rate-target": rate_target, "elbo": elbo}
