"""Table 1: rate, distortion, posterior and reconstruction for each corpus and C (section 3.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from textvae.cells import format_C
from textvae.paper import information
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.measured_on import UNK_PERCENT
from textvae.paper.render.table import (
    MISSING,
    Column,
    Line,
    Span,
    Table,
    blocks,
    decimals,
    lines_of,
    seeds_note,
)
from textvae.paper.rows import MIN_SENTENCES, Row, corpus_title
from textvae.paper.versus_paper import comparison_csv
from textvae.registry import EXHIBITS
from textvae.short_sentences import originals_notes

# Metric -> decimals; D has more decimals than in the paper.
_RATE_DISTORTION = {"distortion_nats": 1, "rate_nats": 1}
_POSTERIOR = {
    "logdetcov": 2,
    "mean_sq_norm": 2,
    "active_units": 0,
}
_BUCKETS = {"bucket1": "Bucket 1", "bucket2": "Bucket 2", "bucket3": "Bucket 3", "all": "All"}
_PAIRS = [(f"bleu{n}_{bucket}", f"rouge{n}_{bucket}") for bucket in _BUCKETS for n in (2, 4)]

# Metrics that share a column -> decimals, for the columns after corpus and C.
_NUMBERS = {
    **{(metric,): places for metric, places in _RATE_DISTORTION.items()},
    **information.NUMBERS,
    **{(metric,): places for metric, places in _POSTERIOR.items()},
    **dict.fromkeys(_PAIRS, 2),
}

METRICS = tuple(metric for metrics in _NUMBERS for metric in metrics)

_COLUMNS = (
    Column("", "", "text"),
    Column("$C$", "<i>C</i>"),
    Column("$D$", "<i>D</i>"),
    Column("$R$", "<i>R</i>"),
    *information.COLUMNS,
    Column("LogDetCov", "LogDetCov"),
    Column(r"$\|\mu\|_2^2$", "‖<i>μ</i>‖<sub>2</sub><sup>2</sup>"),
    Column("AU", "AU"),
    *(Column(f"BL{n}/RG{n}", f"BL{n}/RG{n}", "pair") for _ in _BUCKETS for n in (2, 4)),
)
_SPANS = (
    Span("", len(_NUMBERS) - len(_PAIRS) + 2),
    *(Span(title, 2) for title in _BUCKETS.values()),
)

_LEGEND = (
    "D and R in nats per sentence (the paper prints D / 100). BLn/RGn: BLEU-n and ROUGE-n of "
    "greedy reconstructions, of which an <unk> matches nothing; the originals have up to 10 words "
    "in bucket 1, 11 to 20 in bucket 2, 21 to 30 in bucket 3, and any number in All. AU: active "
    "units."
)
_N = f"n: sentences; BLn and RGn of fewer than {MIN_SENTENCES} are not shown ({MISSING})."


@EXHIBITS.register(
    "table1",
    forms=TABLE,
    category="Tables",
    needs=("rate-distortion",),
    published=("table1", "errata"),
    accepts_variants=True,
    label="1{variant}",
)
def render(inputs: Inputs) -> Rendered:
    """The paper's Table 1: rate, distortion, posterior and reconstruction."""
    rows = inputs.rows()
    return Rendered((table1(rows, inputs.caption, inputs.name),), data=table1_csv(rows))


def table1(rows: Sequence[Row], caption: str, name: str = "table1") -> Table:
    """Return the table with the paper's columns, and a block per corpus (and model, if several)."""
    notes = [
        _LEGEND,
        *information.legend(rows),
        *seeds_note(rows),
        *information.unmeasured_note(rows),
        *_missing(rows),
        *_sentences_notes(rows),
        *_unknown(rows),
        *information.empty_codes_notes(rows),
    ]
    for corpus, block in groupby(rows, key=lambda row: row.corpus):
        notes += _bound_note(corpus, list(block))
    counts = [_counts(block) for _, block in groupby(rows, key=lambda row: (row.corpus, row.model))]
    lines = zip(blocks(rows, _lines), counts, strict=True)
    filled = tuple((*block, *count) for block, count in lines)
    return Table(name, caption, _COLUMNS, _SPANS, filled, tuple(notes))


def table1_csv(rows: Sequence[Row]) -> str:
    """Return every metric of every row beside the paper's value, after the erratum, as CSV."""
    return comparison_csv(list(map(information.with_distance, rows)), "table1", METRICS)


