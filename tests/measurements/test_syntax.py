"""Accuracies on minimal pairs under four codes, against one pair at a time."""

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, lively_model, random_pairs
from textvae import bootstrap
from textvae.corpora.minimal_pairs import Pair
from textvae.measurements import syntax
from textvae.measurements.log_odds import encode, log_odds
from textvae.measurements.syntax import SyntaxSettings, accuracies, judge, replicated_accuracies
from textvae.models.batches import pack
from tiny_language_model import lively_language_model

FLOAT32 = SyntaxSettings(precision="float32")


def pairs_of(*groups):
    """Return pairs of the given (row, set, subcategory)."""
    return [Pair(f"good {i}", f"bad {i}", *group) for i, group in enumerate(groups)]


A, B, C = ("r", "one", "sing"), ("r", "one", "plur"), ("r", "two", "sing")
PAIRS = pairs_of(A, A, A, B, C, A)
COVERED = np.array([True, True, False, False, True, True])
ODDS = np.array([1.0, -1.0, 0.5, 1e-9, -2.0, 3.0])


def test_accuracies_by_hand():
    """Pooled, or barred: unweighted over the subcategories of each set."""
    assert accuracies(PAIRS, COVERED, {"p1": ODDS, "p1_bar": ODDS, "p2_bar": -ODDS}) == {
        "r.pairs": 6,
        "r.coverage": pytest.approx(4 / 6),
        "r.p1": pytest.approx(4 / 6),
        "r.p1_covered": pytest.approx(2 / 4),
        # A 3 of 4, B 1 of 1, C 0 of 1: subcategories of one name in two sets are two.
        "r.p1_bar": pytest.approx((3 / 4 + 1 + 0) / 3),
        # A 2 of 3, C 0 of 1, and B has no covered pair.
        "r.p1_bar_covered": pytest.approx((2 / 3 + 0) / 2),
        "r.p2_bar": pytest.approx((1 / 4 + 0 + 1) / 3),
        "r.p2_bar_covered": pytest.approx((1 / 3 + 1) / 2),
    }
    # A tie is wrong.
    assert accuracies(PAIRS, COVERED, {"p1": np.zeros(6)})["r.p1"] == 0


def test_rows_are_separate_and_in_the_order_of_the_pairs():
    pairs = pairs_of(("z", "one", "sing"), ("a", "one", "sing"), ("z", "one", "sing"))
    odds = np.array([1.0, 1.0, -1.0])
    values = accuracies(pairs, np.array([True, False, True]), {"p1": odds, "p2_bar": -odds})
    names = ("pairs", "coverage", "p1", "p1_covered", "p2_bar", "p2_bar_covered")
    assert list(values) == [f"{row}.{name}" for row in "za" for name in names]
    assert list(values.values()) == [2, 1, 0.5, 0.5, 0.5, 0.5, 1, 0, 1, None, 0, None]


def test_replicates_resample_within_each_subcategory():
    """All metrics share a resample; subcategories have different ones."""
    tied = np.where(ODDS == 0.5, 0.0, -ODDS)
    metrics = {"p1": ODDS, "p1_bar": ODDS, "p2": tied, "p2_bar": np.zeros(6)}
    found = replicated_accuracies(PAIRS, metrics, 6)
    assert list(found) == ["r.p1", "r.p1_bar", "r.p2", "r.p2_bar"]
    groups = [np.array([0, 1, 2, 5]), np.array([3]), np.array([4])]
    resampled = [
        [np.repeat(group, counts) for counts in bootstrap.resamples(len(group), 6, seed)]
        for seed, group in enumerate(groups, start=1)
    ]
    for r in range(6):
        rows = np.concatenate([of_group[r] for of_group in resampled])
        odds = {name: values[rows] for name, values in metrics.items()}
        expected = accuracies([PAIRS[i] for i in rows], COVERED[rows], odds)
        for name, values in found.items():
            assert values[r] == pytest.approx(expected[name])
    assert len(set(found["r.p1"])) > 1


