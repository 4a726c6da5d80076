"""Choosing a component of a mixture, and the noise for it, from the same noise as other priors.

No further stream of random numbers is needed, so that a smaller set of codes remains a prefix of a
larger one.
"""

import torch
from torch import Tensor

# Of the share within a component's interval: at most 8 standard deviations from 0.
_EDGE = 1e-15


def component_of(noise: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Return a component of each row, (N,), and noise of N(0, I), (N, d), independent of it.

    noise: (N, d) of N(0, I). weights: (K,), probabilities. The first number x determines the
    component: that whose interval of cumulative weights contains Phi(x). The position within the
    interval is uniform, and its normal quantile replaces x.
    """
    upper = weights.double().cumsum(0)
    upper = upper / upper[-1]
    share = torch.special.ndtr(noise[:, 0].double())
    chosen = torch.searchsorted(upper, share, right=True).clamp(max=len(upper) - 1)
    lower = upper - weights.double() / weights.double().sum()
    within = (share - lower[chosen]) / (upper - lower)[chosen]
    first = torch.special.ndtri(within.clamp(_EDGE, 1 - _EDGE)).to(noise.dtype)
    return chosen, torch.cat([first[:, None], noise[:, 1:]], dim=1)
