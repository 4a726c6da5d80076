"""Greedy reconstruction from the posterior mean, scored by length (paper, Table 1)."""

from collections.abc import Sequence
from functools import partial

from textvae import bootstrap
from textvae.corpora.encoded import Sentences
from textvae.measurements.overlap import UNDEFINED, scores, shared_words, sizes
from textvae.measurements.report import Result, replicates_setting
from textvae.models.decoding import greedy
from textvae.models.inference import posteriors
from textvae.models.saved import TrainedModel
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings
from textvae.short_sentences import originals_notes


class ReconstructionSettings(Settings):
    """How reconstruction is measured."""

    bootstrap: int = replicates_setting()


Words = list[str]


@MEASUREMENTS.register(
    "reconstruction",
    of="split",
    summary="BLEU and ROUGE of greedy reconstructions",
    settings=ReconstructionSettings,
    texts={"pairs": "lines of original TAB reconstruction"},
)
def measure(
    trained: TrainedModel, sentences: Sentences, settings: ReconstructionSettings
) -> Result:
    """Return BLEU-2/4 and ROUGE-2/4 in each bucket of original length, and the pairs as a text.

    Bootstrap replicates, if requested, are under the key `bootstrap`.
    """
    pairs = reconstruct(trained, sentences)
    originals, copies = zip(*pairs, strict=True)
    shared = shared_words(originals, copies)
    values = scores(shared) | sizes(shared)
    remarks = originals_notes(values)
    undefined = {name: UNDEFINED for name, value in values.items() if value is None}
    if settings.bootstrap:
        values[bootstrap.KEY] = bootstrap.replicated(
            lambda counts: scores(shared, counts), len(pairs), settings.bootstrap
        )
    return Result(values, undefined, {"pairs": partial(_lines, pairs)}, remarks)


def reconstruct(trained: TrainedModel, sentences: Sentences) -> list[tuple[Words, Words]]:
    """Return (original, reconstruction) of each sentence as lists of words."""
    codes = posteriors(trained.model, sentences).mean
    # Enough steps for the longest sentence and its end mark.
    ids = greedy(trained.model, codes, steps=int(sentences.lengths.max()) + 1)
    decode = trained.vocabulary.decode
    return [(decode(original), decode(copy)) for original, copy in zip(sentences, ids, strict=True)]


def _lines(pairs: Sequence[tuple[Words, Words]]) -> str:
    return "".join(f"{' '.join(original)}\t{' '.join(copy)}\n" for original, copy in pairs)
