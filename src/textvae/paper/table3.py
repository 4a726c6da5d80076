"""Table 3: forward cross-entropy and diversity of generated text (section 3.3.2)."""

from collections.abc import Sequence
from itertools import chain, groupby

from textvae.cells import format_C
from textvae.paper import decodings
from textvae.paper.blocks import lines_of, titled, titles
from textvae.paper.comparison import difference, paper_test_value, paper_value
from textvae.paper.layout import MISSING, Cell, Column, Line, Span, Table, decimals
from textvae.paper.rows import Row
from textvae.paper.table3_measures import (
    DICTIONARY,
    METRICS,
    TEST_METRICS,
    Measure,
    measures_of,
    test_set_of,
)
from textvae.paper.table3_notes import notes
from textvae.paper.tidy import csv_text

# The paper has two decodings side by side; as many as this fit a page.
MOST_BESIDE = 2

_COLUMNS = (Column("", "", "text"), Column("$C$", "<i>C</i>"))
_CSV_COLUMNS = (
    *("corpus", "model", "C", "decoding", "metric"),
    *("ours", "seeds", "copies", "standard_deviation", "sentences", "paper", "difference"),
)


def table3(rows: Sequence[Row], caption: str, name: str = "table3") -> Table:
    """A block a corpus with its decodings side by side, or, of more than two, a block for each.

    rows: of generated text, as `rows_of` sorts them. In each block a line for each C, with the
    standard deviations over copies below, and at its end the test set's.
    """
    names = _decodings(rows)
    measures = (DICTIONARY, *measures_of(rows))
    beside = len(names) <= MOST_BESIDE
    blocks = []
    for title, group in _corpora(rows):
        for chosen in [names] if beside else [[one] for one in _decodings(group)]:
            of_block = [row for row in group if row.decoding in chosen]
            extended = title if beside else f"{title}, {decodings.title(chosen[0])}"
            blocks.append(titled(extended, _lines(of_block, chosen, measures)))
    headings = [one.heading for one in measures]
    spans = [Span(decodings.heading(one), len(measures)) for one in names]
    return Table(
        name=name,
        caption=caption,
        columns=(*_COLUMNS, *headings * (len(names) if beside else 1)),
        spans=(Span("", len(_COLUMNS)), *spans) if beside else (),
        blocks=tuple(blocks),
        notes=notes(rows),
        command="table3",
    )


def table3_csv(rows: Sequence[Row]) -> str:
    """Every metric of every row beside the paper's; after a corpus's rows those of its Test lines.

    `ours` is the mean over `copies` texts, those of all `seeds` seeds together, each measured on
    `sentences` sentences. fce_standard_deviation is that of fce_nats. The Test lines have no C and
    no copies: their metrics are the same for all of a seed.
    """
    lines = []
    for _, group in _corpora(rows):
        for row in group:
            measured = sorted(set(row.values) - set(TEST_METRICS))
            for metric in dict.fromkeys([*METRICS, *measured]):
                lines.append(_compared(row, metric))
        for name in _decodings(group):
            test_set = test_set_of([row for row in group if row.decoding == name])
            lines += [_compared_test(test_set, metric) for metric in TEST_METRICS]
    return csv_text(_CSV_COLUMNS, lines)


def _corpora(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows of each corpus (and model, if there are several), with its title."""
    named = titles(rows)
    groups = groupby(rows, key=lambda row: (row.corpus, row.model))
    return [(named[of], list(group)) for of, group in groups]


def _decodings(rows: Sequence[Row]) -> list[str]:
    return sorted({row.decoding for row in rows}, key=decodings.place)


def _lines(rows: Sequence[Row], names: Sequence[str], measures: Sequence[Measure]) -> list[Line]:
    """The lines of a block, each with the decodings of those names side by side."""
    blank: list[Cell] = [()] * len(measures)
    lines = []
    for C, group in groupby(rows, key=lambda row: row.C):
        by_decoding = {row.decoding: row for row in group}
        parts = [_part(by_decoding.get(name), measures) for name in names]
        lines.append(Line(((), (format_C(C),), *chain(*(means for means, _ in parts)))))
        if any(spreads for _, spreads in parts):
            below = chain(*(spreads or blank for _, spreads in parts))
            lines.append(Line(((), (), *below), small=True))
    tests = [_test_set([row for row in rows if row.decoding == name], measures) for name in names]
    return [*lines, Line(((), ("Test",), *chain(*tests)))]


def _part(row: Row | None, measures: Sequence[Measure]) -> tuple[list[Cell], list[Cell]]:
    """The means of a row, and their standard deviations if it has any."""
    if row is None:
        return [(one.missing,) for one in measures], []
    dictionary, *others = measures
    first = (decimals(row.mean(dictionary.metric), dictionary.places),)
    means, *spreads = lines_of(row, [first], {(one.metric,): one.places for one in others})
    return _filled(means.cells, measures), [cell for line in spreads for cell in line.cells]


def _test_set(rows: Sequence[Row], measures: Sequence[Measure]) -> list[Cell]:
    """What the Test line has of a decoding."""
    test_set = test_set_of(rows) if rows else None
    return _filled(
        [
            (decimals(test_set and test_set.mean(one.of_test), one.places),) if one.of_test else ()
            for one in measures
        ],
        measures,
    )


def _filled(cells: Sequence[Cell], measures: Sequence[Measure]) -> list[Cell]:
    """The cells, each with what its column has for a missing number."""
    return [
        (one.missing,) if cell == (MISSING,) else cell
        for cell, one in zip(cells, measures, strict=True)
    ]


def _compared(row: Row, metric: str) -> tuple[object, ...]:
    source = "fce_nats" if metric == "fce_standard_deviation" else metric
    ours, spread = row.mean(source), row.deviation(source)
    if metric != source:
        ours, spread = spread, None
    theirs = paper_value("table3", row, metric)
    return (
        *(row.corpus, row.model, row.C, row.decoding, metric),
        *(ours, len(row.seeds), len(row.known(source)), spread),
        *(row.sentences.get(source), theirs, difference(ours, theirs)),
    )


def _compared_test(test_set: Row, metric: str) -> tuple[object, ...]:
    ours, theirs = test_set.mean(metric), paper_test_value("table3", test_set, metric)
    return (
        *(test_set.corpus, test_set.model, None, test_set.decoding, metric),
        *(ours, len(test_set.seeds), None, None),
        *(test_set.sentences.get(metric), theirs, difference(ours, theirs)),
    )
