"""The claims as a table and as data."""

import csv
import io
from dataclasses import replace

import pytest
from made_up import evidence

from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import Decision, decide_as_printed
from textvae.paper.claims.samples import printed
from textvae.paper.exhibits.claims import claims_csv, claims_table
from textvae.paper.render.latex import latex

FALLS = next(claim for claim in catalogue() if claim.name == "distortion-falls")
PRINTED = decide_as_printed(FALLS, printed())
PLACE = "cbt, lstm, C = 3 → 15"
INTERVAL, BASIS = (-9.5, -9.0), "one seed; 200 resamples of 2,000"
OURS = Decision(FALLS, "holds", -9.25, PLACE, INTERVAL, BASIS, locations=3, met=2)
OPEN = decide_as_printed(FALLS, evidence({}))


def line_of(*pair):
    ((line,),) = claims_table([pair], "Claims.").blocks
    return [cell[0] for cell in line.cells], line.shaded


def test_line_has_the_claim_and_both_decisions():
    assert line_of(OURS, PRINTED) == (
        [
            *("3.1", FALLS.summary, f"{FALLS.statistic}: < 0", "holds"),
            f"−9.25 [−9.5, −9] at {PLACE} (2 of 3 places; {BASIS})",
            f"holds: −9 at {PLACE} (7 of 7 places)",
        ],
        (),
    )


def test_claim_without_data_is_open_and_failing_verdicts_are_shaded():
    (*_, verdict, reason, as_printed), _ = line_of(OPEN, OPEN)
    assert (verdict, reason, as_printed) == ("not enough data", OPEN.reason, "not printed")
    failed = [replace(one, verdict="does not hold") for one in (OURS, PRINTED)]
    assert line_of(failed[0], PRINTED)[1] == (3,)
    assert line_of(OURS, failed[1])[1] == (5,)


def test_notes_count_the_verdicts_and_mention_one_seed():
    notes = claims_table([(OURS, PRINTED), (OPEN, PRINTED)], "Claims.").notes
    assert "1 holds, 0 does not hold, 1 not enough data" in notes[0]
    assert "2 holds, 0 does not hold, 0 not enough data" in notes[1]
    # Without a measurement there is one note less.
    assert claims_table([(OPEN, PRINTED)], "Claims.").notes[2:] == notes[2:-1]


def test_every_claim_is_typeset():
    table = claims_table([(decide_as_printed(one, printed()),) * 2 for one in catalogue()], "")
    assert latex(table).count(r"\midrule") >= len(table.blocks) == len(catalogue())
    # No character that LaTeX cannot typeset.
    assert "U+" not in latex(table)


def test_csv_has_every_field():
    (record,) = csv.DictReader(io.StringIO(claims_csv([(OURS, PRINTED)])))
    expected = {"claim": "distortion-falls", "bound": "< 0", "low": "-9.5", "high": "-9"}
    expected |= {"places": "3", "met": "2", "printed_places": "7", "printed_met": "7"}
    assert record.items() >= expected.items()
    assert float(record["printed_value"]) == pytest.approx(-9)
