"""Probes of the code: does it hold grammaticality, and number, for a linear classifier to read?

Table 4 leaves open whether syntax is in the code (paper, section 3.4: "neither confirm nor
reject"), since it asks the decoder, which may not use what is there. A probe asks the code itself.
Its features are the posterior means of sentences, and it is judged on lexical items (nouns) that
it did not learn from, so that knowing which noun a code came from is of no use.

- grammatical: the pair's grammatical sentence against its ungrammatical one. Where two words must
  agree, neither of them tells it by itself; but the sentences of polarity items differ in where
  `no` stands, and a code that holds so much tells them.
- number: singular against plural, of the noun that the critical word agrees with. Both sentences
  of a pair bear the number of that noun. The two forms of the critical word are thus as frequent
  with either number, and give nothing away: the code must hold the number of the noun itself, or
  of another verb that agrees with it, as in a coordination or a subject relative clause.

Words outside the vocabulary are `<unk>` to the encoder. Pairs of which both sentences are one by
that stay: the code cannot tell them apart, and one of the two is told wrong. So do nouns; one that
is known in one number alone may have its number told by that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from textvae.bootstrap import standard_error
from textvae.corpora.minimal_pairs import Pair
from textvae.measurements.log_odds import encode, posterior_means
from textvae.measurements.report import Result
from textvae.models.saved import TrainedModel
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting

_PLURAL = {"singular": False, "plural": True}
_NO_NUMBER = "no pair of the row tells a number"
_NOT_LEARNT = "fewer than two lexical items, or one class alone to learn from"
_NO_ITEM = "pairs that tell no lexical item count as one of their own each"

# A feature with a smaller standard deviation is treated as constant. Posterior means lie on the
# scale of the prior, 1, and come in float32: what varies by less is rounding, which standardising
# would blow up to a feature like the others. (Every dimension of a model at C = 3 was above 0.005.)
MIN_DEVIATION = 1e-5
# Largest gradient component of the mean loss at which Newton's method stops. Its error is of the
# order of the square of the last step: what is left is rounding.
_TOLERANCE = 1e-10
_MAX_ITERATIONS = 1000


class ProbeSettings(Settings):
    """How the probes are trained and judged."""

    pairs_a_row: int = setting(4000, "pairs of each row at most, at random", ge=1)
    folds: int = setting(10, "folds of lexical items, at most", ge=2)
    seed: int = setting(1, "seed of the pairs drawn and of the folds", ge=0)


@MEASUREMENTS.register(
    "probe",
    of="pairs",
    summary="what a linear classifier reads out of the code: grammaticality and number",
    settings=ProbeSettings,
)
def measure(trained: TrainedModel, pairs: Sequence[Pair], settings: ProbeSettings) -> Result:
    """Values named "{row}.{metric}", and notes on those that have no meaning (None).

    Of each row, the accuracy, standard_error and chance (see HeldOut) of `grammatical` and of
    `number`, and how many lexical `items` there are. A pair that tells no item counts as an item
    of its own, for want of anything better to hold out: words it shares with others may help then.
    """
    chosen = sample(pairs, settings)
    codes = both_codes(trained, chosen)
    values: dict[str, float | None] = {}
    notes: dict[str, str] = {}
    for row, places in by_row(chosen).items():
        numbered = [place for place in places if chosen[place].number]
        plural = [_PLURAL[chosen[place].number] for place in numbered]
        # Of each pair the grammatical and the ungrammatical sentence, one after the other.
        questions = {
            "grammatical": (places, np.tile([True, False], len(places))),
            "number": (numbered, np.repeat(plural, 2)),
        }
        for question, (asked, labels) in questions.items():
            items = np.repeat([item_of(chosen[place]) for place in asked], 2)
            features = codes[asked].reshape(-1, codes.shape[-1])
            found = held_out(features, labels, items, settings.folds, settings.seed)
            for metric in ("accuracy", "standard_error", "chance"):
                name = f"{row}.{question}_{metric}"
                values[name] = getattr(found, metric) if found else None
                if found is None:
                    notes[name] = _NOT_LEARNT if asked else _NO_NUMBER
        values[f"{row}.items"] = len({item_of(chosen[place]) for place in places})
        if not all(chosen[place].item for place in places):
            notes[f"{row}.items"] = _NO_ITEM
    return Result(values, notes)


def sample(pairs: Sequence[Pair], settings: ProbeSettings) -> list[Pair]:
    """At most `pairs_a_row` pairs of each row, at random, whatever other rows there are."""
    chosen = []
    for places in by_row(pairs).values():
        if len(places) > settings.pairs_a_row:
            draw = np.random.default_rng(settings.seed)
            places = np.sort(draw.choice(places, settings.pairs_a_row, replace=False))
        chosen.extend(pairs[place] for place in places)
    return chosen


def by_row(pairs: Sequence[Pair]) -> dict[str, list[int]]:
    """Where in `pairs` those of each row are."""
    rows: dict[str, list[int]] = {}
    for place, pair in enumerate(pairs):
        rows.setdefault(pair.row, []).append(place)
    return rows


def item_of(pair: Pair) -> str:
    """The lexical item of a pair; of one that tells none, the pair itself."""
    # An item has no tab in it: tabs are what the fields of a file are divided by.
    return pair.item or f"{pair.grammatical}\t{pair.ungrammatical}"


def both_codes(trained: TrainedModel, pairs: Sequence[Pair]) -> np.ndarray:
    """(N, 2, d) float64: posterior means of the grammatical and the ungrammatical sentence."""
    encoded = encode(pairs, trained.vocabulary)
    sentences = [
        ids for pair in zip(encoded.grammatical, encoded.ungrammatical, strict=True) for ids in pair
    ]
    means, rows = posterior_means(trained.model, sentences)
    return means.double().numpy()[rows].reshape(len(pairs), 2, -1)


@dataclass(frozen=True)
class LinearClassifier:
    """A plane between two classes: features.weights + intercept > 0 on one side.

    weights: (d,), of the unscaled features; zero for those that were constant in training.
    """

    weights: np.ndarray
    intercept: float

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the class of features (N, d), (N,) bool."""
        return features @ self.weights + self.intercept > 0


