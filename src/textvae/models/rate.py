"""The rate of a code: KL(q(z|x) || p(z)) in nats (paper, section 2.1).

One definition for every model: E_q[log q(z|x) - log p(z)], with the model's prior and posterior. If
a closed form is registered for their classes, it is used; otherwise the rate is estimated with the
sampled z.
"""

from collections.abc import Callable

from torch import Tensor

from textvae.errors import InputError
from textvae.models.parts import Prior
from textvae.models.posterior import Posterior

ClosedForm = Callable[[Posterior, Prior], Tensor]

_CLOSED: dict[tuple[type, type], ClosedForm] = {}


def closed_form(posterior: type, prior: type) -> Callable[[ClosedForm], ClosedForm]:
    """Register the closed form of the rate for a class of posterior and a class of prior.

    The function returns (B, k): nats of k independent groups of dimensions, k = d if all dimensions
    are independent.
    """

    def decorate(function: ClosedForm) -> ClosedForm:
        _CLOSED[posterior, prior] = function
        return function

    return decorate


def draw(posterior: Posterior, prior: Prior, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Return codes z (B, d) from noise (B, d) of N(0, 1), and the rate of each sentence (B,)."""
    form = _CLOSED.get((type(posterior), type(prior)))
    if form is not None:
        return posterior.sample(noise), form(posterior, prior).sum(-1)
    z, log_q = posterior.sample_with_log_prob(noise)
    return z, log_q - prior.log_prob(z)


def rate_by_dimension(posterior: Posterior, prior: Prior) -> Tensor:
    """Return the rate of each dimension, (B, d), nats; InputError without a closed form."""
    form = _CLOSED.get((type(posterior), type(prior)))
    rates = None if form is None else form(posterior, prior)
    if rates is None or rates.shape != posterior.mean.shape:
        raise InputError(
            f"no rate by dimension of z: {type(posterior).__name__} and"
            f" {type(prior).__name__} have no closed form for it"
        )
    return rates
