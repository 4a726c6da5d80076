"""Table 3: forward cross-entropy and diversity of generated text (section 3.3.2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from textvae.cells import format_C
from textvae.paper import decodings
from textvae.paper.csv import csv_text
from textvae.paper.exhibit import TABLE, Inputs, Rendered
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
from textvae.paper.rows import Row, corpus_title
from textvae.paper.versus_paper import difference, paper_test_value, paper_value
from textvae.registry import EXHIBITS
from textvae.short_sentences import TOO_SHORT, generated_note

# Shown in the column KN-5 if KenLM is not installed.
NOT_BUILT = "not built"


@dataclass(frozen=True)
class Measure:
    """A column: its metric, decimals and heading.

    of_test: the metric in the Test line; "" if none. missing: shown instead of a missing number.
    """

    metric: str
    places: int
    heading: Column
    of_test: str = ""
    missing: str = MISSING


# All C and copies of a decoding share a dictionary: |V| has no deviation.
DICTIONARY = Measure("vocabulary_size", 0, Column("$|V|$", "|<i>V</i>|"), "test_vocabulary_size")
KNESER_NEY = Measure("kn5_fce_nats", 1, Column("KN-5", "KN-5"), "kn5_floor_nats")
MEASURES = (
    Measure("fce_nats", 1, Column("FCE", "FCE"), "floor_nats"),
    Measure("fce_without_unk_nats", 1, Column("no unk", "no unk"), "floor_without_unk_nats"),
    KNESER_NEY,
    Measure("reverse_nats", 1, Column("rev.", "rev.")),
    Measure("unk_percent", 1, Column(r"\%unk", "%unk"), "test_unk_percent"),
    Measure("mean_length", 1, Column("len.", "len."), "test_mean_length"),
    Measure("self_bleu4", 1, Column("SB", "SB")),
    Measure("pairwise_bleu4", 2, Column("PB", "PB")),
)
# Only for corpora of the embedded grammar, which decides whether a sentence is grammatical.
GRAMMAR = (
    Measure("accepted_percent", 1, Column(r"acc.\%", "acc.%")),
    Measure("mean_log_probability", 1, Column(r"$\log p$", "log <i>p</i>")),
)

# Sentences that the models of the synthetic and of real text were trained on.
TRAINED_ON = ("synthetic_sentences", "floor_sentences")

# The metrics of the paper's table, and our additional ones.
METRICS = (
    *("vocabulary_size", "fce_nats", "fce_standard_deviation"),
    *(measure.metric for measure in MEASURES[1:]),
)
TEST_METRICS = (
    *(measure.of_test for measure in (DICTIONARY, *MEASURES) if measure.of_test),
    "kn5_floor_without_unk_nats",
)


def measures_of(rows: Sequence[Row]) -> tuple[Measure, ...]:
    """Return the columns after |V|, with those of the grammar only if it judged any row."""
    built = _built(rows)
    unbuilt = replace(KNESER_NEY, missing=NOT_BUILT)
    judged = any(GRAMMAR[0].metric in row.values for row in rows)
    columns = (*MEASURES, *GRAMMAR) if judged else MEASURES
    return tuple(unbuilt if one is KNESER_NEY and not built else one for one in columns)


def _built(rows: Sequence[Row]) -> bool:
    """Return whether 5-gram models were trained, or were not asked for."""
    asked = any(row.known(MEASURES[0].metric) for row in rows)
    return not asked or any(row.known(KNESER_NEY.metric) for row in rows)


def test_set_of(rows: Sequence[Row]) -> Row:
    """Return a row with the test-set metrics of the rows of one corpus, model and decoding.

    They depend only on the dictionary, so they are the same for every C and copy.
    """
    measured = {
        metric: next(row for row in rows if row.known(metric))
        for metric in TEST_METRICS
        if any(row.known(metric) for row in rows)
    }
    return replace(
        rows[0],
        values={metric: row.values[metric] for metric, row in measured.items()},
        sentences={metric: row.sentences[metric] for metric, row in measured.items()},
    )


# Standard errors: chance does not explain an FCE further below its floor.
MAX_STANDARD_ERRORS = 3

_LEGEND = (
    "|V|: size of the dictionary, which contains the words that occur in the synthetic corpora of "
    "every C; in the Test line, the number of these words in the test set. All other words are "
    "<unk>; %unk: their share of all words. FCE: negative log-likelihood of the test set in nats "
    "per sentence under an LSTM language model trained on the synthetic corpus; no unk: FCE "
    "without the <unk> tokens; KN-5: FCE of a modified Kneser-Ney 5-gram model instead; rev.: "
    "negative log-likelihood of the synthetic corpus under the LSTM model trained on real text. "
    "len.: words per sentence."
)
_TEST = (
    "Test: the test set. Its FCE, no unk and KN-5 are the floors: values of the same models with "
    "the same dictionary, trained on real text."
)
_GRAMMAR = (
    "acc.%: sentences that the grammar of the corpus accepts; log p: the mean log-probability of "
    "the accepted sentences under the grammar, in nats."
)
_KNESER_NEY = f"KN-5 {NOT_BUILT}: KenLM, which trains 5-gram models, is not installed."


def notes(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the notes under the table; the first explains its columns."""
    judged = any(GRAMMAR[0].metric in row.values for row in rows)
    built = _built(rows)
    return (
        " ".join((_LEGEND, _bleu(rows), *((_GRAMMAR,) if judged else ()), _TEST)),
        *(() if built else (_KNESER_NEY,)),
        _counts(rows),
        *_unequal_floors(rows),
        *_floors(rows),
        *_cut(rows),
        *_short(rows),
    )


