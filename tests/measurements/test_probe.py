"""Probes of the code: the classifier, held-out items, and the questions about pairs."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from one_by_one import VOCABULARY, OneByOne, lively_model
from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.vocabulary import Vocabulary
from textvae.measurements import log_odds
from textvae.measurements.log_odds import encode
from textvae.measurements.probe import (
    MIN_DEVIATION,
    ProbeSettings,
    both_codes,
    deal,
    fit,
    held_out,
    measure,
    sample,
)


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
    assert held_out(np.eye(4), np.array([True, False] * 2), np.array([*"aabb"]), 10, 1) is not None
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


NOUNS = ("author", "pilot", "teacher", "farmer", "senator", "guard")
VERBS = ("laugh", "swim", "smile")
WORDS = [word + ending for word in (*NOUNS, *VERBS) for ending in ("", "s")] + ["the"]
TRAINED = SimpleNamespace(model=None, vocabulary=Vocabulary(WORDS))
METRICS = ("accuracy", "standard_error", "chance")


def agreement(row="simple", nouns=NOUNS, verbs=VERBS):
    """Yield pairs: the author laughs, not laugh; the authors laugh, not laughs."""
    for noun in nouns:
        for verb in verbs:
            good, bad = f"the {noun} {verb}s", f"the {noun} {verb}"
            yield Pair(good, bad, row, item=noun, number="singular")
            good, bad = f"the {noun}s {verb}", f"the {noun}s {verb}s"
            yield Pair(good, bad, row, item=noun, number="plural")


PAIRS = list(agreement())


@pytest.fixture
def probe(monkeypatch):
    """Measure pairs with given functions of a sentence as its code; record encoded sentences."""
    encoded = []

    def run(pairs, *features, **settings):
        def posteriors(model, sentences):
            texts = [TRAINED.vocabulary.decode(ids) for ids in sentences]
            encoded.append([" ".join(text) for text in texts])
            mean = torch.tensor([[float(each(text)) for each in features] for text in texts])
            return SimpleNamespace(mean=mean)

        monkeypatch.setattr(log_odds, "posteriors", posteriors)
        found = measure(TRAINED, pairs, ProbeSettings(**settings))
        return found.values, found.notes

    run.encoded = encoded
    return run


def noun_is_plural(words):
    return words[1].endswith("s")


def verb_is_plural(words):
    return not words[2].endswith("s")


def agree(words):
    return noun_is_plural(words) == verb_is_plural(words)


def noun(words):
    return NOUNS.index(words[1].removesuffix("s"))


@pytest.mark.parametrize(
    ("features", "grammatical", "number"),
    [
        ([noun_is_plural], 0.5, 1),
        # Half of the sentences have a verb of the wrong number.
        ([verb_is_plural], 0.5, 0.5),
        ([agree], 1, 0.5),
        # Agreement of both numbers is an exclusive or, which is not linear.
        ([noun_is_plural, verb_is_plural], 0.5, 1),
        ([noun], 0.5, 0.5),
    ],
)
def test_probe_reads_linear_features_only(probe, features, grammatical, number):
    values, notes = probe([*PAIRS, *agreement("again")], *features)
    for row in ("simple", "again"):
        assert {name: value for name, value in values.items() if name.startswith(row)} == {
            f"{row}.grammatical_accuracy": grammatical,
            f"{row}.grammatical_standard_error": 0,
            f"{row}.grammatical_chance": 0.5,
            f"{row}.number_accuracy": number,
            f"{row}.number_standard_error": 0,
            f"{row}.number_chance": 0.5,
            f"{row}.items": len(NOUNS),
            f"{row}.probe_coverage": 1,
        }
    assert notes == {}
    # Each distinct sentence is encoded once.
    (encoded,) = probe.encoded
    assert len(encoded) == len(set(encoded)) == 2 * len(PAIRS)


def random_pairs(count):
    """Yield pairs of random words in two rows, some with a number."""
    draw = np.random.default_rng(1)
    for index in range(count):
        first, second, good, bad = draw.choice(VOCABULARY.words[2:], 4, replace=False)
        yield Pair(
            f"{first} {second} {good}",
            f"{first} {second} {bad}",
            row=("near", "far")[index % 2],
            item=str(first),
            number=("singular", "plural", "")[draw.integers(3)],
        )


def test_probe_of_a_model_equals_one_sentence_at_a_time():
    trained, pairs = lively_model(), list(random_pairs(60))
    found = measure(trained, pairs, ProbeSettings(folds=4, seed=3))
    assert (len(found.values), found.notes) == (16, {})
    alone = OneByOne(trained.model)
    codes = both_codes(trained, encode(pairs, VOCABULARY))
    for row in ("near", "far"):
        examples = {"grammatical": [], "number": []}
        for pair, both in zip(pairs, codes, strict=True):
            sentences = (pair.grammatical, pair.ungrammatical)
            for sentence, code in zip(sentences, both, strict=True):
                mean = alone.posterior(VOCABULARY.encode(sentence.split())).mean.numpy()
                np.testing.assert_allclose(code, mean, atol=1e-5)
                if pair.row == row:
                    good = sentence == pair.grammatical
                    examples["grammatical"].append((mean, good, pair.item))
                    if pair.number:
                        examples["number"].append((mean, pair.number == "plural", pair.item))
        for question, rows in examples.items():
            expected = held_out(*map(np.array, zip(*rows, strict=True)), 4, 3)
            for metric in METRICS:
                value = found.values[f"{row}.{question}_{metric}"]
                assert value == pytest.approx(getattr(expected, metric), abs=1e-12)
        assert found.values[f"{row}.items"] == len({p.item for p in pairs if p.row == row})


def test_sample_takes_pairs_of_each_row_by_the_seed():
    small = list(agreement("small", NOUNS[:2]))
    chosen = sample([*PAIRS, *small], ProbeSettings(pairs_a_row=20))
    kept = [pair for pair in chosen if pair.row == "simple"]
    assert len(set(kept)) == len(kept) == 20
    assert set(kept) < set(PAIRS)
    assert [pair for pair in chosen if pair.row == "small"] == small
    # Independent of other rows, and of all items.
    assert sample([*small, *PAIRS], ProbeSettings(pairs_a_row=20))[len(small) :] == kept
    assert sample(PAIRS, ProbeSettings(pairs_a_row=20, seed=2)) != kept
    assert {pair.item for pair in kept} == set(NOUNS)
    assert sample(PAIRS, ProbeSettings(pairs_a_row=len(PAIRS))) == PAIRS


def test_undefined_values_have_notes(probe):
    """Rows without number, of a single item, of one number, and without items."""
    polarity = [
        Pair(f"{noun} the {verb}", f"the {noun} {verb}", "npi", item=noun)
        for noun in NOUNS
        for verb in VERBS
    ]
    values, notes = probe([*PAIRS, *polarity], lambda words: words[0] == "the")
    missing = {f"npi.number_{metric}" for metric in METRICS}
    assert {name for name, value in values.items() if value is None} == missing == set(notes)
    assert values["npi.grammatical_accuracy"] == 1

    values, notes = probe(list(agreement(nouns=["author"])), agree)
    assert (values.pop("simple.items"), values.pop("simple.probe_coverage")) == (1, 1)
    assert set(values.values()) == {None}
    assert set(notes) == set(values)

    values, notes = probe([pair for pair in PAIRS if pair.number == "plural"], agree)
    assert values["simple.grammatical_accuracy"] == 1
    assert set(notes) == {f"simple.number_{metric}" for metric in METRICS}

    pairs = [Pair(pair.grammatical, pair.ungrammatical) for pair in PAIRS]
    values, notes = probe(pairs, agree)
    assert (values["all.items"], values["all.grammatical_accuracy"]) == (len(PAIRS), 1)
    assert set(notes) == {"all.items", *(f"all.number_{metric}" for metric in METRICS)}
