"""Shares of preferred pairs: pooled, over subcategories, and on covered pairs alone."""

import numpy as np
import pytest

from textvae import bootstrap
from textvae.corpora.minimal_pairs import Pair
from textvae.measurements.syntax import accuracies, replicated_accuracies


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


def test_replicates_are_of_pairs_drawn_again_within_each_subcategory():
    """One resample for all metrics, and for no two subcategories the same."""
    # Ties among them, which are wrong.
    tied = np.where(ODDS == 0.5, 0.0, -ODDS)
    metrics = {"p1": ODDS, "p1_bar": ODDS, "p2": tied, "p2_bar": np.zeros(6)}
    found = replicated_accuracies(PAIRS, metrics, 6)
    assert list(found) == ["r.p1", "r.p1_bar", "r.p2", "r.p2_bar"]
    places = [np.array([0, 1, 2, 5]), np.array([3]), np.array([4])]
    drawn = [
        [np.repeat(group, counts) for counts in bootstrap.resamples(len(group), 6, seed)]
        for seed, group in enumerate(places, start=1)
    ]
    for r in range(6):
        again = np.concatenate([of_group[r] for of_group in drawn])
        written_out = [PAIRS[i] for i in again]
        odds = {name: values[again] for name, values in metrics.items()}
        expected = accuracies(written_out, COVERED[again], odds)
        assert {name: values[r] for name, values in found.items()} == pytest.approx(
            {name: expected[name] for name in found}
        )
    assert len(set(found["r.p1"])) > 1


def test_replicates_of_a_share_spread_as_a_share_does():
    pairs = pairs_of(*[A] * 300)
    odds = np.where(np.arange(300) % 3 == 0, -1.0, 1.0)
    found = replicated_accuracies(pairs, {"p1": odds}, 1000)["r.p1"]
    assert found.mean() == pytest.approx(2 / 3, abs=0.005)
    assert found.std() == pytest.approx((2 / 9 / 300) ** 0.5, rel=0.1)


def test_subcategories_of_one_size_are_drawn_apart():
    """Else their errors would add up: the same items of each would come together."""
    pairs = pairs_of(*[A] * 40, *[B] * 40)
    odds = np.where(np.arange(80) % 2 == 0, -1.0, 1.0)
    of_both = replicated_accuracies(pairs, {"p1_bar": odds}, 1000)["r.p1_bar"]
    of_one = replicated_accuracies(pairs[:40], {"p1_bar": odds[:40]}, 1000)["r.p1_bar"]
    assert of_both.std() == pytest.approx(of_one.std() / 2**0.5, rel=0.1)
