"""The paper's claims with their verdicts: totals, a table for each verdict, and CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from textvae.paper import information
from textvae.paper.claims.claim import FRONTIER, catalogue
from textvae.paper.claims.decision import (
    FAILS,
    HOLDS,
    NOTHING_TO_COMPARE,
    OPEN,
    UNDECIDABLE,
    Decision,
    decide,
    decide_as_printed,
)
from textvae.paper.claims.intervals import MIN_REPLICATES
from textvae.paper.claims.printed import printed, printed_tolerances
from textvae.paper.claims.samples import samples_of, specs_of
from textvae.paper.csv import csv_text
from textvae.paper.descriptions import Parts, read_cells, read_corpus_notes, read_sizes
from textvae.paper.exhibit import TABLE, Inputs, Rendered
from textvae.paper.measured_on import of_one_text
from textvae.paper.measurements import merged, replicates_from_csv
from textvae.paper.render.latex import escape
from textvae.paper.render.table import Column, Line, Table, Tone, decimals
from textvae.paper.rows import MIN_SENTENCES, rows_of
from textvae.paper.unlike import overridden
from textvae.registry import EXHIBITS

# The decisions on a claim from our measurements and from the paper's printed numbers.
Pair = tuple[Decision, Decision]
# Parts of models -> the decisions on every claim of the paper with models of these parts.
# None for claims on the frontier, which compare all methods, whatever the parts.
ByParts = Mapping[Parts, Sequence[Decision | None]]

# Verdict -> colour, and a sign for readers who do not see it. Readers look for claims that do not
# hold, which are first.
_TONES: dict[str, Tone] = {FAILS: "bad", OPEN: "open", UNDECIDABLE: "open", HOLDS: "good"}
_SIGNS: dict[Tone, str] = {"bad": "✗", "open": "?", "good": "✓"}
_LATEX_SIGNS: dict[Tone, str] = {tone: escape(sign) for tone, sign in _SIGNS.items()}
# Verdict -> caption of its table.
_CAPTIONS = {
    FAILS: "Claims that do not hold.",
    OPEN: "Claims without enough data.",
    HOLDS: "Claims that hold.",
}
_COLUMNS = (
    Column("", "", "text"),
    Column("Claim", "Claim", "prose"),
    Column("Statistic and bound", "Statistic and bound", "prose"),
    Column("Verdict", "Verdict", "prose"),
    Column("Deciding place", "Deciding place", "prose"),
    Column("The paper's own numbers", "The paper's own numbers", "prose"),
)
_VERDICT, _PRINTED_VERDICT = 3, 5
# For each set of other parts.
_OF_PARTS = ("verdict", "value", "low", "high", "place", "basis", "reason")
_CSV_COLUMNS = (
    *("claim", "section", "says", "statistic", "bound"),
    *("verdict", "value", "low", "high", "place", "places", "met", "basis", "reason"),
    *("printed_verdict", "printed_value", "printed_place", "printed_places", "printed_met"),
)
_LEGEND = (
    "A claim holds if its statistic meets the bound at every place: each corpus, model and C, or "
    "step from one C to the next, for which it is defined. The verdict is that of the deciding "
    "place, the worst one, which is shown with the value of the statistic and its 95% interval. "
    "Where the paper gives no bound, we fixed one before measuring. Claims on the frontier are "
    "ours, on remedies that the paper names."
)
_RULE = (
    "One rule for every verdict on our measurements: at a place the claim holds if the whole "
    "interval meets the bound and does not hold if no part of it does. If the interval includes "
    "the bound, if there is one value and no interval, or if a number is of fewer than "
    f"{MIN_SENTENCES} sentences, lines or pairs or, with one seed, {MIN_REPLICATES} resamples, "
    "there is not enough data."
)
_INTERVALS = (
    "Intervals combine what was repeated: seeds, or with one seed synthetic corpora (copies), by "
    "Student's t; test sentences by a bootstrap; both by the sum of their variances (Welch and "
    "Satterthwaite). They are not corrected for the number of places."
)
_ONE_SEED = "One seed: no interval includes the variation between trainings."
_BY_PARTS = "Claims of the paper with other posteriors, priors and trainings."
_BY_PARTS_NOTE = (
    "The same claims, decided in the same way on models with the paper's objective that have "
    "another posterior, prior or training than the paper's; the first column of verdicts is of the "
    "paper's own. Claims that were measured with none of the others are left out."
)
_PRINTED = (
    "The paper's own numbers: the same claim decided, without intervals, on the numbers printed in "
    "Tables 1, 3 and 4 and in sections 3 and 3.2 (after the authors' erratum), and on counts of "
    "the sentences in Table 2. A rise or fall between two numbers that differ by no more than the "
    "tolerance with which the comparison calls numbers equal is not decidable as printed. Not "
    "printed: counted as not enough data."
)


@EXHIBITS.register(
    "claims",
    forms=TABLE,
    category="Verdicts",
    scope="run",
    experiments="for claims",
    reads=("measurements", "bootstrap", "configs", "sizes"),
    published=("corpora", "table1", "section3_2", "table3", "table4", "errata", "tolerances"),
    uses=("claim",),
    label="claims",
    caption="The claims of the paper, and whether they hold.",
)
def render(inputs: Inputs) -> Rendered:
    """Every claim of the paper, decided on our measurements and on the paper's own numbers."""
    measured, other_texts = of_one_text(merged(inputs.measurements))
    trained = read_cells(inputs.configs)
    specs = specs_of(trained)
    ours = samples_of(
        measured,
        [row for path in inputs.bootstrap for row in replicates_from_csv(path)],
        specs,
        read_sizes(inputs.sizes),
    )
    theirs, tolerances = printed(), printed_tolerances()
    pairs = [
        (decide(claim, ours), decide_as_printed(claim, theirs, tolerances)) for claim in catalogue()
    ]
    by_parts: ByParts = {
        parts: [
            None if claim.section == FRONTIER else decide(claim, ours.of_parts(parts))
            for claim in catalogue()
        ]
        for parts in ours.other_parts()
    }
    totals, *groups = claims_tables(pairs, inputs.caption)
    places = {parts: ours.places(parts) for parts in (Parts(), *by_parts)}
    groups += by_parts_tables(pairs, by_parts, places)
    # Without the control, which is meant to carry nothing.
    cells = [
        row
        for row in rows_of(measured)
        if not row.decoding and specs[row.cells[0]].posterior != "constant"
    ]
    left_out = {cell for cell, spec in specs.items() if spec != ours.specs[cell.corpus, cell.model]}
    notes = (
        *other_texts,
        *information.empty_codes_summary(cells),
        *overridden(trained.values(), left_out),
        *totals.notes,
    )
    totals = replace(totals, notes=notes + read_corpus_notes(inputs.sizes))
    return Rendered((totals, *groups), data=claims_csv(pairs, by_parts))


