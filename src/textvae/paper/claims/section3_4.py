"""Claims on grammatical against ungrammatical sentences (section 3.4, Table 4)."""

from collections.abc import Callable, Iterator

from textvae.paper.claims.claim import Instance, at_least
from textvae.paper.claims.evidence import Evidence, Series
from textvae.registry import CLAIMS

# The paper's "almost all cases", read as at least this share of the rows.
_ALMOST_ALL = 0.8


# The metrics of a row, by name: p1, p2, p1_bar, p2_bar.
Row = dict[str, float]


@CLAIMS.register(
    "p1-is-p2-at-the-least-C",
    summary="At the smallest C, p1 and p2 match in almost all cases.",
    section="3.4",
    statistic="share of rows with |p1 − p2| ≤ 0.02 at the smallest C",
    bound=at_least(_ALMOST_ALL),
    range=(0, 1),
)
def p1_is_p2_at_the_least_C(evidence: Evidence) -> Iterator[Instance]:
    yield from _shares(evidence, min, ("p1", "p2"), lambda row: _within(row["p1"], row["p2"], 0.02))


@CLAIMS.register(
    "averaged-codes-change-nothing-at-the-least-C",
    summary="At the smallest C the decoder's choice is almost the same under averaged codes.",
    section="3.4",
    statistic="share of rows where p1 and p2 are within 0.05 of the barred ones at the smallest C",
    bound=at_least(_ALMOST_ALL),
    range=(0, 1),
)
def averaged_codes_change_nothing_at_the_least_C(evidence: Evidence) -> Iterator[Instance]:
    yield from _shares(
        evidence,
        min,
        ("p1", "p2", "p1_bar", "p2_bar"),
        lambda row: all(_within(row[p], row[f"{p}_bar"], 0.05) for p in ("p1", "p2")),
    )


@CLAIMS.register(
    "p1-is-near-1-at-the-greatest-C",
    summary="At the largest C, given the grammatical sentence's code, the decoder prefers that "
    "sentence in almost all cases.",
    section="3.4",
    statistic="share of rows with p1 ≥ 0.9 at the largest C",
    bound=at_least(_ALMOST_ALL),
    range=(0, 1),
)
def p1_is_near_1_at_the_greatest_C(evidence: Evidence) -> Iterator[Instance]:
    yield from _shares(evidence, max, ("p1",), lambda row: row["p1"] >= 0.9)


@CLAIMS.register(
    "p2-is-near-0-at-the-greatest-C",
    summary="At the largest C, given the ungrammatical sentence's code, the decoder prefers that "
    "sentence in almost all cases.",
    section="3.4",
    statistic="share of rows with p2 ≤ 0.15 at the largest C",
    bound=at_least(_ALMOST_ALL),
    range=(0, 1),
)
def p2_is_near_0_at_the_greatest_C(evidence: Evidence) -> Iterator[Instance]:
    yield from _shares(evidence, max, ("p2",), lambda row: row["p2"] <= 0.15)


@CLAIMS.register(
    "averaged-codes-lie-between-at-the-greatest-C",
    summary="At the largest C performance deteriorates under averaged codes: the barred values are "
    "between p2 and p1.",
    section="3.4",
    statistic="share of rows with p2 ≤ barred p2 ≤ barred p1 ≤ p1 at the largest C",
    bound=at_least(_ALMOST_ALL),
    range=(0, 1),
)
def averaged_codes_lie_between_at_the_greatest_C(evidence: Evidence) -> Iterator[Instance]:
    yield from _shares(
        evidence,
        max,
        ("p1", "p2", "p1_bar", "p2_bar"),
        lambda row: row["p2"] <= row["p2_bar"] <= row["p1_bar"] <= row["p1"],
    )


def _shares(
    evidence: Evidence,
    extreme: Callable[[list[float]], float],
    metrics: tuple[str, ...],
    holds: Callable[[Row], bool],
) -> Iterator[Instance]:
    """Yield the share of syntactic rows that meet a condition at the extreme C of each series."""
    for series in evidence.series():
        if (C := _extreme_C(series, extreme)) is None:
            continue
        met = [
            holds({metric: series.at(C, f"{row}.{metric}") for metric in metrics})
            for row in series.syntactic_rows()
            if all((C, f"{row}.{metric}") in series.values for metric in metrics)
        ]
        if met:
            yield series.location(C), sum(met) / len(met)


def _within(one: float, other: float, distance: float) -> bool:
    """Return whether two shares differ by at most `distance`.

    Rounded against floating-point noise: printed shares have two decimals, and 0.8 - 0.78 must
    equal 0.02.
    """
    return round(abs(one - other), 9) <= distance


def _extreme_C(series: Series, extreme: Callable[[list[float]], float]) -> float | None:
    """Return the smallest or largest C at which pairs were tested; None if fewer than 2."""
    levels = {C for C, metric in series.values if metric.endswith(".p1")}
    return extreme(sorted(levels)) if len(levels) > 1 else None
