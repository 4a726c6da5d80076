"""The rows of the paper's tables: a corpus, a model and a C, with its seeds side by side."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textvae.paper.measurements import Measured
from textvae.paper.published import CORPORA

# The paper found C - 1 <= R <= C + 1 of every model (section 3.1).
TOLERANCE = 1.0


@dataclass(frozen=True)
class Row:
    """Every metric of one (corpus, model, C).

    seeds: the seeds, in order. values: for each metric its value for each of the seeds; None
    where a seed has none. sentences: for each metric how many sentences it was measured on; the
    fewest, if seeds differ in it.
    """

    corpus: str
    model: str
    C: float
    seeds: tuple[int, ...]
    values: Mapping[str, tuple[float | None, ...]]
    sentences: Mapping[str, int]

    def known(self, metric: str) -> list[float]:
        """The values of the seeds that have one."""
        return [value for value in self.values.get(metric, ()) if value is not None]

    def mean(self, metric: str) -> float | None:
        """Mean over the seeds that have a value; None if none has."""
        return statistics.fmean(known) if (known := self.known(metric)) else None

    def deviation(self, metric: str) -> float | None:
        """Standard deviation over seeds, with N - 1; None for fewer than two values."""
        return statistics.stdev(known) if len(known := self.known(metric)) > 1 else None


def rows_of(measured: Iterable[Measured]) -> list[Row]:
    """The rows, sorted: the paper's corpora in its order, then others by name; model; C."""
    cells: dict[tuple[str, str, float], dict[int, dict[str, Measured]]] = {}
    for one in measured:
        cell = one.cell
        seeds = cells.setdefault((cell.corpus, cell.model, cell.C), {})
        seeds.setdefault(cell.seed, {})[one.metric] = one
    rows = []
    for (corpus, model, C), seeds in cells.items():
        metrics = dict.fromkeys(metric for seed in sorted(seeds) for metric in seeds[seed])
        found = {metric: [seeds[seed].get(metric) for seed in sorted(seeds)] for metric in metrics}
        values = {
            metric: tuple(one.value if one else None for one in ones)
            for metric, ones in found.items()
        }
        sentences = {
            metric: min(one.sentences for one in ones if one) for metric, ones in found.items()
        }
        rows.append(Row(corpus, model, C, tuple(sorted(seeds)), values, sentences))
    return sorted(rows, key=lambda row: (_place(row.corpus), row.corpus, row.model, row.C))


def on_target(rate: float, C: float) -> bool:
    """Whether a rate is within a nat of C."""
    return abs(rate - C) <= TOLERANCE


def corpus_title(corpus: str) -> str:
    """A corpus as the paper writes it (CBT for cbt); one that it has not, by its own name."""
    return CORPORA.get(corpus.casefold(), corpus)


def _place(corpus: str) -> int:
    """Where the paper's tables have the corpus; after them all for one they have not."""
    names = list(CORPORA)
    return names.index(corpus.casefold()) if corpus.casefold() in names else len(names)