def _bleu(rows: Sequence[Row]) -> str:
    sentences = _by_corpus(rows, lambda row: row.mean("self_bleu_sentences"))
    only = f" (number of sentences: {sentences})" if sentences else ""
    return (
        "SB: self-BLEU-4; PB: mean BLEU-4 of pairs of sentences, which we compare with the paper's "
        f"SB. Both are from 0 to 100, for the first sentences of a corpus{only}; <unk> matches "
        "itself."
    )


def _counts(rows: Sequence[Row]) -> str:
    """Return a note on the number of synthetic corpora and sentences behind the means."""
    copies = sorted({len(row.copies) for row in rows})
    seeds = sorted({len(row.seeds) for row in rows})
    of_seeds = "" if seeds == [1] else f" of each of {_range(seeds)} seeds"
    means = (
        "One synthetic corpus for each C and decoding"
        if copies == [1] and not of_seeds
        else f"Means over {_range(copies)} synthetic {'corpus' if copies == [1] else 'corpora'}"
        f"{of_seeds}, with the standard deviation below"
    )
    sentences = _by_corpus(rows, lambda row: row.sentences.get("mean_length"))
    test = _by_corpus(rows, lambda row: row.sentences.get("fce_nats"))
    sizes = [f"sentences in each: {sentences}"] if sentences else []
    sizes += [f"test sentences: {test}"] if test else []
    return f"{'; '.join([means, *sizes])}."


def _unequal_floors(rows: Sequence[Row]) -> list[str]:
    """Return a note on the rows whose floor is of another number of sentences."""
    unequal = [
        f"{title}, {synthetic:,.0f} and {real:,.0f}"
        for title, row in _titled(rows)
        for synthetic, real in [(row.mean(metric) for metric in TRAINED_ON)]
        if None not in (synthetic, real) and synthetic != real
    ]
    if not unequal:
        return []
    return [
        "FLOORS OF OTHER NUMBERS OF SENTENCES: the models of the synthetic and of real text were "
        "trained on different numbers of sentences, which the distance from the floor includes: "
        f"{'; '.join(unequal)}."
    ]


def _floors(rows: Sequence[Row]) -> list[str]:
    """Return a note on the rows with an FCE significantly below its floor, if that was measured."""
    if not any(row.known("excess_standard_error") for row in rows):
        return []
    below = [f"{title}, {deficit}" for title, row in _titled(rows) if (deficit := _deficit(row))]
    significantly = f"by more than {MAX_STANDARD_ERRORS} standard errors, paired by test sentence"
    if not below:
        return [f"No FCE is below its floor {significantly}."]
    return [
        "FCE should not be below its floor, because generated text should not be better training "
        f"data than real text. It is below its floor, {significantly}, in: {'; '.join(below)}."
    ]


def _deficit(row: Row) -> str:
    """Return the largest significant deficit: by 1.20 nats in 2 of 3 corpora; "" if none."""
    pairs = [
        (excess, error)
        for excess, error in zip(
            row.values.get("excess_nats", ()),
            row.values.get("excess_standard_error", ()),
            strict=False,  # a row that lacks either metric has no pairs
        )
        if excess is not None and error is not None
    ]
    below = [-excess for excess, error in pairs if excess < -MAX_STANDARD_ERRORS * error]
    if not below:
        return ""
    of_corpora = f" in {len(below)} of {len(pairs)} corpora" if len(pairs) > 1 else ""
    return f"by {decimals(max(below), 2)} nats{of_corpora}"


def _cut(rows: Sequence[Row]) -> list[str]:
    """Return a note on the rows with sentences that were cut at the maximum length."""
    cut = [
        f"{title}, {sum(counts):.0f} of {len(counts) * row.sentences['cut_sentences']}"
        for title, row in _titled(rows)
        if sum(counts := row.known("cut_sentences"))
    ]
    words = _by_corpus(rows, lambda row: row.mean("cut_after_words"))
    length = f" (words: {words})" if words else ""
    return [f"Sentences cut at the maximum length{length}: {'; '.join(cut)}."] if cut else []


def _short(rows: Sequence[Row]) -> list[str]:
    """Return a note on the rows with many sentences that are too short for BLEU-4."""
    short = [
        f"{title}, {row.mean('sentences_without_4grams'):.0f}"
        for title, row in _titled(rows)
        if generated_note({metric: row.mean(metric) for metric in row.values})
    ]
    return [f"{TOO_SHORT}: {'; '.join(short)}."] if short else []


def _titled(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """Return (title, row) pairs; a title is CBT, greedy, C = 3."""
    named = titles(rows)
    return [
        (
            f"{named[row.corpus, row.model]}, {decodings.title(row.decoding)}, "
            f"C = {format_C(row.C)}",
            row,
        )
        for row in rows
    ]


def _by_corpus(rows: Sequence[Row], count: Callable[[Row], float | None]) -> str:
    """Format a count: 100; 100 to 200; or, if corpora differ, CBT 100, WIKI 200."""
    counts: dict[str, list[int]] = {}
    for row in rows:
        if (value := count(row)) is not None:
            counts.setdefault(row.corpus, []).append(int(value))
    ranges = {corpus: _range(values) for corpus, values in counts.items()}
    if len(set(ranges.values())) < 2:
        return next(iter(ranges.values()), "")
    return ", ".join(f"{corpus_title(corpus)} {shown}" for corpus, shown in ranges.items())


def _range(counts: Sequence[int]) -> str:
    """Format the smallest and the largest count: 2 to 3; 2 if they are equal."""
    low, high = min(counts), max(counts)
    return f"{high}" if low == high else f"{low} to {high}"


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
    `sentences` sentences. fce_standard_deviation is that of fce_nats over copies, a
    mean over seeds. The Test lines have no C and
    no copies: their metrics are the same for all C and copies of a seed.
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
