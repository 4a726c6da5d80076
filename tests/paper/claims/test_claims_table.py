"""The claims as a table and as data."""

import csv
import io
from dataclasses import replace

import pytest
from made_up import evidence

from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import Decision, decide_as_printed
from textvae.paper.claims.printed import printed
from textvae.paper.exhibits.claims import claims_csv, claims_tables
from textvae.paper.render.latex import latex

FALLS = next(claim for claim in catalogue() if claim.name == "distortion-falls")
PRINTED = decide_as_printed(FALLS, printed())
PLACE = "cbt, lstm, C = 3 → 15"
INTERVAL, BASIS = (-9.5, -9.0), "one seed; 200 resamples of 2,000"
OURS = Decision(FALLS, "holds", -9.25, PLACE, INTERVAL, BASIS, locations=3, met=2)
OPEN = decide_as_printed(FALLS, evidence({}))


def line_of(*pair):
    _, group = claims_tables([pair], "Claims.")
    ((line,),) = group.blocks
    return [cell[0] for cell in line.cells], dict(line.tones)


def test_line_has_the_claim_and_both_decisions():
    assert line_of(OURS, PRINTED) == (
        [
            *("3.1", FALLS.summary, f"{FALLS.statistic}: < 0", "✓ holds"),
            f"−9.25 [−9.5, −9] at {PLACE} (2 of 3 places; {BASIS})",
            f"✓ holds: −9 at {PLACE} (7 of 7 places)",
        ],
        {3: "good", 5: "good"},
    )


def test_verdicts_have_a_colour_and_a_sign():
    (*_, verdict, place, as_printed), tones = line_of(OPEN, OPEN)
    assert (verdict, place) == (f"? not enough data: {OPEN.reason}", "")
    assert (as_printed, tones) == ("not printed", {3: "open"})
    failed, undecidable = (
        replace(PRINTED, verdict=verdict)
        for verdict in ("does not hold", "not decidable as printed")
    )
    (*_, verdict, _, as_printed), tones = line_of(failed, undecidable)
    assert (verdict, tones) == ("✗ does not hold", {3: "bad", 5: "open"})
    assert as_printed.startswith("? not decidable as printed: ")


def test_totals_are_first_and_claims_grouped_by_verdict():
    failed = replace(OURS, verdict="does not hold")
    unsure = replace(OURS, verdict="not enough data")
    pairs = [(OURS, PRINTED), (OPEN, PRINTED), (failed, PRINTED), (unsure, PRINTED)]
    totals, *groups = claims_tables(pairs, "Claims.")
    ((ours, theirs),) = totals.blocks
    assert [cell[0] for cell in ours.cells] == [
        *("Our measurements", "1", "2 (1 nothing to compare)", "0", "1", "4")
    ]
    assert [cell[0] for cell in theirs.cells[1:]] == ["0", "0", "0", "4", "4"]
    assert [column.html for column in totals.columns[1:]] == [
        *("✗ does not hold", "? not enough data", "? not decidable as printed", "✓ holds", "claims")
    ]
    verdicts = [[line.cells[3][0] for (line,) in group.blocks] for group in groups]
    assert [[text.split(":")[0] for text in group] for group in verdicts] == [
        ["✗ does not hold"],
        ["? not enough data"] * 2,
        ["✓ holds"],
    ]
    # What has nothing to compare is last.
    assert verdicts[1][1].endswith(OPEN.reason)
    # Without a measurement there is one note less: that on one seed.
    without, _ = claims_tables([(OPEN, PRINTED)], "Claims.")
    assert len(without.notes) == len(totals.notes) - 1


def test_every_claim_is_typeset():
    tables = claims_tables([(decide_as_printed(one, printed()),) * 2 for one in catalogue()], "")
    assert sum(len(table.blocks) for table in tables[1:]) == len(catalogue())
    # No character that LaTeX cannot typeset.
    assert not [text for table in tables if "U+" in (text := latex(table))]


def test_csv_has_every_field():
    (record,) = csv.DictReader(io.StringIO(claims_csv([(OURS, PRINTED)])))
    expected = {"claim": "distortion-falls", "bound": "< 0", "low": "-9.5", "high": "-9"}
    expected |= {"places": "3", "met": "2", "printed_places": "7", "printed_met": "7"}
    assert record.items() >= expected.items()
    assert float(record["printed_value"]) == pytest.approx(-9)
