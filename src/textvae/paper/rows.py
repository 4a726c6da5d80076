"""Rows of the paper's tables: one per corpus, model and C, aggregated over seeds.

For generated text there is one row per decoding, aggregated over seeds and copies.
"""

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textvae.cells import Cell
from textvae.natural_order import natural
from textvae.paper import decodings
from textvae.paper.measured_on import elsewhere
from textvae.paper.measurements import Measured, table
from textvae.paper.published import CORPORA

if TYPE_CHECKING:
    from pandas import DataFrame

# The paper reports C - 1 <= R <= C + 1 for every model (section 3.1).
TOLERANCE = 1.0
# BLEU and ROUGE of fewer sentences are neither shown nor compared: they vary by tens of points, and
# some resamples have none of the sentences.
MIN_SENTENCES = 20


@dataclass(frozen=True)
class Row:
    """All metrics of one (corpus, model, C), or of the texts that one decoding generates from it.

    decoding: "" if nothing was generated. texts: seed and copy of each text, ascending; copy 0 if
    nothing was generated. seeds, copies: distinct, ascending; no copies if nothing was generated.
    values: for each metric those of all texts, in order; None if missing. sentences: for each
    metric the number of sentences it was measured on; the smallest if they differ. elsewhere: the
    metrics that were not measured on the test split of the corpus, and what on instead.
    """

    corpus: str
    model: str
    C: float
    decoding: str
    seeds: tuple[int, ...]
    copies: tuple[int, ...]
    values: Mapping[str, tuple[float | None, ...]]
    sentences: Mapping[str, int]
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[tuple[int, int], ...] = ()

    @property
    def cells(self) -> list[Cell]:
        """Return the cells of all seeds."""
        return [Cell(self.corpus, self.model, self.C, seed) for seed in self.seeds]

    def known(self, metric: str) -> list[float]:
        """Return the values that are not None, in order."""
        return [value for value in self.values.get(metric, ()) if value is not None]

    def mean(self, metric: str) -> float | None:
        """Return the mean of the known values, correctly rounded; None if there are none."""
        return statistics.fmean(known) if (known := self.known(metric)) else None

    def deviation(self, metric: str) -> float | None:
        """Return the standard deviation of the known values (N - 1); None for fewer than two."""
        return statistics.stdev(known) if len(known := self.known(metric)) > 1 else None

    def enough(self, metric: str) -> bool:
        """Return whether a metric is of enough sentences to be shown and compared."""
        counts = self.known(f"sentences_{bucket_of(metric)}")
        return min(counts, default=MIN_SENTENCES) >= MIN_SENTENCES

    def deviation_of_copies(self, metric: str) -> float | None:
        """Return the mean over seeds of the standard deviation over copies; None without any."""
        values = self.values.get(metric, ())
        deviations = deviations_of_copies(
            (seed, value)
            for (seed, _), value in zip(self.texts, values, strict=False)
            if value is not None
        )
        return statistics.fmean(deviations) if deviations else None


def deviations_of_copies(values: Iterable[tuple[int, float]]) -> list[float]:
    """Return the standard deviation (N - 1) over the copies of each seed that has several.

    values: seed and value of each copy. Not over seeds, as in the paper: their models differ.
    """
    of_seeds: dict[int, list[float]] = {}
    for seed, value in values:
        of_seeds.setdefault(seed, []).append(value)
    return [statistics.stdev(several) for several in of_seeds.values() if len(several) > 1]


def rows_of(measured: "Iterable[Measured] | DataFrame") -> list[Row]:
    """Return the rows: the paper's corpora in its order, others by name; model; C; decoding.

    Decodings are in the order of `decodings.sort_key`; a row without generated text is first.
    """
    rows = table(measured)
    others = elsewhere(rows)
    groups = rows.groupby(["corpus", "model", "C", "decoding"], sort=False)
    return sorted(
        (_row(*name, group, others[others.index.isin(group.index)]) for name, group in groups),
        key=lambda row: (
            *(*corpus_sort_key(row.corpus), natural(row.model), row.C),
            decodings.sort_key(row.decoding),
        ),
    )


def bucket_of(metric: str) -> str:
    """Return the bucket of lengths that a BLEU or ROUGE is of: bucket1; "" for other metrics."""
    score, _, bucket = metric.partition("_")
    return bucket if score.rstrip("0123456789") in ("bleu", "rouge") else ""


def on_target(rate: float, C: float) -> bool:
    """Return whether a rate is within a nat of C."""
    return abs(rate - C) <= TOLERANCE


def corpus_title(corpus: str) -> str:
    """Return the paper's name of a corpus (CBT for cbt); other corpora keep their own."""
    return CORPORA.get(corpus.casefold(), corpus)


def corpus_sort_key(corpus: str) -> tuple[int, object]:
    """Return the sort key of a corpus: the order of the paper's tables, then all others by name."""
    names = list(CORPORA)
    known = corpus.casefold() in names
    return (names.index(corpus.casefold()) if known else len(names), natural(corpus))


def _row(
    corpus: str, model: str, C: float, decoding: str, group: "DataFrame", others: "DataFrame"
) -> Row:
    """Return the row of measurements that differ only in metric, seed and copy.

    others: those that were not taken on the test split.
    """
    texts = group.pivot(index=["seed", "copy"], columns="metric", values="value")
    sentences = group.groupby("metric")["sentences"].min()
    return Row(
        *(corpus, model, C, decoding),
        seeds=tuple(texts.index.unique("seed").tolist()),
        copies=tuple(sorted(texts.index.unique("copy").tolist())) if decoding else (),
        # In the order of measurement, which the pivot does not keep.
        values={
            metric: _without_nan(texts[metric].tolist()) for metric in group["metric"].unique()
        },
        sentences={metric: int(count) for metric, count in sentences.items()},
        elsewhere={
            metric: ", ".join(dict.fromkeys(rows["split"]))
            for metric, rows in others.groupby("metric")
        },
        texts=tuple(texts.index.tolist()),
    )


def _without_nan(values: list[float]) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(value) else value for value in values)
