"""The claims as a table and as data."""

import csv
import io
from dataclasses import replace

import pytest
from made_up import evidence, over_C

from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import Decision, decide_as_printed
from textvae.paper.claims.samples import printed
from textvae.paper.exhibits.claims import claims_csv, claims_table
from textvae.paper.render.html import html
from textvae.paper.render.latex import latex

CLAIMS = catalogue()
FALLS = next(claim for claim in CLAIMS if claim.name == "distortion-falls")
PRINTED = decide_as_printed(FALLS, printed())
OURS = Decision(
    *(FALLS, "holds", -9.25, "cbt, lstm, C = 3 → 15", (-9.5, -9.0)),
    *("one seed; 200 resamples of 2,000", 2, 2),
)
NOTHING = decide_as_printed(FALLS, evidence(over_C("rate_nats", {3: 3})))


def test_a_line_tells_what_decided():
    table = claims_table([(OURS, PRINTED)], "Claims.")
    ((line,),) = table.blocks
    section, says, statistic, verdict, decided, as_printed = (cell[0] for cell in line.cells)
    assert (section, says, verdict) == ("3.1", FALLS.says, "holds")
    assert statistic == "change of D from one C to the next, nats: < 0"
    assert decided == (
        "−9.25 [−9.5, −9] at cbt, lstm, C = 3 → 15 "
        "(2 of 2 places; one seed; 200 resamples of 2,000)"
    )
    assert as_printed == "holds: −9 at cbt, lstm, C = 3 → 15 (7 of 7 places)"


def test_a_claim_without_data_says_so():
    ((line,),) = claims_table([(NOTHING, NOTHING)], "Claims.").blocks
    assert [cell[0] for cell in line.cells[3:]] == [
        *("not enough data", "nothing to decide it on", "not printed")
    ]


def test_what_does_not_hold_is_shaded():
    ((line,),) = claims_table([(replace(OURS, verdict="does not hold"), PRINTED)], "Claims.").blocks
    assert line.shaded == (3,)
    assert claims_table([(OURS, PRINTED)], "Claims.").blocks[0][0].shaded == ()


def test_the_notes_count_and_say_that_there_is_one_seed():
    notes = claims_table([(OURS, PRINTED), (NOTHING, PRINTED)], "Claims.").notes
    assert "1 holds, 0 does not hold, 1 not enough data" in notes[0]
    assert "2 holds, 0 does not hold, 0 not enough data" in notes[1]
    assert notes[-1].startswith("One seed: ")
    assert claims_table([(NOTHING, PRINTED)], "Claims.").notes[-1] == notes[-2]


def test_every_claim_is_shown_in_both_markups():
    pairs = [(decide_as_printed(claim, printed()),) * 2 for claim in CLAIMS]
    table = claims_table(pairs, "Claims.")
    assert html(table).count("<tbody>") == len(CLAIMS)
    assert latex(table).count(r"\midrule") >= len(CLAIMS)
    # Nothing that a bare LaTeX has no shape for.
    assert "U+" not in latex(table)


def test_the_data_have_everything():
    (record,) = csv.DictReader(io.StringIO(claims_csv([(OURS, PRINTED)])))
    assert record["claim"] == "distortion-falls"
    assert (record["bound"], record["low"], record["high"]) == ("< 0", "-9.5", "-9")
    assert (record["places"], record["met"], record["printed_places"]) == ("2", "2", "7")
    assert float(record["printed_value"]) == pytest.approx(-9)
