"""Bounds, and the names of places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import claim, evidence, over_C

from textvae.paper.claims.claim import Statistic, above, at_least, at_most, below
from textvae.paper.claims.evidence import MeasurementKey

KEY = MeasurementKey("cbt", "lstm", 3, "", "rate_nats")


@pytest.mark.parametrize(
    ("bound", "inside", "outside"),
    [
        (below(0), -1e-6, 0),
        (above(30), 30.1, 30),
        (at_most(1), 1, 1.001),
        (at_least(0.8), 0.8, 0.79),
    ],
)
def test_a_bound_is_met_on_one_side(bound, inside, outside):
    assert bound.met(inside)
    assert not bound.met(outside)


def test_a_bound_forgives_what_floats_cannot_say():
    assert 0.3 - 0.2 < 0.1 < 0.8 - 0.7 + 1e-16
    assert at_most(0.1).met(0.8 - 0.7)
    assert at_least(0.1).met(0.3 - 0.2)
    assert not above(0.1).met(0.8 - 0.7)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_the_margin_is_positive_inside(limit, value):
    for bound in (below(limit), above(limit)):
        assert bound.met(value) == (bound.margin(value) > 0)
    assert below(limit).margin(value) == -above(limit).margin(value)


def test_bounds_are_told_with_true_signs():
    assert [str(one) for one in (below(-0.5), at_most(1), above(30), at_least(0.8))] == [
        *("< −0.5", "≤ 1", "> 30", "≥ 0.8")
    ]


def test_the_statistic_by_location_with_the_numbers_behind_it():
    @claim(bound=above(0))
    def it_is_so(found):
        yield from ((series.title, series.at(3, "rate_nats")) for series in found.series())

    (found,) = it_is_so.statistics(evidence(over_C("rate_nats", {3: 1}))).items()
    assert found == ("cbt, lstm", Statistic(1.0, frozenset({KEY})))


def test_two_places_of_one_name_would_hide_each_other():
    @claim(bound=above(0))
    def twice(found):
        yield from (("here", 1.0), ("here", -1.0))

    with pytest.raises(ValueError, match="twice: the location here appears twice"):
        twice.statistics(evidence({}))