def one_pair_at_a_time(model, pairs):
    """Return the accuracies of each row, from whole sentences in batches of one."""

    def batch(sentence):
        return pack([np.array(VOCABULARY.encode(sentence.split()))])

    @torch.no_grad()
    def mean(sentence):
        return model.encode(batch(sentence)).mean[0]

    def prefers(pair, z):
        sentences = (pair.grammatical, pair.ungrammatical)
        good, bad = (model.distortion(batch(sentence), z[None]).item() for sentence in sentences)
        return good < bad

    codes = {
        "p1": [mean(pair.grammatical) for pair in pairs],
        "p2": [mean(pair.ungrammatical) for pair in pairs],
    }
    values = {}
    for row in {pair.row for pair in pairs}:
        in_row = [i for i, pair in enumerate(pairs) if pair.row == row]
        groups = {(pairs[i].set, pairs[i].subcategory) for i in in_row}
        for name, own in codes.items():
            values[f"{row}.{name}"] = np.mean([prefers(pairs[i], own[i]) for i in in_row])
            shares = []
            for group in groups:
                members = [i for i in in_row if (pairs[i].set, pairs[i].subcategory) == group]
                averaged = sum(own[i].double() for i in members) / len(members)
                shares.append(np.mean([prefers(pairs[i], averaged.float()) for i in members]))
            values[f"{row}.{name}_bar"] = np.mean(shares)
    return values


def test_accuracies_equal_those_of_one_pair_at_a_time():
    trained, pairs = lively_model(), random_pairs(90)
    found, _ = judge(trained.model, pairs, encode(pairs, VOCABULARY), FLOAT32)
    slow = one_pair_at_a_time(trained.model, pairs)
    assert {name: found[name] for name in slow} == pytest.approx(slow, abs=1e-12)
    # The code matters.
    for row in ("first.row", "second.row"):
        assert found[f"{row}.p1"] != found[f"{row}.p2"]
        assert found[f"{row}.p1"] != found[f"{row}.p1_bar"]


def test_language_model_and_replicates_change_no_other_value():
    pairs = random_pairs(60)
    encoded = encode(pairs, VOCABULARY)
    lm = lively_language_model()
    plain, _ = judge(lively_model().model, pairs, encoded, FLOAT32)
    settings = SyntaxSettings(precision="float32", bootstrap=8)
    values, odds = judge(lively_model().model, pairs, encoded, settings, lm)
    replicates = values.pop("bootstrap")
    assert {name: values[name] for name in plain} == plain
    conditions = {"p1", "p2", "p1_bar", "p2_bar", "language_model"}
    assert set(odds) == conditions
    rows = ("first.row", "second.row")
    assert set(replicates) == {f"{row}.{name}" for row in rows for name in conditions}
    assert all(each.shape == (8,) for each in replicates.values())

    def log_p(sentence):
        ids = np.array(VOCABULARY.encode(sentence.split()))
        return -lm.token_nll(pack([ids])).sum().item()

    preferred = [
        log_p(pair.grammatical) > log_p(pair.ungrammatical)
        for pair in pairs
        if pair.row == "first.row"
    ]
    assert values["first.row.language_model"] == pytest.approx(np.mean(preferred))
    assert "first.row.language_model_covered" in values


def test_bfloat16_is_compared_with_float32(monkeypatch):
    pairs = random_pairs(60)
    encoded = encode(pairs, VOCABULARY)

    def values(**settings):
        model = lively_model().model
        return judge(model, pairs, encoded, SyntaxSettings(precision="bfloat16", **settings))

    exact, _ = judge(lively_model().model, pairs, encoded, FLOAT32)
    rounded, _ = values(checked=50)
    assert rounded.pop("differs_from_float32") == 0
    assert rounded == exact
    assert values(checked=0)[0] == exact

    def turn(model, codes, questions, precision, label):
        found = log_odds(model, codes, questions, torch.float32, label)
        return found if precision == torch.float32 else -found

    monkeypatch.setattr(syntax, "log_odds", turn)
    turned, odds = values(checked=1000)
    ties = np.mean([each == 0 for each in odds.values()])
    assert 0 < ties < 1
    assert turned["differs_from_float32"] == pytest.approx(1 - ties)
