"""Table 4: which sentence of a minimal pair a decoder prefers, given a code (section 3.4)."""

from collections.abc import Sequence
from dataclasses import replace

from textvae.cells import format_C
from textvae.paper import information
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.exhibits import probe
from textvae.paper.render.table import MISSING, Column, Span, Table, decimals, seeds_note
from textvae.paper.rows import Row
from textvae.paper.syntactic_rows import (
    Accuracy,
    Constant,
    PhenomenonTable,
    by_model,
    coverage_note,
    names_in,
    value_once,
    with_metrics,
)
from textvae.paper.versus_paper import comparison_csv
from textvae.registry import EXHIBITS

_PAPER = ("p1", "p2", "p1_bar", "p2_bar")
_LAYOUT = PhenomenonTable(
    (
        Accuracy("p1", Column("$p_1$", "<i>p</i><sub>1</sub>")),
        Accuracy("p2", Column("$p_2$", "<i>p</i><sub>2</sub>")),
        Accuracy("p1_bar", Column(r"$\bar{p}_1$", "<i>p̄</i><sub>1</sub>")),
        Accuracy("p2_bar", Column(r"$\bar{p}_2$", "<i>p̄</i><sub>2</sub>")),
    ),
    (
        Constant("language_model", Column("LM", "LM")),
        Constant("coverage", Column(r"cov.\%", "cov.%"), places=1, percent=True),
    ),
)
# The metrics of a syntactic row, in the order of the CSV.
METRICS = (
    *(*_PAPER, "language_model", "coverage", "pairs"),
    *(f"{metric}_covered" for metric in (*_PAPER, "language_model")),
)

_LEGEND = (
    "p1: share of pairs of a grammatical sentence x+ and an ungrammatical sentence x− with "
    "p(x−|z+) < p(x+|z+), where z+ is the posterior mean of x+; p2: the same given z−, the "
    "posterior mean of x−; with a bar: the same given the averages of z+ and of z− over each "
    "subcategory of pairs, as a mean over subcategories. A tie counts as wrong; pairs tie if both "
    "of the words that differ are unknown."
)
_CONSTANTS = (
    "LM: the same share for an LSTM language model without a code. cov.%: share of pairs whose "
    "words are all in the vocabulary."
)


@EXHIBITS.register(
    "table4",
    forms=TABLE,
    category="Tables",
    accepts_variants=True,
    needs=("rate-distortion", "syntax"),
    published=("table4", "errata"),
    label="4{variant}",
)
def render(inputs: Inputs) -> Rendered:
    """The paper's Table 4: which sentence of a minimal pair a decoder prefers, given a code."""
    rows = with_metrics(inputs.rows(), METRICS)
    if not rows:
        raise inputs.lacks("syntactic test of any cell")
    return Rendered((table4(rows, inputs.caption, inputs.name),), data=table4_csv(rows))


def table4(rows: Sequence[Row], caption: str, name: str = "table4") -> Table:
    """Return the table with the paper's lines: four accuracies per C, then LM and coverage.

    rows: of cells that were tested on pairs, sorted by `rows_of`.
    """
    return Table(
        name=name,
        caption=caption,
        columns=_LAYOUT.columns(rows),
        spans=(*_LAYOUT.spans(rows), Span("", 2)),
        blocks=_LAYOUT.blocks(rows),
        notes=(
            *(_LEGEND, _CONSTANTS, *_models(rows), *coverage_note(rows, "coverage")),
            *(*_rounding(rows), *information.empty_codes_notes(rows), *seeds_note(rows)),
        ),
    )


def table4_csv(rows: Sequence[Row]) -> str:
    """Return every metric of every row, except the probe's, beside the paper's value as CSV."""
    measured = {metric for row in rows for metric in row.values}
    of_pairs = [
        full
        for name in names_in(rows, METRICS)
        for metric in METRICS
        if (full := f"{name}.{metric}") in measured or metric in _PAPER
    ]
    return comparison_csv(
        [_without_probe(information.with_distance(row)) for row in rows],
        "table4",
        ["distortion_nats", "rate_nats", *of_pairs],
    )


def _without_probe(row: Row) -> Row:
    values = {
        metric: values
        for metric, values in row.values.items()
        if metric.rpartition(".")[2] not in probe.METRICS
    }
    return replace(row, values=values)


def _models(rows: Sequence[Row]) -> list[str]:
    """Return a note per corpus and model: the number of pairs; D and R, as in the paper, and I."""
    return [
        f"{title}: {_pairs(group)} pairs"
        + "".join(f"; C = {format_C(row.C)}: {nats}" for row in group if (nats := _nats(row)))
        + "."
        for title, group in by_model(rows)
    ]


def _pairs(group: Sequence[Row]) -> str:
    """Return the number of pairs in all syntactic rows: 163,124."""
    counts = [value_once(group, f"{name}.pairs") for name in names_in(group, METRICS)]
    known = [count for count in counts if count is not None]
    return f"{sum(known):,.0f}" if known else MISSING


def _nats(row: Row) -> str:
    """Format distortion, rate and information: D 103.0, R 3.0, I 2.1 to 2.8 nats; "" if unknown."""
    values = [
        f"{letter} {decimals(value, 1)}"
        for letter, metric in (("D", "distortion_nats"), ("R", "rate_nats"))
        if (value := row.mean(metric)) is not None
    ]
    shown = information.for_table(row)
    low, high = shown.mean(information.LOWER), shown.mean(information.UPPER)
    if low is not None and high is not None:
        values.append(f"I {decimals(low, 1)} to {decimals(high, 1)}")
    return f"{', '.join(values)} nats" if values else ""


def _rounding(rows: Sequence[Row]) -> list[str]:
    """Return a note on the largest share of decisions changed by bfloat16, if measured."""
    shares = [share for row in rows for share in row.known("differs_from_float32")]
    if not shares:
        return []
    share = f"at most {decimals(100 * max(shares), 3)}%" if max(shares) else "none"
    return [
        f"Matrix products in bfloat16 change {share} of the decisions on a sample of the pairs, "
        "compared with float32."
    ]
