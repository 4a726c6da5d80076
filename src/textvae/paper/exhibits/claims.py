"""The paper's claims with their verdicts, as a table and as data."""

from collections.abc import Sequence

from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import (
    FAILS,
    HOLDS,
    OPEN,
    Decision,
    decide,
    decide_as_printed,
)
from textvae.paper.claims.samples import printed, read_specs, samples_of
from textvae.paper.csv import csv_text
from textvae.paper.descriptions import read_sizes
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.measurements import merged, replicates_from_csv
from textvae.paper.render.table import Column, Line, Table, decimals
from textvae.registry import EXHIBITS

# The decisions of a claim on our measurements and on the paper's printed numbers.
Pair = tuple[Decision, Decision]

_COLUMNS = (
    Column("", "", "text"),
    Column("Claim", "Claim", "prose"),
    Column("Statistic, and where it must be", "Statistic, and where it must be", "prose"),
    Column("Verdict", "Verdict", "text"),
    Column("What decided it", "What decided it", "prose"),
    Column("The paper's own numbers", "The paper's own numbers", "prose"),
)
_VERDICT, _PRINTED_VERDICT = 3, 5
_CSV_COLUMNS = (
    *("claim", "section", "says", "statistic", "bound"),
    *("verdict", "value", "low", "high", "place", "places", "met", "basis", "reason"),
    *("printed_verdict", "printed_value", "printed_place", "printed_places", "printed_met"),
)
_LEGEND = (
    "A claim holds where its statistic meets the bound at every place. The verdict is that of the "
    "place that decided it, the worst one: its value with a 95% interval, from Student's t over "
    "seeds or copies or from resampled test sentences. Where an interval includes the bound there "
    "is not enough data; intervals are not corrected for the number of places. Bounds that the "
    "paper's words leave open were fixed beforehand."
)
_ONE_SEED = (
    "One seed: what another training would change is in no interval of resampled sentences or of "
    "copies; nor is what another copy would change in one of resampled sentences."
)
_PRINTED = (
    "The paper's own numbers: the same claim on what Tables 1, 3 and 4 and sections 3 and 3.2 "
    "print (by the authors' erratum), and on the sentences of Table 2, counted; without intervals."
)


@EXHIBITS.register(
    "claims",
    forms=TABLE,
    category="Verdicts",
    scope="run",
    experiments="judged",
    reads=("measurements", "bootstrap", "configs", "sizes"),
    published=("corpora", "table1", "section3_2", "table3", "table4", "errata"),
    uses=("claim",),
    label="claims",
    caption="The claims of the paper: what held.",
)
def render(inputs: Inputs) -> Rendered:
    """Every claim of the paper, decided on our measurements and on its own numbers."""
    ours = samples_of(
        merged(inputs.measurements),
        [row for path in inputs.bootstrap for row in replicates_from_csv(path)],
        read_specs(inputs.configs),
        read_sizes(inputs.sizes),
    )
    theirs = printed()
    pairs = [(decide(claim, ours), decide_as_printed(claim, theirs)) for claim in catalogue()]
    return Rendered((claims_table(pairs, inputs.caption),), data=claims_csv(pairs))


def claims_table(pairs: Sequence[Pair], caption: str) -> Table:
    """Return the table, with a block per claim, so that rules separate claims of several lines."""
    ours = [decision for decision, _ in pairs]
    notes = [_summary("Measured", ours), _summary("As printed", [other for _, other in pairs])]
    notes += [_LEGEND, _PRINTED]
    if any(decision.basis.startswith("one seed") for decision in ours):
        notes.append(_ONE_SEED)
    blocks = tuple((_line(*pair),) for pair in pairs)
    return Table("claims", caption, _COLUMNS, (), blocks, tuple(notes))


def claims_csv(pairs: Sequence[Pair]) -> str:
    """Return a CSV line per claim, with its decisions."""
    return csv_text(_CSV_COLUMNS, [(*_ours(ours), *_printed(printed)) for ours, printed in pairs])


def _ours(decision: Decision) -> tuple[object, ...]:
    claim, (low, high) = decision.claim, decision.interval or (None, None)
    return (
        *(claim.name, claim.section, claim.says, claim.statistic, str(claim.bound)),
        *(decision.verdict, decision.value, low, high, decision.place),
        *(decision.places, decision.met, decision.basis, decision.reason),
    )


def _printed(decision: Decision) -> tuple[object, ...]:
    return (
        *(decision.verdict, decision.value, decision.place),
        *(decision.places, decision.met),
    )


def _summary(title: str, decisions: Sequence[Decision]) -> str:
    counts = {
        verdict: sum(decision.verdict == verdict for decision in decisions)
        for verdict in (HOLDS, FAILS, OPEN)
    }
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"{title}: of {len(decisions)} claims {told}."


def _line(ours: Decision, printed: Decision) -> Line:
    claim = ours.claim
    return Line(
        (
            (claim.section,),
            (claim.says,),
            (f"{claim.statistic}: {claim.bound}",),
            (ours.verdict,),
            (_decision_text(ours),),
            (f"{printed.verdict}: {_decision_text(printed)}" if printed.places else "not printed",),
        ),
        # Highlight claims that do not hold: readers look for those.
        shaded=tuple(
            column
            for column, decision in ((_VERDICT, ours), (_PRINTED_VERDICT, printed))
            if decision.verdict == FAILS
        ),
    )


def _decision_text(decision: Decision) -> str:
    """Format a decision: 1.2 [1.1, 1.3], CBT, lstm, C = 3 → 15 (6 of 6 places; one seed, ...)."""
    if not decision.places:
        return decision.reason
    value = _number(decision.value)
    if decision.interval:
        value += " [{}, {}]".format(*map(_number, decision.interval))
    met = f"{decision.met} of {decision.places} places"
    basis = f"; {decision.basis}" if decision.basis else ""
    return f"{value} at {decision.place} ({met}{basis})"


def _number(value: float | None) -> str:
    """Format a number with three significant figures, or as a whole number."""
    if value is None or value == 0 or abs(value) >= 100:
        return decimals(value, 0)
    return f"{value:.3g}".replace("-", "−")
