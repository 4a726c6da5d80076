"""The slope -dD/dR of a trained cell: nats of distortion that one more nat of rate would save.

At a minimum of D + beta |R - C| (eqn. 2), the slope is the same in every direction of parameter
space: beta if R > C, -beta if R < C, and between -beta and beta if R = C. There it is the Lagrange
multiplier of the constraint R = C, which any larger beta also satisfies (paper, footnote 3). The
direction used here is the width of the posterior: all log-variances change together.
"""

import numpy as np
import torch

from textvae.bootstrap import standard_error
from textvae.corpora.encoded import Sentences
from textvae.measurements.report import Result
from textvae.models.inference import draw_noise, encoded
from textvae.models.layers import check_finite
from textvae.models.saved import TrainedModel
from textvae.models.vae import TextVAE
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting

# Added to and subtracted from every log-variance. Both sides share the noise of the sampled codes,
# so a small step suffices. On trained models, 0.1 gives slopes up to 1.4% too large (half a
# standard error); from 0.03 down to 0.001 they agree to 0.2%, in float32.
SHIFT = 0.01
# Smaller changes of the rate, nats, are treated as zero. Ten times the change observed if the
# posterior is the prior in 64 dimensions (SHIFT ** 3 / 6 a dimension, the error of central
# differences, and rounding).
_MIN_CHANGE = 1e-4


class SlopeSettings(Settings):
    """How the slope is measured."""

    sentences: int = setting(2000, "sentences of the split, at random", ge=2)
    noise_seed: int = setting(1, "seed of the sampled codes and sentences", ge=0)


@MEASUREMENTS.register(
    "slope",
    of="split",
    summary="-dD/dR, the distortion that one more nat of rate would save",
    settings=SlopeSettings,
)
def measure(trained: TrainedModel, sentences: Sentences, settings: SlopeSettings) -> Result:
    """Return the slope, nats for a nat, and its standard error over sentences.

    Both are None if the rate does not depend on the width (posterior collapse).
    """
    sample = sentences.take(sentences.sample(settings.sentences, settings.noise_seed))
    distortion, rate = changes(trained.model, sample, settings.noise_seed)
    if abs(rate.mean()) > max(_MIN_CHANGE, 3 * standard_error(rate)):
        slope, error = ratio(distortion, rate)
        return Result({"slope": slope, "slope_standard_error": error})
    note = "not defined: the rate does not change with the posterior's width, beyond its noise"
    undefined = ("slope", "slope_standard_error")
    return Result(dict.fromkeys(undefined), notes=dict.fromkeys(undefined, note))


@torch.no_grad()
def changes(model: TextVAE, sentences: Sentences, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the changes of D and R of each sentence with the posterior's width, (N,) each, nats.

    Log-variances change from minus SHIFT to plus SHIFT, with one z a sentence from the same noise.
    """
    noise = draw_noise(len(sentences), model.architecture.latent, seed)
    distortion, rate = np.zeros(len(sentences)), np.zeros(len(sentences))
    for part, batch, posterior in encoded(model, sentences):
        for sign in (1, -1):
            shifted = posterior.widened(sign * SHIFT)
            z, rates = model.draw(shifted, batch.arrange(noise[part]))
            nll = model.distortion(batch, z)
            costs = [batch.restore(cost).double().cpu().numpy() for cost in (nll, rates)]
            check_finite("distortion or rate", *costs)
            distortion[part] += sign * costs[0]
            rate[part] += sign * costs[1]
    return distortion, rate


def ratio(distortion: np.ndarray, rate: np.ndarray) -> tuple[float, float]:
    """Return -mean(distortion) / mean(rate) over sentences, (N,) each, and its standard error.

    The standard error is by the delta method.
    """
    slope = -distortion.mean() / rate.mean()
    return float(slope), standard_error(distortion + slope * rate) / abs(float(rate.mean()))
