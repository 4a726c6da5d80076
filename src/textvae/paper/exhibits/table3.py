"""Table 3: forward cross-entropy and diversity of generated text (section 3.3.2)."""

from collections.abc import Sequence
from itertools import chain, groupby

from textvae.cells import format_C
from textvae.paper import decodings
from textvae.paper.csv import csv_text
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.exhibits.table3_measures import (
    DICTIONARY,
    METRICS,
    TEST_METRICS,
    Measure,
    measures_of,
    test_set_of,
)
from textvae.paper.exhibits.table3_notes import notes
from textvae.paper.render.table import (
    MISSING,
    Cell,
    Column,
    Line,
    Span,
    Table,
    decimals,
    lines_of,
    titled,
    titles,
)
from textvae.paper.rows import Row
from textvae.paper.versus_paper import difference, paper_test_value, paper_value
from textvae.registry import EXHIBITS

# The number of decodings side by side that fit a page; the paper has two.
MAX_SIDE_BY_SIDE = 2

_COLUMNS = (Column("", "", "text"), Column("$C$", "<i>C</i>"))
_CSV_COLUMNS = (
    *("corpus", "model", "C", "decoding", "metric"),
    *("ours", "seeds", "copies", "standard_deviation", "sentences", "paper", "difference"),
)


@EXHIBITS.register(
    "table3",
    forms=TABLE,
    category="Tables",
    accepts_variants=True,
    needs=("fce", "description"),
    published=("table3", "errata"),
    # Its cells belong to Table 1, which shows their training curves.
    reuses_cells=True,
)
def render(inputs: Inputs) -> Rendered:
    """The paper's Table 3: forward cross-entropy and diversity of generated text."""
    rows = inputs.rows(generated=True)
    return Rendered((table3(rows, inputs.caption, inputs.name),), data=table3_csv(rows))


def table3(rows: Sequence[Row], caption: str, name: str = "table3") -> Table:
    """Return the table: a block per corpus, with its decodings side by side if there are only two.

    With more decodings each has its own block. rows: of generated text, sorted by `rows_of`. A
    block has a line for each C, with standard deviations over copies below, and a last line for the
    test set.
    """
    names = _decodings(rows)
    measures = (DICTIONARY, *measures_of(rows))
    side_by_side = len(names) <= MAX_SIDE_BY_SIDE
    blocks = []
    for title, group in _corpora(rows):
        for shown in [names] if side_by_side else [[one] for one in _decodings(group)]:
            of_block = [row for row in group if row.decoding in shown]
            of_decoding = title if side_by_side else f"{title}, {decodings.title(shown[0])}"
            blocks.append(titled(of_decoding, _lines(of_block, shown, measures)))
    headings = [one.heading for one in measures]
    spans = [Span(decodings.heading(one), len(measures)) for one in names]
    return Table(
        name=name,
        caption=caption,
        columns=(*_COLUMNS, *headings * (len(names) if side_by_side else 1)),
        spans=(Span("", len(_COLUMNS)), *spans) if side_by_side else (),
        blocks=tuple(blocks),
        notes=notes(rows),
    )


def table3_csv(rows: Sequence[Row]) -> str:
    """Return every metric of every row beside the paper's as CSV, then those of the Test lines.

    `ours` is the mean over the `copies` synthetic corpora of all `seeds` seeds, each measured on
    `sentences` sentences. fce_standard_deviation is that of fce_nats over copies, a mean over
    seeds. The Test lines have no C and no copies: their metrics are the same for all C and copies
    of a seed.
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
    """Return (title, rows) of each corpus, or of each model of it if there are several."""
    named = titles(rows)
    groups = groupby(rows, key=lambda row: (row.corpus, row.model))
    return [(named[of], list(group)) for of, group in groups]


def _decodings(rows: Sequence[Row]) -> list[str]:
    return sorted({row.decoding for row in rows}, key=decodings.sort_key)


def _lines(rows: Sequence[Row], names: Sequence[str], measures: Sequence[Measure]) -> list[Line]:
    """Return the lines of a block, with the named decodings side by side."""
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
    """Return the means of a row, and its standard deviations if it has any."""
    if row is None:
        return [(one.missing,) for one in measures], []
    dictionary, *others = measures
    first = (decimals(row.mean(dictionary.metric), dictionary.places),)
    means, *spreads = lines_of(row, [first], {(one.metric,): one.places for one in others})
    return _filled(means.cells, measures), [cell for line in spreads for cell in line.cells]


def _test_set(rows: Sequence[Row], measures: Sequence[Measure]) -> list[Cell]:
    """Return the cells of the Test line of a decoding."""
    test_set = test_set_of(rows) if rows else None
    return _filled(
        [
            (decimals(test_set and test_set.mean(one.of_test), one.places),) if one.of_test else ()
            for one in measures
        ],
        measures,
    )


def _filled(cells: Sequence[Cell], measures: Sequence[Measure]) -> list[Cell]:
    """Replace missing numbers by the text that their column shows for them."""
    return [
        (one.missing,) if cell == (MISSING,) else cell
        for cell, one in zip(cells, measures, strict=True)
    ]


def _compared(row: Row, metric: str) -> tuple[object, ...]:
    source = "fce_nats" if metric == "fce_standard_deviation" else metric
    ours, spread = row.mean(source), row.deviation(source)
    if metric != source:
        ours, spread = row.deviation_of_copies(source), None
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
