"""The linear classifier of a probe, and its accuracy on held-out items."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.measurements.probe import MIN_DEVIATION, deal, fit, held_out


def standardised(features):
    return (features - features.mean(axis=0)) / features.std(axis=0)


def standardised_plane(features, classifier):
    """Return the weights for standardised features, and the intercept."""
    middle = classifier.intercept + features.mean(axis=0) @ classifier.weights
    return classifier.weights * features.std(axis=0), middle


def objective(features, labels, weights, intercept):
    """Return losses and penalty as `fit` defines them."""
    scores = standardised(features) @ weights + intercept
    return 0.5 * weights @ weights + np.logaddexp(0, np.where(labels, -scores, scores)).sum()


def test_fit_of_two_sentences_by_hand():
    """Standardised x = -1 and 1: 2 log(1 + exp(-w)) + w^2 / 2 is least at w (1 + e^w) = 2."""
    found = fit(np.array([[10.0], [30.0]]), np.array([False, True]))
    w = 10 * found.weights[0]
    assert w * (1 + math.exp(w)) == pytest.approx(2)
    assert found.intercept == pytest.approx(-20 * found.weights[0])
    assert found.predict(np.array([[19.9], [20.1]])).tolist() == [False, True]
    # Constant features leave the intercept, which has no penalty: the log-odds of the classes.
    found = fit(np.zeros((10, 2)), np.array([True] * 9 + [False]))
    assert found.intercept == pytest.approx(math.log(9))


@given(
    count=st.integers(4, 60),
    dims=st.integers(1, 5),
    seed=st.integers(0, 2**32 - 1),
    tail=st.sampled_from([1.0, 2.0, 3.0]),
)
@settings(max_examples=40, deadline=None)
def test_fit_is_at_the_minimum(count, dims, seed, tail):
    """Also for features with far outliers."""
    draw = np.random.default_rng(seed)
    features = draw.standard_cauchy((count, dims))
    features = np.sign(features) * np.abs(features) ** tail
    labels = np.arange(count) < draw.integers(1, count)
    weights, intercept = standardised_plane(features, fit(features, labels))
    least = objective(features, labels, weights, intercept)
    for step in 1e-3 * np.vstack([np.eye(dims + 1), -np.eye(dims + 1)]):
        assert objective(features, labels, weights + step[:-1], intercept + step[-1]) > least


@pytest.mark.parametrize("spread", [0.0, MIN_DEVIATION / 10])
def test_fit_ignores_a_constant_feature(spread):
    """Variation by rounding is none."""
    labels = np.tile([True, False], 20)
    features = np.stack([7 + spread * labels, np.random.default_rng(1).normal(size=40)], axis=1)
    found = fit(features, labels)
    assert found.weights[0] == 0
    alone = fit(features[:, 1:], labels)
    features[:, 0] = 1e6
    np.testing.assert_array_equal(found.predict(features), alone.predict(features[:, 1:]))
    # Ten times the threshold is a feature.
    features[:, 0] = 7 + 20 * MIN_DEVIATION * labels
    assert fit(features, labels).weights[0] != 0


def nouns(count, sentences):
    """Return the noun of each sentence, (N,)."""
    return np.repeat([f"noun{i}" for i in range(count)], sentences)


def test_feature_of_the_item_does_not_help_on_other_items():
    """The features identify the noun, and each noun has one class, drawn at random."""
    draw = np.random.default_rng(4)
    items = nouns(60, 10)
    features = np.repeat(draw.normal(size=(60, 30)), 10, axis=0)
    features += draw.normal(0, 0.01, features.shape)
    labels = np.repeat(draw.permutation(np.arange(60) < 30), 10)
    found = held_out(features, labels, items, folds=10, seed=1)
    # All sentences of a noun are right, or all wrong.
    assert found.standard_error == pytest.approx(math.sqrt(0.25 / 60), rel=0.1)
    assert abs(found.accuracy - 0.5) < 3 * found.standard_error
    assert held_out(features, labels, np.arange(600), folds=10, seed=1).accuracy > 0.85


def test_accuracy_error_and_chance_by_hand():
    """One noun of four has its cue inverted, and half as many sentences."""
    items = np.repeat(["author", "pilot", "surgeon", "farmer"], [16, 16, 16, 8])
    labels = np.tile([True, True, True, True, True, False, False, False], 7)
    cue = np.where(items == "farmer", ~labels, labels)
    found = held_out(cue[:, None].astype(float), labels, items, folds=10, seed=1)
    assert found.accuracy == 48 / 56
    # Accuracies 1, 1, 1, 0: squares 3/16 and 9/16 around 3/4, over 3, over 4 items.
    assert found.standard_error == pytest.approx(0.25)
    assert found.chance == 5 / 8
    assert held_out(cue[:, None].astype(float), ~labels, items, folds=10, seed=1) == found


@pytest.mark.parametrize(
    ("labels", "items"),
    [
        ([], ""),
        ([True, False], "aa"),
        ([True] * 4, "aabb"),
        # Without an item, one class is left.
        ([True, True, False, False], "aabb"),
        ([False] * 6 + [True] * 2, "aabbccdd"),
    ],
)
def test_accuracy_is_none_without_two_items_or_classes(labels, items):
    features = np.arange(2.0 * len(labels)).reshape(-1, 2)
    assert held_out(features, np.array(labels, dtype=bool), np.array([*items]), 10, 1) is None
    two_items = np.array([*"aabbccdd"])
    assert held_out(np.arange(8.0)[:, None], two_items > "b", two_items, 4, 1) is not None


@given(
    item=st.lists(st.integers(0, 30), min_size=1, max_size=80),
    folds=st.integers(2, 12),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_folds_have_whole_items_and_almost_equal_sizes(item, folds, seed):
    item = np.unique(item, return_inverse=True)[1]
    parts = list(deal(item, folds, seed))
    items = [set(item[part]) for part in parts]
    assert np.sum(parts, axis=0).tolist() == [1] * len(item)
    assert sum(map(len, items)) == len(set(item))
    assert len(parts) == min(folds, len(set(item)))
    assert max(map(len, items)) - min(map(len, items)) <= 1


def test_folds_depend_on_the_seed():
    first, again, other = (np.array(list(deal(np.arange(40), 10, seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
