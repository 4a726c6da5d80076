"""Distortion D and rate R on a split, with one sampled code a sentence (paper, section 2.1)."""

from typing import Any

from textvae import bootstrap
from textvae.bootstrap import standard_error
from textvae.corpora.encoded import Sentences
from textvae.corpora.unknown_words import unk_percent
from textvae.measurements.bound import Source
from textvae.measurements.report import replicates_setting
from textvae.models.inference import rates_and_distortions
from textvae.models.layers import check_finite
from textvae.models.saved import TrainedModel
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting


class RateDistortionSettings(Settings):
    """How rate and distortion are measured."""

    noise_seed: int = setting(1, "seed of the sampled codes", ge=0)
    bootstrap: int = replicates_setting()


@MEASUREMENTS.register(
    "rate-distortion",
    of="split",
    summary="distortion and rate in nats per sentence",
    settings=RateDistortionSettings,
    bounded=True,
)
def measure(
    trained: TrainedModel,
    sentences: Sentences,
    settings: RateDistortionSettings,
    source: Source | None = None,
) -> dict[str, Any]:
    """Return D and R in nats per sentence, `<eos>` included, with standard errors over sentences.

    Also return the percentage of `<unk>` among the words of the sentences, and of those that the
    model was trained on, if that is recorded.

    If the source of the sentences is given, also return H and the excess of D + R over it.
    Bootstrap replicates of D and R, if requested, are under the key `bootstrap`.
    """
    costs = rates_and_distortions(trained.model, sentences, settings.noise_seed)
    check_finite("distortion or rate", costs.distortion, costs.rate)
    values = {
        "distortion_nats": float(costs.distortion.mean()),
        "distortion_standard_error": standard_error(costs.distortion),
        "rate_nats": float(costs.rate.mean()),
        "rate_standard_error": standard_error(costs.rate),
        "unk_percent": unk_percent(sentences),
    }
    if trained.unk_percent is not None:
        values["training_unk_percent"] = trained.unk_percent
    if source is not None:
        values["entropy_nats"] = source.entropy
        values |= source.excess(costs.distortion + costs.rate)
    if settings.bootstrap:
        resampled = {"distortion_nats": costs.distortion, "rate_nats": costs.rate}
        values[bootstrap.KEY] = bootstrap.replicated_means(resampled, settings.bootstrap)
    return values
