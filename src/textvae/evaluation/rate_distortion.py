"""D and R on a split: means over sentences of one sampled code each (paper, section 2.1)."""

from dataclasses import dataclass, field
from typing import Any

from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.evaluation.bound import Source
from textvae.models.channel import transmit
from textvae.models.finite import check_finite
from textvae.models.saved import TrainedModel
from textvae.settings import at_least
from textvae.standard_error import standard_error


@dataclass(frozen=True)
class Settings:
    """How rate and distortion are measured."""

    noise_seed: int = field(default=1, metadata=at_least(0, help="of the sampled codes"))
    bootstrap: int = field(default=0, metadata=bootstrap.REPLICATES)


def measure(
    trained: TrainedModel,
    sentences: Sentences,
    settings: Settings,
    source: Source | None = None,
) -> dict[str, Any]:
    """D and R in nats a sentence, `<eos>` included, with standard errors over sentences.

    With the source of the sentences, where it is known, also H and the excess of D + R over it.
    Where replicates are asked for, those of D and R are under `bootstrap`.
    """
    sent = transmit(trained.model, sentences, settings.noise_seed)
    check_finite("distortion or rate", sent.distortion, sent.rate)
    values = {
        "distortion_nats": float(sent.distortion.mean()),
        "distortion_standard_error": standard_error(sent.distortion),
        "rate_nats": float(sent.rate.mean()),
        "rate_standard_error": standard_error(sent.rate),
    }
    if source is not None:
        values["entropy_nats"] = source.entropy
        values |= source.excess(sent.distortion + sent.rate)
    if settings.bootstrap:
        costs = {"distortion_nats": sent.distortion, "rate_nats": sent.rate}
        values[bootstrap.KEY] = bootstrap.replicated_means(costs, settings.bootstrap)
    return values