def _lines(row: Row) -> list[Line]:
    shown = _without_small_buckets(information.for_table(row))
    return lines_of(shown, ((), (format_C(row.C),)), _NUMBERS)


def _without_small_buckets(row: Row) -> Row:
    """Return the row without BLEU and ROUGE of buckets of fewer than 20 sentences."""
    values = {
        metric: values if row.enough(metric) else (None,) * len(values)
        for metric, values in row.values.items()
    }
    return replace(row, values=values)


def _counts(rows: Iterable[Row]) -> list[Line]:
    """Return a small line with the number of sentences in each bucket, if it is known."""
    rows = list(rows)
    cells: list[tuple[str, ...]] = []
    for bucket in _BUCKETS:
        counts = {n for row in rows for n in row.known(f"sentences_{bucket}")}
        ends = sorted({min(counts), max(counts)}) if counts else []
        cells += [tuple(["–".join(f"{n:,.0f}" for n in ends)] if ends else []), ()]
    if not any(cells):
        return []
    blank = [()] * (len(_COLUMNS) - len(_PAIRS) - 2)
    return [Line(((), ("n",), *blank, *cells), small=True)]


def _sentences_notes(rows: Sequence[Row]) -> list[str]:
    """Return notes on n, and on sentences that are in no bucket or too short for ROUGE."""
    notes = []
    for corpus, block in groupby(rows, key=lambda row: row.corpus):
        for row in block:
            counts = {bucket: row.known(f"sentences_{bucket}") for bucket in _BUCKETS}
            if not all(counts.values()):
                continue
            notes += [] if notes else [_N]
            total = counts.pop("all")[0]
            if longer := total - sum(count[0] for count in counts.values()):
                notes.append(
                    f"{corpus_title(corpus)}: {longer:,.0f} of {total:,.0f} sentences have more "
                    "than 30 words: they are in no bucket, only in All."
                )
            short = originals_notes({metric: row.mean(metric) for metric in row.values})
            notes += [f"{corpus_title(corpus)}: {note}." for note in short.values()]
            break
    return notes


def _missing(rows: Sequence[Row]) -> list[str]:
    """Return a note on the metrics that were measured and have no value."""
    missing = {metric for row in rows for metric in row.values if row.mean(metric) is None}
    reasons = []
    if any(metric in missing for pair in _PAIRS for metric in pair):
        reasons.append("BLn and RGn, if no original in the bucket has n words or more")
    if "logdetcov" in missing:
        reasons.append("LogDetCov, with no more sentences than dimensions")
    return [f"Not defined ({MISSING}): {'; '.join(reasons)}."] if reasons else []


def _unknown(rows: Sequence[Row]) -> list[str]:
    """Return a note on the percentage of unknown words in each corpus, if it was measured."""
    percents = {
        corpus_title(row.corpus): percent
        for row in rows
        if (percent := row.mean(UNK_PERCENT)) is not None
    }
    shown = ", ".join(f"{title} {decimals(percent, 2)}" for title, percent in percents.items())
    return [f"%unk, the share of <unk> among the words measured: {shown}."] if shown else []


def _bound_note(corpus: str, rows: list[Row]) -> list[str]:
    """Return a note on the excess of D + R over the entropy H that is smallest in standard errors.

    No note if the excess was not measured.
    """
    cells = [
        (excess / error, excess, row)
        for row in rows
        for excess, error in zip(
            row.values.get("bound_excess_nats", ()),
            row.values.get("bound_excess_standard_error", ()),
            strict=False,  # a row that lacks either metric has no pairs
        )
        if excess is not None and error
    ]
    if not cells:
        return []
    errors, excess, row = min(cells, key=lambda cell: cell[0])
    entropy = row.mean("entropy_nats")
    H = "" if entropy is None else f" (H = {decimals(entropy, 2)} nats)"
    verdict = "holds" if errors >= -3 else "IS VIOLATED, so a measurement is wrong"
    return [
        f"{corpus_title(corpus)}: the bound D + R ≥ H{H} {verdict}. The excess D + R − H that is "
        f"smallest in standard errors, paired by sentence, is {decimals(excess, 2)} nats or "
        f"{decimals(errors, 1)} standard errors, at C = {format_C(row.C)}."
    ]
