"""The linear classifier of a probe, and its judgement on items that it did not learn from."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.measurements.probe import MIN_DEVIATION, deal, fit, held_out


def standardised(features):
    return (features - features.mean(axis=0)) / features.std(axis=0)


def objective(features, labels, weights, intercept):
    """Losses and penalty, a sentence at a time, as `fit` defines them."""
    total = 0.5 * sum(w * w for w in weights)
    for x, label in zip(standardised(features), labels, strict=True):
        score = x @ weights + intercept
        total += math.log1p(math.exp(-score if label else score))
    return total


def by_gradient_descent(features, labels, steps=20_000):
    """Weights of standardised features and the intercept, by many small steps downhill."""
    inputs, weights, intercept = standardised(features), np.zeros(features.shape[1]), 0.0
    # The curvature is at most a quarter of the squares of inputs, plus the penalty's 1.
    rate = 1 / (0.25 * len(inputs) * (inputs.shape[1] + 1) + 1)
    for _ in range(steps):
        surplus = 1 / (1 + np.exp(-(inputs @ weights + intercept))) - labels
        weights = weights - rate * (inputs.T @ surplus + weights)
        intercept -= rate * surplus.sum()
    return weights, intercept


def noisy(count, dims, seed):
    """Features of which the first two tell something of the labels, but not all."""
    draw = np.random.default_rng(seed)
    features = draw.normal(3, 5, (count, dims))
    labels = features[:, 0] - features[:, 1] + draw.normal(2, 4, count) > 0
    return features, labels


def test_two_sentences_by_hand():
    """x = -1 and 1 once standardised: 2 log(1 + exp(-w)) + w^2 / 2 is least at w (1 + e^w) = 2."""
    found = fit(np.array([[10.0], [30.0]]), np.array([False, True]))
    w = 10 * found.weights[0]
    assert w * (1 + math.exp(w)) == pytest.approx(2)
    assert w == pytest.approx(0.6748, abs=1e-4)
    # The plane lies half-way, at 20.
    assert found.intercept == pytest.approx(-20 * found.weights[0])
    assert found.predict(np.array([[19.9], [20.1]])).tolist() == [False, True]


def test_the_intercept_bears_no_penalty():
    """Where features say nothing, the classes are as probable as they were frequent."""
    found = fit(np.zeros((10, 2)), np.array([True] * 9 + [False]))
    assert found.intercept == pytest.approx(math.log(9))


@pytest.mark.parametrize("seed", range(3))
def test_gradient_descent_comes_to_the_same_plane(seed):
    features, labels = noisy(60, 3, seed)
    expected, intercept = by_gradient_descent(features, labels)
    found = fit(features, labels)
    scaled = found.weights * features.std(axis=0)
    middle = found.intercept + features.mean(axis=0) @ found.weights
    np.testing.assert_allclose(scaled, expected, atol=1e-7)
    assert middle == pytest.approx(intercept, abs=1e-7)


@given(
    count=st.integers(4, 60),
    dims=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
    tail=st.sampled_from([1.0, 2.0, 3.0]),
)
@settings(max_examples=50, deadline=None)
def test_no_step_leads_further_down(count, dims, seed, tail):
    """Of noise with far outliers too."""
    draw = np.random.default_rng(seed)
    features = draw.standard_cauchy((count, dims))
    features = np.sign(features) * np.abs(features) ** tail
    labels = np.arange(count) < draw.integers(1, count)
    found = fit(features, labels)
    weights = found.weights * features.std(axis=0)
    intercept = found.intercept + features.mean(axis=0) @ found.weights
    least = objective(features, labels, weights, intercept)
    for step in 1e-3 * np.vstack([np.eye(dims + 1), -np.eye(dims + 1)]):
        assert objective(features, labels, weights + step[:-1], intercept + step[-1]) > least


def test_where_whole_steps_of_newtons_method_would_go_round_for_ever():
    """A thousand sentences in one place, two behind them, and one outlier on the other side."""
    features = np.repeat([[5.0], [20.0], [-100.0]], [1000, 2, 1], axis=0)
    labels = np.repeat([False, True, False], [1000, 2, 1])
    found = fit(features, labels)
    weight = found.weights[0] * features.std()
    middle = found.intercept + features.mean() * found.weights[0]
    wrong = 1 / (1 + np.exp(-(standardised(features)[:, 0] * weight + middle))) - labels
    assert wrong.sum() == pytest.approx(0, abs=1e-6)
    assert standardised(features)[:, 0] @ wrong + weight == pytest.approx(0, abs=1e-6)


@given(
    zero=st.floats(-100, 100), unit=st.floats(0.01, 100), sign=st.sampled_from([1, -1]), seed=...
)
@settings(max_examples=25, deadline=None)
def test_the_unit_of_a_feature_has_no_say(zero: float, unit: float, sign: int, seed: bool):
    features, labels = noisy(40, 2, int(seed))
    told = fit(features, labels).predict(features)
    changed = features * [1, sign * unit] + [0, zero]
    np.testing.assert_array_equal(fit(changed, labels).predict(changed), told)


@pytest.mark.parametrize("spread", [0.0, MIN_DEVIATION / 10])
def test_a_constant_feature_is_left_out(spread):
    """Even if it tells the classes: what varies by a rounding is constant."""
    labels = np.tile([True, False], 20)
    features = np.stack([7 + spread * labels, np.random.default_rng(1).normal(size=40)], axis=1)
    found = fit(features, labels)
    assert found.weights[0] == 0
    alone = fit(features[:, 1:], labels)
    # Elsewhere it may have any value.
    features[:, 0] = 1e6
    np.testing.assert_array_equal(found.predict(features), alone.predict(features[:, 1:]))


def nouns(count, sentences):
    """(N,) the noun of each sentence, of so many nouns with so many sentences each."""
    return np.repeat([f"noun{i}" for i in range(count)], sentences)


def agreement(count, sentences):
    """Numbers of noun and verb, (N,) of 1 or -1, each item in all four combinations."""
    combinations = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]])
    return np.tile(combinations, (count * sentences // 4, 1)).T


def test_what_a_plane_parts_is_told_of_new_items():
    items, (_, verb) = nouns(12, 8), agreement(12, 8)
    features = np.random.default_rng(1).normal(size=(96, 3))
    features[:, 1] += 10 * verb
    found = held_out(features, verb > 0, items, folds=10, seed=1)
    assert (found.accuracy, found.standard_error, found.chance) == (1.0, 0.0, 0.5)


def test_of_noise_it_is_chance_within_its_error():
    draw = np.random.default_rng(2)
    found = [
        held_out(draw.normal(size=(200, 5)), draw.random(200) < 0.5, nouns(20, 10), 10, 1)
        for _ in range(30)
    ]
    accuracy = np.array([each.accuracy for each in found])
    error = np.mean([each.standard_error for each in found])
    assert abs(accuracy.mean() - 0.5) < 3 * accuracy.std(ddof=1) / math.sqrt(len(found))
    # Of 200 sentences told independently, sqrt(0.25 / 200). They are not quite: those of a fold
    # are told by one classifier, and what it learns from is short of the class that it meets.
    assert error == pytest.approx(math.sqrt(0.25 / 200), rel=0.1)
    assert error < accuracy.std(ddof=1) < 2 * error


def test_agreement_is_no_plane():
    """Grammatical is where noun and verb are of one number, an exclusive or: a code that holds
    the number of each may hold it all, and a linear probe must not find it."""
    items, (noun, verb) = nouns(20, 20), agreement(20, 20)
    grammatical = noun == verb
    features = np.stack([noun, verb], axis=1) + np.random.default_rng(3).normal(0, 0.1, (400, 2))
    found = held_out(features, grammatical, items, folds=10, seed=1)
    assert abs(found.accuracy - 0.5) < 0.15
    # Number, of the noun or the verb, is there to be read; and so is agreement, once it is told.
    assert held_out(features, noun > 0, items, 10, 1).accuracy == 1
    told = np.hstack([features, (noun * verb)[:, None]])
    assert held_out(told, grammatical, items, 10, 1).accuracy == 1


def test_a_cue_that_only_the_item_carries_is_of_no_use():
    """Codes that say which noun it is and no more, where each noun is of one class by chance. By
    sentences, without regard to items, the classifier learns the nouns by heart."""
    draw = np.random.default_rng(4)
    items = nouns(60, 10)
    features = np.repeat(draw.normal(size=(60, 30)), 10, axis=0)
    features += draw.normal(0, 0.01, features.shape)
    labels = np.repeat(draw.permutation(np.arange(60) < 30), 10)
    found = held_out(features, labels, items, folds=10, seed=1)
    # Each noun is told as a whole, right or wrong: 60 throws of a coin.
    assert found.standard_error == pytest.approx(math.sqrt(0.25 / 60), rel=0.1)
    assert abs(found.accuracy - 0.5) < 3 * found.standard_error
    assert held_out(features, labels, np.arange(600), folds=10, seed=1).accuracy > 0.85


def test_items_weigh_as_they_have_sentences_but_not_in_the_error():
    """By hand: one noun of four has its cue the wrong way round, and half as many sentences."""
    items = np.repeat(["author", "pilot", "surgeon", "farmer"], [16, 16, 16, 8])
    labels = np.tile([True, True, True, True, True, False, False, False], 7)
    cue = np.where(items == "farmer", ~labels, labels)
    found = held_out(cue[:, None].astype(float), labels, items, folds=10, seed=1)
    assert found.accuracy == 48 / 56
    # Accuracies 1, 1, 1, 0: squares 3/16 and 9/16 around 3/4, over 3, over 4 items.
    assert found.standard_error == pytest.approx(0.25)
    assert found.chance == 5 / 8
    # Which of the classes is called true is of no account.
    assert held_out(cue[:, None].astype(float), ~labels, items, folds=10, seed=1) == found


def test_classes_may_be_of_different_items():
    """But something of both must be left to learn from."""
    items, features = np.array([*"aabbccdd"]), np.arange(8.0)[:, None]
    assert held_out(features, items > "b", items, 4, 1) is not None
    assert held_out(features, items > "c", items, 4, 1) is None


@pytest.mark.parametrize(
    ("labels", "items"),
    [
        ([], []),
        ([True, False], ["author", "author"]),
        ([True, True, True, True], ["author", "author", "pilot", "pilot"]),
        ([True, True, False, False], ["author", "author", "pilot", "pilot"]),
    ],
)
def test_nothing_to_hold_out_or_to_learn_from(labels, items):
    features = np.arange(2.0 * len(labels)).reshape(-1, 2)
    assert held_out(features, np.array(labels, dtype=bool), np.array(items), 10, 1) is None


@given(
    item=st.lists(st.integers(0, 30), min_size=1, max_size=80),
    folds=st.integers(2, 12),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=100, deadline=None)
def test_folds_part_items(item, folds, seed):
    item = np.unique(item, return_inverse=True)[1]
    parts = list(deal(item, folds, seed))
    held = [set(item[part]) for part in parts]
    # Each item is in one fold whole, and the folds have as many items, or one more.
    assert np.sum(parts, axis=0).tolist() == [1] * len(item)
    assert sum(map(len, held)) == len(set(item))
    assert len(parts) == min(folds, len(set(item)))
    assert max(map(len, held)) - min(map(len, held)) <= 1


def test_the_deal_is_of_the_seed():
    item = np.arange(40)
    first, again, other = (np.array(list(deal(item, 10, seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