# The column of the models without other parts.
PAPERS = "the paper's"


def claims_tables(pairs: Sequence[Pair], caption: str) -> list[Table]:
    """Return the totals, and a table of the claims with each verdict.

    A claim is a block of its own, so that rules separate claims of several lines.
    """
    tables = [_totals(pairs, caption)]
    for verdict, title in _CAPTIONS.items():
        if group := [pair for pair in pairs if pair[0].verdict == verdict]:
            # What has nothing to compare is last.
            group.sort(key=lambda pair: pair[0].locations == 0)
            name = f"claims-{_TONES[verdict]}"
            blocks = tuple((_line(*pair),) for pair in group)
            tables.append(Table(name, title, _COLUMNS, (), blocks, ()))
    return tables


def by_parts_tables(
    pairs: Sequence[Pair], by_parts: ByParts, places: Mapping[Parts, str] = MappingProxyType({})
) -> list[Table]:
    """Return a table with a column of verdicts for each set of parts; none if nothing is measured.

    places: corpora, C and seeds of the models with these parts, listed in a note where they differ.
    """
    columns: list[tuple[Parts, Sequence[Decision | None]]] = [
        (Parts(), [ours for ours, _ in pairs]),
        *by_parts.items(),
    ]
    lines = []
    for row in zip(*(column for _, column in columns), strict=True):
        decisions = [one for one in row if one is not None]
        claim = decisions[0].claim
        if any(one.locations for one in decisions[1:]):
            verdicts = [(_brief(one),) for one in decisions]
            tones = enumerate((_TONES[one.verdict] for one in decisions), start=3)
            cells = ((claim.section,), (claim.summary,), (str(claim.bound),), *verdicts)
            lines.append(Line(cells, tones=tuple(tones)))
    if not lines:
        return []
    titles = [parts.title or PAPERS for parts, _ in columns]
    heads = (
        *(Column("", "", "text"), Column("Claim", "Claim", "prose")),
        Column("Bound", "Bound", "prose"),
        *(Column(escape(title), title, "prose") for title in titles),
    )
    blocks = tuple((line,) for line in lines)
    notes = [_BY_PARTS_NOTE]
    if len(set(places.values())) > 1:
        listed = "; ".join(f"{parts.title or PAPERS}: {text}" for parts, text in places.items())
        notes.append(
            "The columns are not of the same cells, and verdicts may differ because of that; one "
            "seed decides on the variation of test sentences alone: "
            f"{listed}."
        )
    return [Table("claims-by-parts", _BY_PARTS, heads, (), blocks, tuple(notes))]


def claims_csv(pairs: Sequence[Pair], by_parts: ByParts = MappingProxyType({})) -> str:
    """Return a CSV line per claim, with its decisions; those with other parts are last."""
    columns = [f"{parts.title}: {name}" for parts in by_parts for name in _OF_PARTS]
    others = zip(*by_parts.values(), strict=True) if by_parts else [()] * len(pairs)
    lines = [
        (*_ours(ours), *_printed(theirs), *(value for one in other for value in _with_basis(one)))
        for (ours, theirs), other in zip(pairs, others, strict=True)
    ]
    return csv_text((*_CSV_COLUMNS, *columns), lines)


