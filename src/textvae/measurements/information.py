"""Lower and upper estimates of the mutual information of sentence and code under q.

The lower estimate samples log q(z|x) and log q(z), and is at most log N for N sentences; that of He
et al. (2019) takes the mean of log q(z|x) in closed form, and can exceed log N. See
`textvae.models.mutual_information`.
"""

import math
from typing import Any

import numpy as np
import torch

from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.measurements.report import Result, replicates_setting
from textvae.models.inference import draw_noise, posteriors
from textvae.models.layers import check_finite
from textvae.models.mutual_information import mutual_information
from textvae.models.saved import TrainedModel
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting


class InformationSettings(Settings):
    """How mutual information is estimated."""

    sentences: int = setting(5000, "sentences of the split, at random", ge=2)
    noise_seed: int = setting(1, "seed of the sampled codes and sentences", ge=0)
    bootstrap: int = replicates_setting()


@MEASUREMENTS.register(
    "information",
    of="split",
    summary="mutual information of sentence and code",
    settings=InformationSettings,
)
@torch.no_grad()
def measure(trained: TrainedModel, sentences: Sentences, settings: InformationSettings) -> Result:
    """Return three estimates and log N in nats, and the number N of sentences.

    N is smaller than in the settings where log q(z_i|x_j) of all pairs is dear, with a note.

    That of He et al. (2019) is None if the posterior's entropy has no closed form. Bootstrap
    replicates of the estimate from above, if requested, are under the key `bootstrap`: they
    resample the sentences that are encoded, not those whose posteriors make up q(z).
    """
    chosen = sentences.take(sentences.sample(settings.sentences, settings.noise_seed))
    posterior = posteriors(trained.model, chosen)
    notes: dict[str, str] = {}
    if posterior.most_pairs is not None and len(chosen) > posterior.most_pairs:
        notes["information_sentences"] = (
            f"{posterior.most_pairs} of {len(chosen)}: log q(z|x) of all pairs is dear to compute"
        )
        chosen = chosen.take(chosen.sample(posterior.most_pairs, settings.noise_seed))
        posterior = posteriors(trained.model, chosen)
    z = posterior.sample(draw_noise(*posterior.mean.shape, settings.noise_seed))
    uppers = torch.empty(len(chosen), dtype=torch.float64)
    estimates = mutual_information(z, posterior, uppers)
    check_finite("information", np.array([each for each in estimates if each is not None]))
    values: dict[str, Any] = {
        "mutual_information_nats": estimates.lower,
        "mutual_information_upper_nats": estimates.upper,
        "mutual_information_he2019_nats": estimates.he2019,
        "information_sentences": len(chosen),
        "log_sentences": math.log(len(chosen)),
    }
    if settings.bootstrap:
        values[bootstrap.KEY] = bootstrap.replicated_means(
            {"mutual_information_upper_nats": uppers.numpy()}, settings.bootstrap
        )
    if estimates.he2019 is None:
        no_form = "the posterior's entropy has no closed form"
        notes["mutual_information_he2019_nats"] = no_form
    return Result(values, notes, sentences=len(chosen))
