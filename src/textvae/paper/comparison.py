"""Ours beside the paper's: every metric of every row, as data."""

from collections.abc import Sequence
from functools import cache

from textvae.paper.published import corrected, published
from textvae.paper.rows import Row
from textvae.paper.tidy import csv_text

_COLUMNS = (
    *("corpus", "model", "C", "metric"),
    *("ours", "seeds", "standard_deviation", "sentences", "paper", "difference"),
)


def comparison_csv(rows: Sequence[Row], table: str, metrics: Sequence[str]) -> str:
    """Every metric of every row beside what the paper has for it in `table`.

    `ours` is the mean over `seeds` seeds, each measured on `sentences` sentences. `metrics`, those
    of the table, come first and are all there, if need be without a value of ours; after them come
    the others that were measured.
    """
    lines = []
    for row in rows:
        for metric in dict.fromkeys([*metrics, *sorted(row.values)]):
            ours, theirs = row.mean(metric), paper_value(table, row, metric)
            known = ours is not None and theirs is not None
            lines.append(
                (
                    *(row.corpus, row.model, row.C, metric),
                    *(ours, len(row.known(metric)), row.deviation(metric)),
                    row.sentences.get(metric),
                    *(theirs, ours - theirs if known else None),
                )
            )
    return csv_text(_COLUMNS, lines)


def paper_value(table: str, row: Row, metric: str) -> float | None:
    """What the paper has for a metric of a row, by its authors' erratum; None if it has nothing."""
    return _values(table).get((row.corpus.casefold(), row.model, row.C, metric))


@cache
def _values(table: str) -> dict[tuple[str, str, float | None, str], float]:
    return {
        (figure.corpus, figure.model, figure.C, figure.metric): figure.value
        for figure in corrected(published(table))
    }