def fit(features: np.ndarray, labels: np.ndarray) -> LinearClassifier:
    """Fit a logistic regression to features (N, d) and labels (N,) bool, of which both occur.

    It minimises the sum of log(1 + exp(-y (w.x + b))), y = 1 or -1, plus |w|^2 / 2, where x are the
    standardised features, so that the unit of a feature has no influence. Without the penalty there
    would be no minimum where a plane separates the classes without error, and 64 dimensions often
    allow one. The intercept bears none: it only places the plane. Newton's method, to convergence:
    the result depends on no random number.
    """
    # A second to import: not for those who only look at the settings.
    from sklearn.linear_model import LogisticRegression

    mean, deviation = features.mean(axis=0), features.std(axis=0)
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > MIN_DEVIATION)
    regression = LogisticRegression(
        C=1.0, solver="newton-cholesky", tol=_TOLERANCE, max_iter=_MAX_ITERATIONS
    )
    regression.fit((features - mean) * scale, labels)
    weights = regression.coef_[0] * scale
    return LinearClassifier(weights, float(regression.intercept_[0] - mean @ weights))


@dataclass(frozen=True)
class HeldOut:
    """How well classes are predicted for items that the classifier did not learn from; 0..1.

    accuracy: over all sentences, each classified when its item was held out.
    standard_error: from the differences between the accuracies of single items. A rough one: items
        may have different numbers of sentences, those of a fold are judged by one classifier, and
        classifiers share most of their training data. On features of noise it is too small by a
        factor of 1.2 to 1.5.
    chance: of the more frequent class, the accuracy that needs no features.
    """

    accuracy: float
    standard_error: float
    chance: float


def held_out(
    features: np.ndarray, labels: np.ndarray, items: np.ndarray, folds: int, seed: int
) -> HeldOut | None:
    """Cross-validate on sentences with features (N, d), labels (N,) bool and items (N,).

    No item is both learnt from and judged on: what is peculiar to a noun is of no use for another.
    Each fold is standardised by its own training sentences. None where there are fewer than two
    items, or where what is left to learn from is of one class.
    """
    names, item = np.unique(items, return_inverse=True)
    if len(names) < 2:
        return None
    right = np.empty(len(labels), dtype=bool)
    for part in deal(item, folds, seed):
        known = labels[~part]
        if known.all() or not known.any():
            return None
        right[part] = fit(features[~part], known).predict(features[part]) == labels[part]
    by_item = np.bincount(item, weights=right) / np.bincount(item)
    share = labels.mean()
    return HeldOut(float(right.mean()), standard_error(by_item), float(max(share, 1 - share)))


def deal(item: np.ndarray, folds: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the sentences that each fold holds out as masks (N,) bool, by items (N,), 0, 1, ...

    Items are shuffled and dealt like cards into `folds` folds, or one an item if there are fewer.
    """
    count = int(item.max()) + 1
    fold = np.empty(count, dtype=np.int64)
    fold[np.random.default_rng(seed).permutation(count)] = np.arange(count) % folds
    for number in range(min(folds, count)):
        yield fold[item] == number
