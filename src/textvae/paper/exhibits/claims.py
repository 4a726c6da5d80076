"""The paper's claims with their verdicts, as a table and as CSV."""

from collections.abc import Sequence
from dataclasses import replace

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
from textvae.paper.descriptions import read_corpus_notes, read_sizes
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.measurements import merged, replicates_from_csv
from textvae.paper.render.table import Column, Line, Table, decimals
from textvae.registry import EXHIBITS

# The decisions on a claim from our measurements and from the paper's printed numbers.
Pair = tuple[Decision, Decision]

_COLUMNS = (
    Column("", "", "text"),
    Column("Claim", "Claim", "prose"),
    Column("Statistic and bound", "Statistic and bound", "prose"),
    Column("Verdict", "Verdict", "text"),
    Column("Deciding place", "Deciding place", "prose"),
    Column("The paper's own numbers", "The paper's own numbers", "prose"),
)
_VERDICT, _PRINTED_VERDICT = 3, 5
_CSV_COLUMNS = (
    *("claim", "section", "says", "statistic", "bound"),
    *("verdict", "value", "low", "high", "place", "places", "met", "basis", "reason"),
    *("printed_verdict", "printed_value", "printed_place", "printed_places", "printed_met"),
)
_LEGEND = (
    "A claim holds if its statistic meets the bound at every place: each corpus, model and C, or "
    "step from one C to the next, for which it is defined. The verdict is that of the deciding "
    "place, the worst one, which is shown with the value of the statistic and its 95% interval: "
    "Student's t over seeds or synthetic corpora (copies), or a bootstrap over test sentences. If "
    "the interval includes the bound, there is not enough data. Intervals are not corrected for "
    "the number of places. Where the paper gives no bound, we fixed one before measuring."
)
_ONE_SEED = (
    "One seed: no interval includes the variation between trainings, and those over test sentences "
    "do not include the variation between synthetic corpora."
)
_PRINTED = (
    "The paper's own numbers: the same claim decided, without intervals, on the numbers printed in "
    "Tables 1, 3 and 4 and in sections 3 and 3.2 (after the authors' erratum), and on counts of "
    "the sentences in Table 2."
)


@EXHIBITS.register(
    "claims",
    forms=TABLE,
    category="Verdicts",
    scope="run",
    experiments="for claims",
    reads=("measurements", "bootstrap", "configs", "sizes"),
    published=("corpora", "table1", "section3_2", "table3", "table4", "errata"),
    uses=("claim",),
    label="claims",
    caption="The claims of the paper, and whether they hold.",
)
def render(inputs: Inputs) -> Rendered:
    """Every claim of the paper, decided on our measurements and on the paper's own numbers."""
    ours = samples_of(
        merged(inputs.measurements),
        [row for path in inputs.bootstrap for row in replicates_from_csv(path)],
        read_specs(inputs.configs),
        read_sizes(inputs.sizes),
    )
    theirs = printed()
    pairs = [(decide(claim, ours), decide_as_printed(claim, theirs)) for claim in catalogue()]
    table = claims_table(pairs, inputs.caption)
    table = replace(table, notes=table.notes + read_corpus_notes(inputs.sizes))
    return Rendered((table,), data=claims_csv(pairs))


def claims_table(pairs: Sequence[Pair], caption: str) -> Table:
    """Return the table, with a block per claim, so that rules separate claims of several lines."""
    ours = [decision for decision, _ in pairs]
    notes = [
        _summary("our measurements", ours),
        _summary("the paper's own numbers", [printed for _, printed in pairs]),
    ]
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
        *(claim.name, claim.section, claim.summary, claim.statistic, str(claim.bound)),
        *(decision.verdict, decision.value, low, high, decision.location),
        *(decision.locations, decision.met, decision.basis, decision.reason),
    )


def _printed(decision: Decision) -> tuple[object, ...]:
    return (
        *(decision.verdict, decision.value, decision.location),
        *(decision.locations, decision.met),
    )


def _summary(source: str, decisions: Sequence[Decision]) -> str:
    """Return a note that counts the verdicts."""
    counts = {
        verdict: sum(decision.verdict == verdict for decision in decisions)
        for verdict in (HOLDS, FAILS, OPEN)
    }
    shown = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"Verdicts on {len(decisions)} claims from {source}: {shown}."


def _line(ours: Decision, printed: Decision) -> Line:
    claim = ours.claim
    return Line(
        (
            (claim.section,),
            (claim.summary,),
            (f"{claim.statistic}: {claim.bound}",),
            (ours.verdict,),
            (_decision_text(ours),),
            (
                f"{printed.verdict}: {_decision_text(printed)}"
                if printed.locations
                else "not printed",
            ),
        ),
        # Readers look for claims that do not hold.
        shaded=tuple(
            column
            for column, decision in ((_VERDICT, ours), (_PRINTED_VERDICT, printed))
            if decision.verdict == FAILS
        ),
    )


def _decision_text(decision: Decision) -> str:
    """Format a decision: 1.2 [1.1, 1.3], CBT, lstm, C = 3 → 15 (6 of 6 places; one seed, ...)."""
    if not decision.locations:
        return decision.reason
    value = _number(decision.value)
    if decision.interval:
        value += " [{}, {}]".format(*map(_number, decision.interval))
    met = f"{decision.met} of {decision.locations} places"
    basis = f"; {decision.basis}" if decision.basis else ""
    return f"{value} at {decision.location} ({met}{basis})"


def _number(value: float | None) -> str:
    """Format a number with three significant figures, or as a whole number."""
    if value is None or value == 0 or abs(value) >= 100:
        return decimals(value, 0)
    return f"{value:.3g}".replace("-", "−")
