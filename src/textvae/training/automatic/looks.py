"""Values of validation sentences within a training, for an objective that chooses C."""

import math

import torch

from textvae.corpora.encoded import Sentences
from textvae.models.inference import posteriors, rates_and_distortions
from textvae.models.vae import TextVAE

# The variance of the posterior means that counts a dimension half.
_ACTIVE_VARIANCE = 0.01


def look(model: TextVAE, sentences: Sentences, seed: int) -> dict[str, float]:
    """Return D, D_error, R, soft active units and the number of units, nats per sentence.

    The same sentences and noise at every look. FloatingPointError if a value is not finite.
    """
    values = rates_and_distortions(model, sentences, seed)
    D, R = values.distortion, values.rate
    measured = {
        "D": float(D.mean()),
        "D_error": float(D.std(ddof=1)) / math.sqrt(len(D)) if len(D) > 1 else 0.0,
        "R": float(R.mean()),
        "active_units": soft_active_units(model, sentences),
        "units": float(model.architecture.latent),
    }
    if not all(map(math.isfinite, measured.values())):
        raise FloatingPointError
    return measured


def soft_active_units(model: TextVAE, sentences: Sentences) -> float:
    """Return the sum over dimensions of v / (v + 0.01), v the variance of posterior means.

    The means are in units of the prior's standard deviations, as in the measurement `posterior`.
    """
    means = posteriors(model, sentences).mean.double()
    means = means / torch.as_tensor(model.prior.moments().deviations)
    if len(means) < 2:
        return 0.0
    variances = means.var(dim=0)
    return float((variances / (variances + _ACTIVE_VARIANCE)).sum())
