"""The rows of the paper's tables: a corpus, a model and a C, with its seeds side by side.

Of generated text, also a decoding, with the copies of the synthetic corpus of all seeds.
"""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textvae.paper import decodings
from textvae.paper.measurements import Measured
from textvae.paper.published import CORPORA

# The paper found C - 1 <= R <= C + 1 of every model (section 3.1).
TOLERANCE = 1.0


@dataclass(frozen=True)
class Row:
    """Every metric of one (corpus, model, C), or of the texts that one decoding generates from it.

    decoding: "" where nothing was generated. seeds, copies: each once, in order; no copies where
    nothing was generated. values: for each metric its value for each of the seeds, or for each
    copy of each seed, in order; None where there is none. sentences: for each metric how many
    sentences it was measured on; the fewest, if they differ in it.
    """

    corpus: str
    model: str
    C: float
    decoding: str
    seeds: tuple[int, ...]
    copies: tuple[int, ...]
    values: Mapping[str, tuple[float | None, ...]]
    sentences: Mapping[str, int]

    def known(self, metric: str) -> list[float]:
        """The values, in order, without those that are None."""
        return [value for value in self.values.get(metric, ()) if value is not None]

    def mean(self, metric: str) -> float | None:
        """Mean over seeds and copies that have a value; None if none has."""
        return statistics.fmean(known) if (known := self.known(metric)) else None

    def deviation(self, metric: str) -> float | None:
        """Standard deviation over seeds and copies, with N - 1; None for fewer than two values."""
        return statistics.stdev(known) if len(known := self.known(metric)) > 1 else None


def rows_of(measured: Iterable[Measured]) -> list[Row]:
    """The rows, sorted: the paper's corpora in its order, then others by name; model; C; decoding.

    Decodings as in `decodings.place`; a row of no generated text is before all others.
    """
    found: dict[tuple[str, str, float, str], list[Measured]] = {}
    for one in measured:
        cell = one.cell
        found.setdefault((cell.corpus, cell.model, cell.C, one.decoding), []).append(one)
    rows = [_row(*identity, ones) for identity, ones in found.items()]
    return sorted(
        rows,
        key=lambda row: (
            *(*corpus_place(row.corpus), row.model, row.C),
            decodings.place(row.decoding),
        ),
    )


def on_target(rate: float, C: float) -> bool:
    """Whether a rate is within a nat of C."""
    return abs(rate - C) <= TOLERANCE


def corpus_title(corpus: str) -> str:
    """A corpus as the paper writes it (CBT for cbt); one that it has not, by its own name."""
    return CORPORA.get(corpus.casefold(), corpus)


def corpus_place(corpus: str) -> tuple[int, str]:
    """What corpora sort by: their order in the paper's tables, then all others by name."""
    names = list(CORPORA)
    known = corpus.casefold() in names
    return (names.index(corpus.casefold()) if known else len(names), corpus)


def _row(corpus: str, model: str, C: float, decoding: str, measured: list[Measured]) -> Row:
    """The row of measurements that differ in nothing but metric, seed and copy."""
    texts: dict[tuple[int, int], dict[str, Measured]] = {}
    for one in measured:
        texts.setdefault((one.cell.seed, one.copy or 0), {})[one.metric] = one
    ordered = [texts[text] for text in sorted(texts)]
    metrics = dict.fromkeys(metric for text in ordered for metric in text)
    found = {metric: [text.get(metric) for text in ordered] for metric in metrics}
    return Row(
        *(corpus, model, C, decoding),
        seeds=tuple(sorted({seed for seed, _ in texts})),
        copies=tuple(sorted({copy for _, copy in texts})) if decoding else (),
        values={
            metric: tuple(one.value if one else None for one in ones)
            for metric, ones in found.items()
        },
        sentences={
            metric: min(one.sentences for one in ones if one) for metric, ones in found.items()
        },
    )
