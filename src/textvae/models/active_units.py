"""Active units (Burda et al. 2015): dimensions of the code whose posterior mean varies."""

import numpy as np

from textvae.models.posterior import Posterior
from textvae.models.vae import TextVAE

# A dimension is active if its posterior mean has at least this variance over the data.
ACTIVE_VARIANCE = 0.01


def scaled_means(model: TextVAE, posterior: Posterior) -> np.ndarray:
    """Return the means of the posteriors of N sentences (N, d), in the prior's deviations."""
    return posterior.expectation.double().numpy() / model.prior.moments().deviations


def active_units(means: np.ndarray) -> int:
    """Return the number of dimensions of posterior means (N, d) with variance of at least 0.01."""
    return int((means.var(axis=0, ddof=1) >= ACTIVE_VARIANCE).sum())


def soft_active_units(means: np.ndarray) -> float:
    """Return the sum over dimensions of v / (v + 0.01), v the variance of posterior means (N, d).

    It is near the number of active units where the variances are far from the threshold 0.01, which
    those of a code of another scale may not be.
    """
    variances = means.var(axis=0, ddof=1)
    return float((variances / (variances + ACTIVE_VARIANCE)).sum())
