"""Our measurements beside what the paper prints for them, as columns of a CSV."""

from collections.abc import Sequence
from functools import cache

from textvae.paper.csv import csv_text
from textvae.paper.published import corrected, published
from textvae.paper.rows import Row

_OURS_COLUMNS = (
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
            lines.append(
                (
                    *(row.corpus, row.model, row.C, metric),
                    *(ours, len(row.known(metric)), row.deviation(metric)),
                    row.sentences.get(metric),
                    *(theirs, difference(ours, theirs)),
                )
            )
    return csv_text(_OURS_COLUMNS, lines)


def paper_value(table: str, row: Row, metric: str) -> float | None:
    """What the paper has for a metric of a row, by its authors' erratum; None if it has nothing."""
    return _values(table).get((row.corpus.casefold(), row.model, row.C, row.decoding, metric))


def paper_test_value(table: str, row: Row, metric: str) -> float | None:
    """What the paper has in the Test line of a row's corpus and decoding; None if nothing."""
    return _values(table).get((row.corpus.casefold(), row.model, None, row.decoding, metric))


def difference(ours: float | None, theirs: float | None) -> float | None:
    """Ours minus the paper's, where there are both."""
    return None if ours is None or theirs is None else ours - theirs


@cache
def _values(table: str) -> dict[tuple[str, str, float | None, str, str], float]:
    return {
        (figure.corpus, figure.model, figure.C, figure.decoding, figure.metric): figure.value
        for figure in corrected(published(table))
    }
