"""Moments of a prior without a closed form for them."""

import numpy as np
import torch

from textvae.models.parts import Moments, Prior

DRAWS = 100_000
_AT_ONCE = 10_000


@torch.no_grad()
def drawn_moments(prior: Prior, latent: int, device: torch.device) -> Moments:
    """Return mean and covariance of 100,000 codes, always from the same noise, in float64."""
    random = torch.Generator().manual_seed(0)
    drawn = []
    for _ in range(DRAWS // _AT_ONCE):
        noise = torch.randn(_AT_ONCE, latent, generator=random)
        drawn.append(prior.codes(noise.to(device)).double().cpu().numpy())
    codes = np.concatenate(drawn)
    return Moments(codes.mean(axis=0), np.atleast_2d(np.cov(codes, rowvar=False)))
