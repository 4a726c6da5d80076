"""Values of validation sentences within a training, for an objective that chooses C."""

import math

from textvae.corpora.encoded import Sentences
from textvae.models.active_units import scaled_means, soft_active_units
from textvae.models.inference import posteriors, rates_and_distortions
from textvae.models.vae import TextVAE


def look(model: TextVAE, sentences: Sentences, seed: int) -> dict[str, float]:
    """Return D, D_error, R, soft active units and the number of units, nats per sentence.

    The same sentences and noise at every look. FloatingPointError if a value is not finite.
    """
    values = rates_and_distortions(model, sentences, seed)
    D, R = values.distortion, values.rate
    means = scaled_means(model, posteriors(model, sentences))
    measured = {
        "D": float(D.mean()),
        "D_error": float(D.std(ddof=1)) / math.sqrt(len(D)) if len(D) > 1 else 0.0,
        "R": float(R.mean()),
        "soft_active_units": soft_active_units(means) if len(means) > 1 else 0.0,
        "units": float(model.architecture.latent),
    }
    if not all(map(math.isfinite, measured.values())):
        raise FloatingPointError
    return measured
