"""Estimates of the mutual information I of sentence and code under q, in nats.

I = E[log q(z|x) - log q(z)], with q(z) the mean of q(z|x_j) over N sentences, and H - D <= I <= R
(paper, section 2.1). R - I is the distance of q(z) from the prior, KL(q(z) || p(z)).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from textvae.models.posterior import Posterior

# Rows of the N x N matrix of log-densities that exist at once.
ROWS_AT_ONCE = 1024


class MutualInformation(NamedTuple):
    """Three estimates of I from the same N codes.

    lower: with the sentence itself among the N of q(z); biased low, and at most log N.
    upper: without it (Poole et al. 2019); biased high, and can exceed R.
    he2019: as `lower`, but with the exact mean of log q(z|x), minus the entropy, in place of log
    q(z|x) at the sampled codes; the estimator of He et al. (2019), who take it over mini-batches.
    It has the mean of `lower` and can exceed log N. None if the entropy has no closed form.
    """

    lower: float
    upper: float
    he2019: float | None


@torch.no_grad()
def mutual_information(
    z: Tensor, posterior: Posterior, uppers: Tensor | None = None
) -> MutualInformation:
    """Return estimates of I from N >= 2 codes z (N, d), z[i] drawn from posterior i.

    uppers: (N,) float64, filled with the terms whose mean is `upper`, one for each code.
    """
    z, posterior = z.double(), posterior.apply(Tensor.double)
    count = len(z)
    lower = upper = log_sums = 0.0
    for start in range(0, count, ROWS_AT_ONCE):
        part = slice(start, min(start + ROWS_AT_ONCE, count))
        log_density = posterior.pairwise_log_prob(z[part])
        rows = torch.arange(part.stop - part.start)
        own = log_density[rows, rows + start].clone()
        log_sum = log_density.logsumexp(1)
        lower += (own - log_sum).sum().item()
        log_sums += log_sum.sum().item()
        log_density[rows, rows + start] = -math.inf
        without_own = own - log_density.logsumexp(1)
        upper += without_own.sum().item()
        if uppers is not None:
            uppers[part] = without_own + math.log(count - 1)
    entropy = posterior.entropy()
    return MutualInformation(
        lower / count + math.log(count),
        upper / count + math.log(count - 1),
        None if entropy is None else math.log(count) - log_sums / count - entropy.mean().item(),
    )
