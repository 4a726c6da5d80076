"""The check of the demo's table fails on tables that are wrong."""

import pytest

from check_demo import complaints


def row(C, **changes):
    good = {
        "C": C,
        "rate_nats": C + 0.1,
        "distortion_nats": 40.0 - C,
        "active_units": 4.0,
        "bound_excess_nats": 2.0,
        "bound_excess_standard_error": 0.1,
    }
    return good | changes


def test_a_good_table():
    assert complaints([row(2.0), row(5.0), row(15.0)]) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"rate_nats": 3.5}, "R = 3.50 is not within 1 of C"),
        ({"rate_nats": float("nan")}, "R = nan is not within 1 of C"),
        ({"active_units": 0.0}, "no active unit"),
        ({"bound_excess_nats": -0.4}, "D + R is below H by 4.0 standard errors"),
        ({"distortion_nats": 39.0}, "D does not fall from C = 2 to C = 5"),
        ({"active_units": 3.0}, "AU falls from C = 2 to C = 5"),
    ],
)
def test_a_table_with_one_fault(change, complaint):
    found = complaints([row(2.0), row(5.0, **change)])
    assert any(line.endswith(complaint) for line in found)
