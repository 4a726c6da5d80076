"""Successive halving over C, on a fake model with FCE = (ln C - ln 15)^2."""

import math

import numpy as np
import pytest

from textvae.choice.halving import Rung, cost, grid, rank_correlation
from textvae.errors import InputError


def rung(levels, noise=0.3):
    """FCE of 1,000 sentences, whose noise is common to all C but for a part of it."""
    rng = np.random.default_rng(1)
    common = rng.normal(40, 10, 1000)
    fce = {C: (math.log(C) - math.log(15)) ** 2 for C in levels}
    return Rung({C: common + nats + noise * rng.normal(size=1000) for C, nats in fce.items()})


def test_halving_ends_near_the_minimum():
    levels = grid(2, 100, 8)
    assert levels == [2, 3.5, 6.1, 11, 19, 33, 57, 100]
    best = rung(levels).kept(3)
    assert grid(2, 147, 8)[-2:] == [80, 147]
    with pytest.raises(InputError, match="2 values of C from 2 to 2 are not distinct"):
        grid(2, 2.0000001, 2)
    # ln 11 and ln 19 are 0.31 and 0.24 from ln 15, ln 33 is 0.79 from it.
    assert best == [11, 19, 33]
    assert rung(best).kept(1) == [19]


def test_C_within_a_standard_error_is_kept_and_the_smaller_one_chosen():
    near = rung([10, 15, 16, 100, 300], noise=10)
    assert len(near.kept(3)) in (3, 4)
    # 14.9 and 15.1 cannot be told apart by noise.
    assert rung([14.9, 15.1], noise=5).kept(1) == [14.9]
    costs = np.arange(4.0)
    tied = Rung({1: costs, 2: costs, 3: costs + 1, 4: costs + 1, 5: costs + 9})
    assert tied.kept(3) == [1, 2, 3, 4]


def test_C_that_are_still_one_model_are_not_told_apart():
    """All that equal the last one are kept, where the smallest would win by its place."""
    costs = np.arange(4.0)
    same = Rung({2: costs, 3: costs, 4: costs, 5: costs, 9: costs + 9})
    assert (same.kept(3), same.equal()) == ([2, 3, 4, 5], 4)
    assert Rung({2: costs, 3: costs + 1, 4: costs + 1, 5: costs}).equal() == 4
    # FCE of equal means are of different models.
    assert Rung({2: costs, 3: costs[::-1]}).equal() == 0


def test_cost_by_hand():
    # 8 / 9 + 3 (1 / 3 - 1 / 9) + 2 / 3
    assert cost([8, 3, 1]) == pytest.approx(2.22, abs=0.01)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        *(([1, 2, 3], 1), ([3, 2, 1], -1), ([1, 3, 2], 0.5), ([4, 4, 4], None)),
        # Ranks 0.5, 0.5 and 2: deviations -0.5, -0.5 and 1, beside -1, 0 and 1.
        ([1, 1, 2], 1.5 / math.sqrt(1.5 * 2)),
    ],
)
def test_rank_correlation_by_hand(second, expected):
    first, second = {2: 1.0, 5: 2.0, 9: 3.0}, dict(zip([2, 5, 9], second, strict=True))
    expected = None if expected is None else pytest.approx(expected)
    assert rank_correlation(first, second | {100: 7}) == expected
    assert rank_correlation({2: 1.0}, second) is None
