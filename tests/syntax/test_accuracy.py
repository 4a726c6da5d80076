"""Shares of preferred pairs: pooled, over subcategories, and on covered pairs alone."""

import numpy as np
import pytest

from textvae.corpora.pairs import Pair
from textvae.syntax.accuracy import accuracies


def pairs_of(*groups):
    """Pairs of (row, set, subcategory)."""
    return [Pair(f"good {i}", f"bad {i}", *group) for i, group in enumerate(groups)]


A, B, C = ("r", "one", "sing"), ("r", "one", "plur"), ("r", "two", "sing")
# Four of A, one of B, one of C.
PAIRS = pairs_of(A, A, A, B, C, A)
COVERED = np.array([True, True, False, False, True, True])
ODDS = np.array([1.0, -1.0, 0.5, 0.1, -2.0, 3.0])


def test_a_row_pools_its_pairs():
    values = accuracies(PAIRS, COVERED, {"p1": ODDS})
    assert values["r.pairs"] == 6
    assert values["r.coverage"] == pytest.approx(4 / 6)
    assert values["r.p1"] == pytest.approx(4 / 6)
    # Of pairs 0, 1, 4 and 5.
    assert values["r.p1_covered"] == pytest.approx(2 / 4)


def test_barred_ones_weigh_file_and_subcategory_alike():
    values = accuracies(PAIRS, COVERED, {"p1_bar": ODDS, "p2_bar": -ODDS})
    # A 3 of 4, B 1 of 1, C 0 of 1: the two "sing" are of two files.
    assert values["r.p1_bar"] == pytest.approx((3 / 4 + 1 + 0) / 3)
    assert values["r.p2_bar"] == pytest.approx((1 / 4 + 0 + 1) / 3)
    # A 2 of 3, C 0 of 1, and B has no covered pair.
    assert values["r.p1_bar_covered"] == pytest.approx((2 / 3 + 0) / 2)


def test_a_tie_is_wrong():
    values = accuracies(PAIRS[:2], COVERED[:2], {"p1": np.array([0.0, 1e-9])})
    assert values["r.p1"] == 0.5


def test_rows_keep_their_order_and_do_not_mix():
    pairs = pairs_of(("z", "", ""), ("a", "", ""), ("z", "", ""))
    values = accuracies(pairs, np.array([True, False, True]), {"p1": np.array([1.0, 1.0, -1.0])})
    assert list(values) == [
        *("z.pairs", "z.coverage", "z.p1", "z.p1_covered"),
        *("a.pairs", "a.coverage", "a.p1", "a.p1_covered"),
    ]
    assert values == {
        "z.pairs": 2,
        "z.coverage": 1.0,
        "z.p1": 0.5,
        "z.p1_covered": 0.5,
        "a.pairs": 1,
        "a.coverage": 0.0,
        "a.p1": 1.0,
        "a.p1_covered": None,
    }


def test_subcategories_of_one_name_in_two_rows_are_two():
    pairs = pairs_of(("x", "one", "sing"), ("y", "one", "sing"))
    values = accuracies(pairs, np.ones(2, bool), {"p1_bar": np.array([1.0, -1.0])})
    assert (values["x.p1_bar"], values["y.p1_bar"]) == (1.0, 0.0)
