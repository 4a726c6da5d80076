"""Forward and reverse cross-entropy of a synthetic corpus (paper, section 3.3.2, Table 3).

Forward: cross-entropy of human text under a model of the synthetic text; high if the text lacks
quality or diversity. Reverse: cross-entropy of the synthetic text under a model of real text; low
if each sentence is likely, even without diversity. Together they separate quality from diversity.
The floor is the cross-entropy of human text under the model of real text.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textvae import bootstrap
from textvae.bootstrap import standard_error
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.fce import kneser_ney
from textvae.fce.dictionary import counts
from textvae.fce.kneser_ney import Scores
from textvae.measurements.report import Result, replicates_setting
from textvae.models.language_model import LanguageModel, score
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings


class CrossEntropySettings(Settings):
    """How a cross-entropy is measured; its language models are trained before."""

    bootstrap: int = replicates_setting()


@dataclass(frozen=True)
class CommonDictionary:
    """A synthetic corpus and the human test set over one dictionary, and their language models.

    lstms, kneser_neys: the model of the synthetic text, then that of real text. The Kneser-Ney
    models are files, loaded one after the other, since each may take gigabytes.
    """

    dictionary: Vocabulary
    text: Sentences
    test: Sentences
    lstms: tuple[LanguageModel, LanguageModel]
    kneser_neys: tuple[Path, Path]


@MEASUREMENTS.register(
    "fce",
    of="fce",
    summary="forward and reverse cross-entropy of a synthetic corpus",
    settings=CrossEntropySettings,
)
def measure(subject: CommonDictionary, settings: CrossEntropySettings) -> Result:
    """Return cross-entropies by LSTMs and (`kn5_`) 5-gram models, and counts of the dictionary.

    Bootstrap replicates, if requested, are under the key `bootstrap`.
    """
    text, test, dictionary = subject.text, subject.test, subject.dictionary
    synthetic, real = subject.lstms
    forward, floor = score(synthetic, test), score(real, test)
    values: dict[str, Any] = dict(cross_entropies(forward, floor, score(real, text)))
    of_synthetic, of_real = subject.kneser_neys
    ngram_forward = kneser_ney.score(kneser_ney.load(of_synthetic), test)
    ngrams = kneser_ney.load(of_real)
    ngram_floor = kneser_ney.score(ngrams, test)
    second = cross_entropies(ngram_forward, ngram_floor, kneser_ney.score(ngrams, text))
    values |= {f"kn5_{name}": value for name, value in second.items()}
    found, expected = counts(text, dictionary), counts(test, dictionary)
    values |= {
        "vocabulary_size": dictionary.types,
        "unk_percent": found["unk_percent"],
        "test_vocabulary_size": expected["vocabulary"],
        "test_unk_percent": expected["unk_percent"],
        "test_mean_length": expected["mean_length"],
    }
    # Metrics that the LSTM has and the 5-gram model, if not built, lacks.
    missing = {
        f"kn5_{name}": kneser_ney.NOT_BUILT
        for name, value in second.items()
        if value is None and values[name] is not None
    }
    if settings.bootstrap:
        again = replicated_cross_entropies(ngram_forward, ngram_floor, settings.bootstrap)
        values[bootstrap.KEY] = replicated_cross_entropies(forward, floor, settings.bootstrap) | {
            f"kn5_{name}": replicates for name, replicates in again.items()
        }
    return Result(values, missing)


def cross_entropies(
    synthetic: Scores | None, real: Scores | None, reverse: Scores | None
) -> dict[str, float | None]:
    """Return mean cross-entropies in nats a sentence; None for each without scores.

    synthetic, real: the human test set under the model of the synthetic and of the real text.
    reverse: the synthetic text under the model of real text. excess_nats: the forward
    cross-entropy minus its floor, paired by test sentence, with its standard error.
    """
    values = {
        "fce_nats": _mean(synthetic and synthetic.nll),
        "fce_standard_error": _error(synthetic and synthetic.nll),
        "fce_without_unk_nats": _mean(synthetic and synthetic.without_unk),
        "floor_nats": _mean(real and real.nll),
        "floor_without_unk_nats": _mean(real and real.without_unk),
        "reverse_nats": _mean(reverse and reverse.nll),
    }
    excess = synthetic.nll - real.nll if synthetic and real else None
    return values | {"excess_nats": _mean(excess), "excess_standard_error": _error(excess)}


def replicated_cross_entropies(
    synthetic: Scores | None, real: Scores | None, replicates: int
) -> dict[str, np.ndarray]:
    """Return replicates, (R,), of `cross_entropies` on resamples of the human test set.

    The reverse cross-entropy is measured on another text and has none.
    """
    costs: dict[str, np.ndarray] = {}
    if synthetic:
        costs |= {"fce_nats": synthetic.nll, "fce_without_unk_nats": synthetic.without_unk}
    if real:
        costs |= {"floor_nats": real.nll, "floor_without_unk_nats": real.without_unk}
    if synthetic and real:
        costs["excess_nats"] = synthetic.nll - real.nll
    return bootstrap.replicated_means(costs, replicates) if costs else {}


def _mean(values: np.ndarray | None) -> float | None:
    return None if values is None else float(values.mean())


def _error(values: np.ndarray | None) -> float | None:
    """Return the standard error of the mean; None for fewer than two values."""
    return None if values is None or len(values) < 2 else standard_error(values)
