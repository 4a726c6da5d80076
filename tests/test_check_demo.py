"""The check of the demo's results reports every kind of fault."""

import pytest

import check_demo
from check_demo import (
    figure1_faults,
    frontier_faults,
    table1_faults,
    table2_faults,
    table3_faults,
    table4_faults,
)


def row(C, **changes):
    good = {"C": C, "rate_nats": C + 1, "distortion_nats": 40.0 - C, "active_units": 1.0}
    return good | {"bound_excess_nats": -3.0, "bound_excess_standard_error": 1.0} | changes


def table1(*Cs, **changes):
    """Rows of Table 1, of which the second has changes."""
    first, *more = Cs or (2.0, 5.0, 15.0)
    second, *rest = more
    return {"lstm": [row(first), row(second, **changes), *map(row, rest)]}


def figure1(**changes):
    models = {name: [row(C) for C in (2.0, 5.0, 10.0, 15.0)] for name in ("gru", "lstm", "cnn")}
    return {name: rows for name, rows in (models | changes).items() if rows}


def table2(*shares):
    points = zip((2.0, 5.0, 15.0), shares, strict=True)
    return {("", C): {"distinct_interpolation": [share]} for C, share in points}


def table3(decoding="greedy", C=2.0, **changes):
    """Two copies at each decoding and C, of which one pair has changes."""

    def text(C):
        return {
            "fce_nats": [50.0 + C, 50.2 + C],
            "excess_nats": [5.0 + C, -0.3],
            "excess_standard_error": [0.1, 0.1],
            "self_bleu4": [50.0 - C, 50.2 - C],
        }

    texts = {(d, C): text(C) for d in ("greedy", "nucleus0.9") for C in (2.0, 5.0, 15.0)}
    return texts | {(decoding, C): texts[decoding, C] | changes}


def pairs(C, p1, p2, language_model=0.9, rows=10, heading="agreement"):
    """Rows of Table 4 with these values under one heading and good ones under the others."""
    good = (0.9, 0.9) if C < 10 else (0.9, 0.3)
    row = {"C": C}
    for name, count in (("agreement", rows), ("reflexive", 3), ("npi", 2)):
        a, b, c = (p1, p2, language_model) if name == heading else (*good, 0.9)
        values = zip(check_demo.METRICS, (a, b, a, b, c), strict=True)
        row |= {f"{name}.{i}.{metric}": v for metric, v in values for i in range(count)}
    return row


def frontier(**changes):
    control = {"rate_nats": 15.0, "mutual_information_upper_nats": 0.0} | changes
    return {"lstm-small-mdr": [row(5.0)], "lstm-small-constant": [row(15.0, **control)]}


BAD = row(2.0, rate_nats=4.0)
LOW, HIGH = pairs(2.0, 0.7, 0.65625), pairs(40.0, 0.9, 0.7)
FLAT = [row(C, distortion_nats=40.0) for C in (2.0, 5.0, 10.0, 15.0)]


@pytest.mark.parametrize(
    ("check", "results", "faults"),
    [
        *((table1_faults, table1(), []), (table1_faults, table1(2.0, 5.0), ["fewer than 3 rows"])),
        (table1_faults, table1(rate_nats=3.5), ["C = 5: R = 3.50"]),
        (table1_faults, table1(rate_nats=float("nan")), ["C = 5: R = nan"]),
        (table1_faults, table1(bound_excess_nats=-3.5), ["C = 5: D + R is below H by 3.5"]),
        (table1_faults, table1(distortion_nats=38.0), ["D does not fall from C = 2 to C = 5"]),
        (table1_faults, table1(active_units=0.0), ["C = 5: no active unit", "AU falls from C = 2"]),
        (figure1_faults, figure1(), []),
        (figure1_faults, figure1(gru=[BAD, *FLAT[1:]]), ["gru: C = 2: R", "gr"]),
        (figure1_faults, figure1(cnn=FLAT), ["cnn: D does not fall"]),
        (figure1_faults, figure1(cnn=figure1()["cnn"][:3]), ["cnn: fewer than 4 C"]),
        (figure1_faults, figure1(lstm=None), ["fewer than 3 models"]),
        (table2_faults, table2(0.4, 0.3, 0.9), []),
        *((table2_faults, table2(0.4, 0.9, 0.4), ["neighbours"]), (table3_faults, table3(), [])),
        # One copy below the floor is enough.
        (table3_faults, table3(excess_nats=[5.0, -0.4]), ["greedy, C = 2: a synthetic corpus"]),
        (table3_faults, table3("nucleus0.9", 15.0, fce_nats=[52.0, 52.2]), ["FCE of nucleus0.9"]),
        (table3_faults, table3("greedy", 5.0, self_bleu4=[48.0, 48.2]), ["greedy self-BLEU"]),
        (table4_faults, {"lstm": [LOW, HIGH]}, []),
        (table4_faults, {"lstm": [pairs(2.0, 0.8, 0.7), HIGH]}, ["agreement: p1 and p2 differ at"]),
        (table4_faults, {"lstm": [LOW, pairs(40.0, 0.8, 0.7)]}, ["agreement: p1 and p2 do not"]),
        (table4_faults, {"lstm": [LOW, pairs(40.0, 0.8, 0.8, heading="npi")]}, ["npi: p1 and p2"]),
        (table4_faults, {"lstm": [LOW, pairs(40.0, 0.9, 0.3, 0.6)]}, ["agreement, C = 40: not"]),
        (table4_faults, {"lstm": [pairs(2.0, 0.6, 0.6), HIGH]}, ["agreement, C = 2: not better"]),
        (table4_faults, {"lstm": [pairs(2.0, 0.7, 0.7, rows=9), HIGH]}, ["14 rows, not 15"]),
        (frontier_faults, frontier(), []),
        (frontier_faults, frontier(bound_excess_nats=-3.5), ["lstm-small-constant, C = 15: D + R"]),
        (frontier_faults, frontier(rate_nats=14.0), ["the constant posterior has R = 14.00 at"]),
        (frontier_faults, frontier(mutual_information_upper_nats=1.0), ["the constant posterior"]),
    ],
)
def test_each_fault_is_reported(check, results, faults):
    messages = list(check(results))
    assert len(messages) == len(faults), messages
    assert all(message.startswith(start) for message, start in zip(messages, faults, strict=True))
