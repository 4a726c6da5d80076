"""Our measurements beside the paper's values, as columns of a CSV."""

from collections.abc import Sequence
from functools import cache

from textvae.paper.csv import csv_text
from textvae.paper.measured_on import EXPECTED
from textvae.paper.published import corrected, published
from textvae.paper.rows import Row

_OURS_COLUMNS = (
    *("corpus", "model", "C", "metric"),
    *("ours", "seeds", "standard_deviation", "sentences", "paper", "difference"),
)


def comparison_csv(rows: Sequence[Row], table: str, metrics: Sequence[str]) -> str:
    """Return a CSV line for every metric of every row beside the paper's value in `table`.

    `ours` is the mean over `seeds` seeds, each measured on `sentences` sentences. `metrics`, those
    of the table, are first and always present, even without a value of ours; all other metrics that
    were measured follow. BLEU and ROUGE of few sentences have no difference. If some are not of the
    test split, a last column `measured_on` names it.
    """
    elsewhere = any(text for row in rows for text in row.elsewhere.values())
    lines = []
    for row in rows:
        for metric in dict.fromkeys([*metrics, *sorted(row.values)]):
            ours, theirs = row.mean(metric), paper_value(table, row, metric)
            lines.append(
                (
                    *(row.corpus, row.model, row.C, metric),
                    *(ours, len(row.known(metric)), row.deviation(metric)),
                    row.sentences.get(metric),
                    *(theirs, difference(ours if row.enough(metric) else None, theirs)),
                    *((row.elsewhere.get(metric, EXPECTED),) if elsewhere else ()),
                )
            )
    return csv_text((*_OURS_COLUMNS, *(("measured_on",) if elsewhere else ())), lines)


def paper_value(table: str, row: Row, metric: str) -> float | None:
    """Return the paper's value for a metric of a row, after the erratum; None if it has none."""
    return _values(table).get((row.corpus.casefold(), row.model, row.C, row.decoding, metric))


def paper_test_value(table: str, row: Row, metric: str) -> float | None:
    """Return the paper's value in the Test line of a row's corpus and decoding; None if none."""
    return _values(table).get((row.corpus.casefold(), row.model, None, row.decoding, metric))


def difference(ours: float | None, theirs: float | None) -> float | None:
    """Return ours minus the paper's; None if either is missing."""
    return None if ours is None or theirs is None else ours - theirs


@cache
def _values(table: str) -> dict[tuple[str, str, float | None, str, str], float]:
    return {
        (figure.corpus, figure.model, figure.C, figure.decoding, figure.metric): figure.value
        for figure in corrected(published(table))
    }
