"""Every claim, on made-up measurements that satisfy it and on ones that do not."""

import pytest
from cases import CASES
from made_up import verdict

from textvae.claims.catalogue import CLAIMS
from textvae.claims.decision import FAILS, HOLDS, OPEN

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
