"""Information beside rate: the columns I, R - I and IW-NLL, and the notes that belong to them.

I is bracketed by its estimates from below and above, and R - I = KL(q(z) || p(z)) by the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from textvae.cells import format_C
from textvae.empty_codes import carries_little, description
from textvae.paper.render.table import MISSING, Column, decimals
from textvae.paper.rows import Row

RATE = "rate_nats"
LOWER = "mutual_information_nats"
UPPER = "mutual_information_upper_nats"
HE = "mutual_information_he2019_nats"
# Derived from R and the estimates of I.
KL_LOWER = "aggregate_kl_lower_nats"
KL_UPPER = "aggregate_kl_upper_nats"
IW_NLL = "iw_nll_nats"

# Metrics that share a column -> decimals, and the columns.
NUMBERS = {(LOWER, UPPER): 1, (KL_LOWER, KL_UPPER): 1, (IW_NLL,): 1}
COLUMNS = (
    Column("$I$", "<i>I</i>", "pair"),
    Column("$R - I$", "<i>R</i> − <i>I</i>", "pair"),
    Column("IW-NLL", "IW-NLL"),
)
METRICS = tuple(metric for metrics in NUMBERS for metric in metrics)

# Measurement -> its metric in these columns, and their headings.
_MEASURED_BY = {"information": (UPPER, "I and R − I"), "likelihood": (IW_NLL, "IW-NLL")}

_LEGEND = (
    "I: the mutual information of sentence and code, estimated from below and from above (at most "
    "R){maximum}. R − I: the distance of q(z) from the prior, KL(q(z) || p(z)), by the same "
    "estimates. IW-NLL: −log p(x) by importance weighting{samples}, from above. All in nats per "
    "sentence."
)
_ADVICE = (
    "A code may carry more with more text, with more epochs while D on the validation split still "
    "falls (a model of little text soon memorises it), or with shorter texts. A smaller C adds no "
    "information, but wastes less of the rate and often has a better IW-NLL."
)
# Cells that the summary lists.
MAX_CELLS = 12
_HE = (
    f"The .csv also has {HE}, the estimator of He et al. (2019): I from below, but with "
    "the mean of log q(z|x) in closed form instead of its values at the sampled codes, so that it "
    "can exceed log N."
)


def interval(rate: float | None, lower: float, upper: float) -> tuple[float, float]:
    """Return the estimates of I, limited to 0 <= I <= R."""
    highest = max(0.0, upper if rate is None else min(upper, rate))
    return min(max(0.0, lower), highest), highest


def with_distance(row: Row) -> Row:
    """Return the row with the bracket of KL(q(z) || p(z)) = R - I of each seed, if measured."""
    known = _estimates(row)
    if not any(known):
        return row
    brackets = [
        (None, None)
        if one is None or one[0] is None
        else (one[0] - interval(*one)[1], one[0] - interval(*one)[0])
        for one in known
    ]
    low, high = zip(*brackets, strict=True)
    both = (KL_LOWER, KL_UPPER)
    count = min(row.sentences[metric] for metric in (RATE, UPPER) if metric in row.sentences)
    elsewhere = row.elsewhere.get(UPPER) or row.elsewhere.get(RATE)
    return replace(
        row,
        values={**row.values, KL_LOWER: low, KL_UPPER: high},
        sentences={**row.sentences, **dict.fromkeys(both, count)},
        elsewhere={**row.elsewhere, **(dict.fromkeys(both, elsewhere) if elsewhere else {})},
    )


def for_table(row: Row) -> Row:
    """Return the row with the values that a table shows: also I limited to 0 <= I <= R."""
    row = with_distance(row)
    limited = [None if one is None else interval(*one) for one in _estimates(row)]
    if not any(limited):
        return row
    low, high = zip(*((None, None) if one is None else one for one in limited), strict=True)
    return replace(row, values={**row.values, LOWER: low, UPPER: high})


def legend(rows: Sequence[Row]) -> list[str]:
    """Return the notes that explain the columns."""
    maxima = {
        (count, maximum)
        for row in rows
        for count, maximum in zip(
            row.known("information_sentences"), row.known("log_sentences"), strict=False
        )
    }
    shown = [f"{decimals(log, 1)} for N = {count:.0f}" for count, log in sorted(maxima)]
    maximum = f"; from below by N sentences at most log N, {', '.join(shown)}" if shown else ""
    counts, drawn = (
        " or ".join(f"{count:,.0f}" for count in sorted({n for row in rows for n in row.known(of)}))
        for of in ("iw_samples", "iw_sentences")
    )
    samples = f" with {counts} codes" if counts else ""
    samples += f", of {drawn} sentences" if drawn else ""
    he = [_HE] if any(row.known(HE) for row in rows) else []
    return [_LEGEND.format(maximum=maximum, samples=samples), *he]


def unmeasured_note(rows: Sequence[Row]) -> list[str]:
    """Return a note on the columns that some row lacks, with the measurements that fill them."""
    lacking = [
        (f"`{measurement}`", columns)
        for measurement, (metric, columns) in _MEASURED_BY.items()
        if any(metric not in row.values for row in rows)
    ]
    if not lacking:
        return []
    names, columns = (" and ".join(each) for each in zip(*lacking, strict=True))
    return [
        f"Not measured ({MISSING}): {columns}. Add {names} to the `measurements` of the experiment."
    ]


def empty_codes(row: Row) -> dict[int, tuple[float, float]]:
    """Return seed -> R and I from above, where I is less than a third of R."""
    cells = zip(row.seeds, _estimates(row), strict=True)
    return {
        seed: (one[0], one[2])
        for seed, one in cells
        if one is not None and one[0] is not None and carries_little(one[0], one[2])
    }


def little_shares(rows: Iterable[Row]) -> list[float]:
    """Return I / R of the cells where I is less than a third of R; [] unless that is in all."""
    rows = [row for row in rows if any(one is not None for one in _estimates(row))]
    if not all(empty_codes(row) for row in rows):
        return []
    return [max(0.0, high / rate) for row in rows for rate, high in empty_codes(row).values()]


def empty_codes_notes(rows: Iterable[Row]) -> list[str]:
    """Return a note for each cell whose rate is hardly information, and what may help."""
    notes = [
        f"{_cell(row, seed)}: {description(rate, information)}.{_of_the_text(row, information)}"
        for row in rows
        for seed, (rate, information) in empty_codes(row).items()
    ]
    return [*notes, *([_ADVICE] if notes else [])]


def empty_codes_summary(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return one note on all cells whose rate is hardly information, if there are any."""
    shares = [
        f"{max(0.0, information / rate):.0%} in {_cell(row, seed)}"
        for row in rows
        for seed, (rate, information) in empty_codes(row).items()
    ]
    if not shares:
        return ()
    more = f" and {len(shares) - MAX_CELLS} more" if len(shares) > MAX_CELLS else ""
    measured = sum(one is not None for row in rows for one in _estimates(row))
    return (
        f"The code carries little of its rate in {len(shares)} of {measured} cells: the "
        f"information I, estimated from above, as a share of R: {', '.join(shares[:MAX_CELLS])}"
        f"{more}. The "
        "rest of R is the distance of q(z) from p(z), which depends on no sentence, so that R, "
        f"LogDetCov and active units show no use of the code there. {_ADVICE}",
    )


def _cell(row: Row, seed: int) -> str:
    which = f"/seed{seed}" if len(row.seeds) > 1 else ""
    return f"{row.corpus}/{row.model}/C{format_C(row.C)}{which}"


def _of_the_text(row: Row, information: float) -> str:
    """Return a sentence with the share of a sentence's NLL that the code may carry, if measured."""
    nll = row.mean(IW_NLL)
    if not nll or nll <= 0:
        return ""
    share = max(0.0, information / nll)
    return f" A sentence has {decimals(nll, 1)} nats (IW-NLL): the code carries {share:.1%} of it."


def _estimates(row: Row) -> list[tuple[float | None, float, float] | None]:
    """Return R and both estimates of I for each seed; None without estimates."""
    unknown = (None,) * len(row.seeds)
    rates, lower, upper = (row.values.get(metric, unknown) for metric in (RATE, LOWER, UPPER))
    return [
        None if low is None or high is None else (rate, low, high)
        for rate, low, high in zip(rates, lower, upper, strict=True)
    ]
