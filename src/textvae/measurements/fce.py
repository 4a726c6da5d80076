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
from textvae.corpora.vocabulary import UNK_ID, Vocabulary
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
    models are files, loaded one after the other, since each may take gigabytes. sentences: on which
    the models were trained, each None if it is not recorded.
    """

    dictionary: Vocabulary
    text: Sentences
    test: Sentences
    lstms: tuple[LanguageModel, LanguageModel]
    kneser_neys: tuple[Path, Path]
    sentences: tuple[int | None, int | None] = (None, None)


# Sentences that the models of the synthetic and of real text were trained on.
TRAINED_ON = ("synthetic_sentences", "floor_sentences")


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
    synthetic_file, real_file = subject.kneser_neys
    ngram_forward = kneser_ney.score(kneser_ney.load(synthetic_file), test)
    real_ngrams = kneser_ney.load(real_file)
    ngram_floor = kneser_ney.score(real_ngrams, test)
    ngram_values = cross_entropies(ngram_forward, ngram_floor, kneser_ney.score(real_ngrams, text))
    values |= {f"kn5_{name}": value for name, value in ngram_values.items()}
    text_counts, test_counts = counts(text, dictionary), counts(test, dictionary)
    values |= {
        "vocabulary_size": dictionary.types,
        "unk_percent": text_counts["unk_percent"],
        "test_vocabulary_size": test_counts["vocabulary"],
        "test_unk_percent": test_counts["unk_percent"],
        "test_mean_length": test_counts["mean_length"],
    }
    if None not in subject.sentences:
        values |= zip(TRAINED_ON, subject.sentences, strict=True)
    # Metrics of the LSTMs whose 5-gram model was not built.
    missing = {
        f"kn5_{name}": kneser_ney.NOT_BUILT
        for name, value in ngram_values.items()
        if value is None and values[name] is not None
    }
    if settings.bootstrap:
        ngram_replicates = replicated_cross_entropies(
            ngram_forward, ngram_floor, settings.bootstrap
        )
        values[bootstrap.KEY] = replicated_cross_entropies(forward, floor, settings.bootstrap) | {
            f"kn5_{name}": replicates for name, replicates in ngram_replicates.items()
        }
        values[bootstrap.KEY] |= replicated_unk_percent(test, settings.bootstrap)
    return Result(values, missing)


def cross_entropies(
    synthetic: Scores | None, real: Scores | None, reverse: Scores | None
) -> dict[str, float | None]:
    """Return mean cross-entropies in nats per sentence; None for each without scores.

    synthetic, real: the human test set under the model of the synthetic and of the real text.
    reverse: the synthetic text under the model of real text. excess_nats: the forward
    cross-entropy minus its floor, paired by test sentence, with its standard error.
    """
    values = {
        "fce_nats": _mean_or_none(synthetic and synthetic.nll),
        "fce_standard_error": _error_or_none(synthetic and synthetic.nll),
        "fce_without_unk_nats": _mean_or_none(synthetic and synthetic.without_unk),
        "floor_nats": _mean_or_none(real and real.nll),
        "floor_without_unk_nats": _mean_or_none(real and real.without_unk),
        "reverse_nats": _mean_or_none(reverse and reverse.nll),
    }
    excess = synthetic.nll - real.nll if synthetic and real else None
    return values | {
        "excess_nats": _mean_or_none(excess),
        "excess_standard_error": _error_or_none(excess),
    }


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


def replicated_unk_percent(test: Sentences, replicates: int) -> dict[str, np.ndarray]:
    """Return replicates, (R,), of the percentage of `<unk>` on resamples of the human test set.

    NaN on a resample without words.
    """
    before = np.concatenate([[0], np.cumsum(test.tokens == UNK_ID)])
    unknown, words = np.diff(before[test.offsets]), test.lengths

    def percent(counts: np.ndarray) -> dict[str, float | None]:
        total = counts @ words
        return {"test_unk_percent": 100 * float(counts @ unknown / total) if total else None}

    return bootstrap.replicated(percent, len(test), replicates)


def _mean_or_none(values: np.ndarray | None) -> float | None:
    return None if values is None else float(values.mean())


def _error_or_none(values: np.ndarray | None) -> float | None:
    """Return the standard error of the mean; None for fewer than two values."""
    return None if values is None or len(values) < 2 else standard_error(values)
