"""Every claim, on made-up measurements that satisfy it and on ones that do not."""

import pytest
from cases import CASES
from made_up import evidence, over_C, verdict

from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import FAILS, HOLDS, OPEN

CLAIMS = catalogue()
BY_NAME = {claim.name: claim for claim in CLAIMS}


def test_every_claim_is_tried_both_ways():
    assert set(CASES) == set(BY_NAME)
    assert all(broken for _, broken in CASES.values())


def test_the_claims_are_many_and_each_is_told_once():
    assert len(CLAIMS) >= 20
    for told in ("name", "says"):
        assert len({getattr(claim, told) for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize("name", CASES)
def test_it_holds_where_measurements_satisfy_it(name):
    assert verdict(BY_NAME[name], CASES[name][0]) == HOLDS


@pytest.mark.parametrize(
    ("name", "values"), [(name, values) for name, (_, many) in CASES.items() for values in many]
)
def test_it_does_not_hold_where_they_break_it(name, values):
    assert verdict(BY_NAME[name], values) == FAILS


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_without_measurements_there_is_not_enough_data(claim):
    assert verdict(claim, {}) == OPEN


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_measurements_of_another_claim_do_not_decide_it(claim):
    """A claim on sampled text reads nothing of greedy text, and so on."""
    verdicts = [verdict(claim, values) for values, _ in CASES.values()]
    assert verdicts.count(OPEN) >= len(CASES) // 2


def test_the_gains_of_architectures_are_over_the_C_that_they_share():
    """Section 3.2 gives the GRU a further C, footnote 6 the LSTM a wider one."""
    values = (
        over_C("distortion_nats", {10: 300, 100: 270}, "yahoo", "lstm")
        | over_C("distortion_nats", {5: 400, 10: 300, 100: 290}, "yahoo", "gru")
        | over_C("distortion_nats", {10: 300, 100: 295}, "yahoo", "lstm-wide")
    )
    places = BY_NAME["gain-varies-with-architecture"].statistics(evidence(values))
    assert {place: one.value for place, one in places.items()} == {
        "yahoo, gru lstm, C = 10 → 100": 20
    }


def test_twice_is_not_four_times_or_other_codes():
    claim = BY_NAME["twice-the-parameters-same-distortion"]
    small = over_C("distortion_nats", {10: 90, 20: 80}, model="lstm-small")
    assert verdict(claim, small | over_C("distortion_nats", {10: 90, 20: 80})) == OPEN


@pytest.mark.parametrize(
    ("name", "metric", "decoding"),
    [
        ("lengths-are-alike", "mean_length", "greedy"),
        ("nucleus-vocabularies-are-alike", "types", "nucleus0.9"),
        ("nucleus-fce-is-alike-at-smaller-C", "fce_nats", "nucleus0.9"),
        ("any-beta-that-keeps-C-is-fine", "distortion_nats", ""),
    ],
)
def test_nothing_is_divided_by_nothing(name, metric, decoding):
    """Text of empty sentences, say."""
    zero = {3: 0, 15: 0, 20: 0}
    values = over_C(metric, zero, decoding=decoding)
    values |= over_C(metric, zero, model="lstm-beta2") | over_C(
        "rate_nats", {20: 20}, model="lstm-beta2"
    )
    assert verdict(BY_NAME[name], values) == OPEN
