"""Greedy reconstruction from the posterior mean, scored by length (paper, Table 1)."""

from typing import Any

from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.measurements.overlap import scores, shared_words, sizes
from textvae.models.decoding import greedy
from textvae.models.inference import posteriors
from textvae.models.saved import TrainedModel
from textvae.settings import Settings as Base
from textvae.settings import setting


class Settings(Base):
    """How reconstruction is measured."""

    bootstrap: int = setting(
        0, "bootstrap replicates on resampled test sentences, 0 for none", ge=0, le=10_000
    )


Words = list[str]


def measure(
    trained: TrainedModel, sentences: Sentences, settings: Settings
) -> tuple[dict[str, Any], list[tuple[Words, Words]]]:
    """BLEU-2/4 and ROUGE-2/4 in each bucket of original length, and the pairs themselves.

    A pair is an original, as the model's vocabulary has it, and its reconstruction, in words. Where
    replicates are asked for, they are under `bootstrap`.
    """
    codes = posteriors(trained.model, sentences).mean
    # Room for the longest sentence and its end mark.
    ids = greedy(trained.model, codes, steps=int(sentences.lengths.max()) + 1)
    originals = [trained.vocabulary.decode(sentence) for sentence in sentences]
    copies = [trained.vocabulary.decode(sentence) for sentence in ids]
    shared = shared_words(originals, copies)
    values: dict[str, Any] = scores(shared) | sizes(shared)
    if settings.bootstrap:
        values[bootstrap.KEY] = bootstrap.replicated(
            lambda counts: scores(shared, counts), len(originals), settings.bootstrap
        )
    return values, list(zip(originals, copies, strict=True))
