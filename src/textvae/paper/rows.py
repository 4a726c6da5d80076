"""The rows of the paper's tables: a corpus, a model and a C, with its seeds side by side.

Of generated text, also a decoding, with the copies of the synthetic corpus of all seeds.
"""

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textvae.paper import decodings
from textvae.paper.measurements import Measured, table
from textvae.paper.published import CORPORA

if TYPE_CHECKING:
    from pandas import DataFrame

# The paper found C - 1 <= R <= C + 1 of every model (section 3.1).
TOLERANCE = 1.0


@dataclass(frozen=True)
class Row:
    """Every metric of one (corpus, model, C), or of the texts that one decoding generates from it.

    decoding: "" where nothing was generated. seeds, copies: each once, in order; no copies where
    nothing was generated. values: for each metric its value for each of the seeds, or for each
    copy of each seed, in order; None where it is missing. sentences: for each metric how many
    sentences it was measured on; the fewest, if they differ.
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
        """Mean over seeds and copies that have a value, correctly rounded; None if none has."""
        return statistics.fmean(known) if (known := self.known(metric)) else None

    def deviation(self, metric: str) -> float | None:
        """Standard deviation over seeds and copies, with N - 1; None for fewer than two values."""
        return statistics.stdev(known) if len(known := self.known(metric)) > 1 else None


def rows_of(measured: "Iterable[Measured] | DataFrame") -> list[Row]:
    """Return the rows: the paper's corpora in its order, others by name; model; C; decoding.

    Decodings as in `decodings.place`; a row of no generated text is before all others.
    """
    groups = table(measured).groupby(["corpus", "model", "C", "decoding"], sort=False)
    return sorted(
        (_row(*name, group) for name, group in groups),
        key=lambda row: (
            *(*corpus_place(row.corpus), row.model, row.C),
            decodings.place(row.decoding),
        ),
    )


def on_target(rate: float, C: float) -> bool:
    """Whether a rate is within a nat of C."""
    return abs(rate - C) <= TOLERANCE


def corpus_title(corpus: str) -> str:
    """A corpus as the paper writes it (CBT for cbt), any other by its own name."""
    return CORPORA.get(corpus.casefold(), corpus)


def corpus_place(corpus: str) -> tuple[int, str]:
    """Sort key of corpora: their order in the paper's tables, then all others by name."""
    names = list(CORPORA)
    known = corpus.casefold() in names
    return (names.index(corpus.casefold()) if known else len(names), corpus)


def _row(corpus: str, model: str, C: float, decoding: str, group: "DataFrame") -> Row:
    """The row of measurements that differ only in metric, seed and copy."""
    texts = group.pivot(index=["seed", "copy"], columns="metric", values="value")
    sentences = group.groupby("metric")["sentences"].min()
    return Row(
        *(corpus, model, C, decoding),
        seeds=tuple(texts.index.unique("seed").tolist()),
        copies=tuple(sorted(texts.index.unique("copy").tolist())) if decoding else (),
        # In the order in which they were measured, which the pivot does not keep.
        values={
            metric: _without_nan(texts[metric].tolist()) for metric in group["metric"].unique()
        },
        sentences={metric: int(count) for metric, count in sentences.items()},
    )


def _without_nan(values: list[float]) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(value) else value for value in values)