def _result(decision: Decision) -> tuple[object, ...]:
    low, high = decision.interval or (None, None)
    return decision.verdict, decision.value, low, high, decision.location


def _with_basis(decision: Decision | None) -> tuple[object, ...]:
    if decision is None:
        return (None,) * len(_OF_PARTS)
    return *_result(decision), decision.basis, decision.reason


def _ours(decision: Decision) -> tuple[object, ...]:
    claim = decision.claim
    return (
        *(claim.name, claim.section, claim.summary, claim.statistic, str(claim.bound)),
        *_result(decision),
        *(decision.locations, decision.met, decision.basis, decision.reason),
    )


def _printed(decision: Decision) -> tuple[object, ...]:
    return (
        *(decision.verdict, decision.value, decision.location),
        *(decision.locations, decision.met),
    )


def _totals(pairs: Sequence[Pair], caption: str) -> Table:
    """Return the table that counts the verdicts, with the rules of deciding below."""
    ours, theirs = zip(*pairs, strict=True)
    one_seed = any(decision.basis.startswith("one seed") for decision in ours)
    notes = (_LEGEND, _RULE, _INTERVALS, *([_ONE_SEED] if one_seed else []), _PRINTED)
    verdicts = [
        Column(f"{_LATEX_SIGNS[tone]} {verdict}", f"{_SIGNS[tone]} {verdict}")
        for verdict, tone in _TONES.items()
    ]
    columns = (Column("", "", "text"), *verdicts, Column("claims", "claims"))
    lines = (_counts("Our measurements", ours), _counts("The paper's own numbers", theirs))
    return Table("claims", caption, columns, (), (lines,), notes)


def _counts(source: str, decisions: Sequence[Decision]) -> Line:
    """Return a line with the number of decisions of each verdict, and of all."""
    counts = [_count([one for one in decisions if one.verdict == verdict]) for verdict in _TONES]
    return Line(
        ((source,), *((count,) for count in (*counts, str(len(decisions))))),
        tones=tuple(enumerate(_TONES.values(), start=1)),
    )


def _count(decisions: Sequence[Decision]) -> str:
    """Format the number of decisions, and of those without data: 18 (12 nothing to compare)."""
    empty = sum(one.reason == NOTHING_TO_COMPARE for one in decisions)
    return f"{len(decisions)} ({empty} {NOTHING_TO_COMPARE})" if empty else f"{len(decisions)}"


def _line(ours: Decision, printed: Decision) -> Line:
    claim = ours.claim
    reason = f": {ours.reason}" if ours.reason else ""
    as_printed = f"{_signed(printed)}: {_decision_text(printed)}"
    tones = [(_VERDICT, _TONES[ours.verdict])]
    if printed.locations:
        tones.append((_PRINTED_VERDICT, _TONES[printed.verdict]))
    return Line(
        (
            (claim.section,),
            (claim.summary,),
            (f"{claim.statistic}: {claim.bound}",),
            (_signed(ours) + reason,),
            (_decision_text(ours),),
            (as_printed if printed.locations else "not printed",),
        ),
        tones=tuple(tones),
    )


def _signed(decision: Decision) -> str:
    """Return a verdict with its sign: ✓ holds."""
    return f"{_SIGNS[_TONES[decision.verdict]]} {decision.verdict}"


def _brief(decision: Decision) -> str:
    """Return a verdict with its value: ✓ holds: 1.2 [1.1, 1.3], 6 of 6 places, one seed."""
    if not decision.locations:
        return f"{_signed(decision)}: {decision.reason}"
    met = f"{decision.met} of {decision.locations} places"
    return f"{_signed(decision)}: {_value(decision)}, {met}, {decision.basis.split(';')[0]}"


def _value(decision: Decision) -> str:
    """Format the deciding value with its interval, if any."""
    value = _number(decision.value)
    if decision.interval:
        value += " [{}, {}]".format(*map(_number, decision.interval))
    return value


def _decision_text(decision: Decision) -> str:
    """Format a decision: 1.2 [1.1, 1.3] at CBT, lstm, C = 3 → 15 (6 of 6 places; one seed; ...).

    "" if there is nothing to decide on.
    """
    if not decision.locations:
        return ""
    value = _value(decision)
    met = f"{decision.met} of {decision.locations} places"
    basis = f"; {decision.basis}" if decision.basis else ""
    return f"{value} at {decision.location} ({met}{basis})"


def _number(value: float | None) -> str:
    """Format a number with three significant figures, or as a whole number."""
    if value is None or value == 0 or abs(value) >= 100:
        return decimals(value, 0)
    return f"{value:.3g}".replace("-", "−")
