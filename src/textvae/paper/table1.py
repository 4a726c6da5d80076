"""Table 1: rate, distortion, posterior and reconstruction for each corpus and C (section 3.1)."""

from collections.abc import Sequence
from itertools import groupby

from textvae.cells import format_C
from textvae.paper.layout import Column, Line, Span, Table, decimals
from textvae.paper.published import corrected, published
from textvae.paper.rows import Row, corpus_title
from textvae.paper.tidy import csv_text

# Metric and decimals of the columns after the corpus and C; more decimals than the paper's for D.
_POSTERIOR = {
    "distortion_nats": 1,
    "rate_nats": 1,
    "logdetcov": 2,
    "mean_sq_norm": 2,
    "active_units": 0,
}
_BUCKETS = {"bucket1": "Bucket 1", "bucket2": "Bucket 2", "bucket3": "Bucket 3", "all": "All"}
_PAIRS = [(f"bleu{n}_{bucket}", f"rouge{n}_{bucket}") for bucket in _BUCKETS for n in (2, 4)]

METRICS = (*_POSTERIOR, *(metric for pair in _PAIRS for metric in pair))

_COLUMNS = (
    Column("", "", "text"),
    Column("$C$", "<i>C</i>"),
    Column("$D$", "<i>D</i>"),
    Column("$R$", "<i>R</i>"),
    Column("LogDetCov", "LogDetCov"),
    Column(r"$\|\mu\|_2^2$", "‖<i>μ</i>‖<sub>2</sub><sup>2</sup>"),
    Column("AU", "AU"),
    *(Column(f"BL{n}/RG{n}", f"BL{n}/RG{n}", "pair") for _ in _BUCKETS for n in (2, 4)),
)
_SPANS = (Span("", len(_POSTERIOR) + 2), *(Span(title, 2) for title in _BUCKETS.values()))

_CSV_COLUMNS = (
    "corpus",
    "model",
    "C",
    "metric",
    "ours",
    "seeds",
    "standard_deviation",
    "paper",
    "difference",
)

_LEGEND = (
    "D and R in nats per sentence (the paper prints D / 100). BLn/RGn: BLEU-n and ROUGE-n of "
    "greedy reconstructions, by the length of the original: bucket 1 up to 10 words, bucket 2 "
    "11 to 20, bucket 3 21 to 30, All every sentence. AU: active units."
)


def table1(rows: Sequence[Row], caption: str) -> Table:
    """The table with the paper's columns, a block for each corpus (and model, if several)."""
    several_models = len({row.model for row in rows}) > 1
    blocks = []
    for (corpus, model), block in groupby(rows, key=lambda row: (row.corpus, row.model)):
        title = corpus_title(corpus) + (f" ({model})" if several_models else "")
        lines = [line for row in block for line in _lines(row)]
        first = Line(((title,), *lines[0].cells[1:]))
        blocks.append((first, *lines[1:]))
    notes = [_LEGEND, *_seeds_note(rows)]
    for corpus, block in groupby(rows, key=lambda row: row.corpus):
        notes += _bound_note(corpus, list(block))
    return Table("table1", caption, _COLUMNS, _SPANS, tuple(blocks), tuple(notes))


def table1_csv(rows: Sequence[Row]) -> str:
    """Every metric of every row beside the paper's value (the authors' erratum undone).

    `ours` is the mean over `seeds` seeds. The metrics of Table 1 come first and are all there, if
    need be without a value of ours; after them come the others that were measured.
    """
    paper = {
        (figure.corpus, figure.model, figure.C, figure.metric): figure.value
        for figure in corrected(published("table1"))
    }
    lines = []
    for row in rows:
        for metric in dict.fromkeys([*METRICS, *sorted(row.values)]):
            ours = row.mean(metric)
            theirs = paper.get((row.corpus.casefold(), row.model, row.C, metric))
            known = ours is not None and theirs is not None
            lines.append(
                (
                    row.corpus,
                    row.model,
                    row.C,
                    metric,
                    ours,
                    len(row.known(metric)),
                    row.deviation(metric),
                    theirs,
                    ours - theirs if known else None,
                )
            )
    return csv_text(_CSV_COLUMNS, lines)


def _lines(row: Row) -> list[Line]:
    """The means of a row, and under them the standard deviations where there are any."""
    # A mean of whole numbers need not be whole.
    averaged = len(row.known("active_units")) > 1
    places = dict.fromkeys(METRICS, 2) | _POSTERIOR | {"active_units": 1 if averaged else 0}
    groups = [(metric,) for metric in _POSTERIOR] + _PAIRS
    means = [
        tuple(decimals(row.mean(metric), places[metric]) for metric in group) for group in groups
    ]
    lines = [Line(((), (format_C(row.C),), *means))]
    if any(row.deviation(metric) is not None for metric in METRICS):
        spreads = [tuple(_spread(row, metric, places[metric]) for metric in g) for g in groups]
        lines.append(Line(((), (), *(spread if any(spread) else () for spread in spreads)), True))
    return lines


def _spread(row: Row, metric: str, places: int) -> str:
    """A standard deviation; nothing where there is none."""
    deviation = row.deviation(metric)
    return "" if deviation is None else f"±{decimals(deviation, places)}"


def _seeds_note(rows: Sequence[Row]) -> list[str]:
    """How many seeds the means are over, if any is over more than one."""
    fewest, most = (extreme((len(row.seeds) for row in rows), default=0) for extreme in (min, max))
    if most < 2:
        return []
    count = f"{most}" if fewest == most else f"{fewest} to {most}"
    return [f"Means over {count} seeds, with the standard deviation over seeds below."]


def _bound_note(corpus: str, rows: list[Row]) -> list[str]:
    """Where the entropy H of a corpus is known: how far D + R stays above it, at the least."""
    cells = [
        (excess / error, excess, row)
        for row in rows
        for excess, error in zip(
            row.values.get("bound_excess_nats", ()),
            row.values.get("bound_excess_standard_error", ()),
            strict=False,  # a row without the one or the other has no pairs
        )
        if excess is not None and error
    ]
    if not cells:
        return []
    errors, excess, row = min(cells, key=lambda cell: cell[0])
    entropy = row.mean("entropy_nats")
    H = "" if entropy is None else f" (H = {decimals(entropy, 2)} nats)"
    verdict = "holds" if errors >= -3 else "IS BROKEN: a fault in the measurement"
    return [
        f"{corpus_title(corpus)}: the bound D + R ≥ H{H} {verdict}. Paired by sentence, D + R "
        f"exceeds H least surely at C = {format_C(row.C)}: by {decimals(excess, 2)} nats, "
        f"{decimals(errors, 1)} standard errors."
    ]
