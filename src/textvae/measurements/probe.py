"""Linear probes of the code: does it encode grammaticality and grammatical number?

Table 4 leaves open whether the code encodes syntax (paper, section 3.4: "neither confirm nor
reject"), because it tests the decoder, which may ignore information in the code. A probe tests the
code itself. Its features are the posterior means of sentences, and it is evaluated on held-out
lexical items (nouns), so that identifying the noun does not help.

- grammatical: the grammatical against the ungrammatical sentence of a pair. Where two words must
  agree, neither of them alone determines the answer; but the sentences of polarity items differ in
  the position of `no`, and a code that encodes it separates them.
- number: singular against plural, for the noun that the critical word agrees with. Both sentences
  of a pair have the label of that noun. Each form of the critical word is therefore equally
  frequent with both numbers and uninformative: the code must encode the number of the noun itself,
  or of another verb that agrees with it, as in a coordination or a subject relative clause.

Words outside the vocabulary are `<unk>` to the encoder. Pairs whose two sentences become equal by
that are kept: one of the two is necessarily misclassified. Unknown nouns are kept as well; if only
one number of a noun is in the vocabulary, `<unk>` may reveal its number. The share of pairs without
unknown words is reported.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from textvae.bootstrap import standard_error
from textvae.corpora.minimal_pairs import Pair
from textvae.measurements.coverage import coverage_notes
from textvae.measurements.log_odds import EncodedPairs, encode, posterior_means
from textvae.measurements.report import Result
from textvae.models.saved import TrainedModel
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting

_PLURAL = {"singular": False, "plural": True}
_NO_NUMBER = "no pair of the row has a number"
_UNDEFINED = "fewer than two lexical items, or a training part with a single class"
_NO_ITEM = "each pair without a lexical item counts as a separate item"

# A feature with a smaller standard deviation is treated as constant. Posterior means are on the
# scale of the prior, 1, in float32: smaller variation is rounding, which standardising would
# amplify. (Every dimension of a model at C = 3 was above 0.005.)
MIN_DEVIATION = 1e-5
# Largest gradient component of the mean loss at which Newton's method stops. Convergence is
# quadratic, so the remaining error is rounding.
_TOLERANCE = 1e-10
_MAX_ITERATIONS = 1000


class ProbeSettings(Settings):
    """How the probes are trained and evaluated."""

    pairs_a_row: int = setting(4000, "pairs of each row at most, at random", ge=1)
    folds: int = setting(10, "folds of lexical items, at most", ge=2)
    seed: int = setting(1, "seed of the pairs drawn and of the folds", ge=0)


@MEASUREMENTS.register(
    "probe",
    of="pairs",
    summary="accuracy of linear classifiers of the code: grammaticality and number",
    settings=ProbeSettings,
)
def measure(trained: TrainedModel, pairs: Sequence[Pair], settings: ProbeSettings) -> Result:
    """Return values named "{row}.{metric}", and notes on undefined ones (None).

    For each row: accuracy, standard_error and chance (see HeldOut) of `grammatical` and of
    `number`, the number of lexical `items`, and the share `probe_coverage` of pairs all of whose
    words are known. A pair without an item counts as a separate item,
    since there is no item to hold out; shared words may then leak information.
    """
    chosen = sample(pairs, settings)
    encoded = encode(chosen, trained.vocabulary)
    codes = both_codes(trained, encoded)
    of_unknown, remarks = coverage_notes(chosen, encoded.covered, trained.vocabulary)
    values: dict[str, float | None] = {}
    notes: dict[str, str] = {}
    for row, in_row in by_row(chosen).items():
        numbered = [i for i in in_row if chosen[i].number]
        plural = [_PLURAL[chosen[i].number] for i in numbered]
        # Labels of the grammatical and the ungrammatical sentence of each pair, alternating.
        questions = {
            "grammatical": (in_row, np.tile([True, False], len(in_row))),
            "number": (numbered, np.repeat(plural, 2)),
        }
        for question, (indices, labels) in questions.items():
            items = np.repeat([item_of(chosen[i]) for i in indices], 2)
            features = codes[indices].reshape(-1, codes.shape[-1])
            score = held_out(features, labels, items, settings.folds, settings.seed)
            for metric in ("accuracy", "standard_error", "chance"):
                name = f"{row}.{question}_{metric}"
                values[name] = getattr(score, metric) if score else None
                if score is None:
                    notes[name] = _UNDEFINED if indices else _NO_NUMBER
        values[f"{row}.probe_coverage"] = float(encoded.covered[in_row].mean())
        values[f"{row}.items"] = len({item_of(chosen[i]) for i in in_row})
        if not all(chosen[i].item for i in in_row):
            notes[f"{row}.items"] = _NO_ITEM
    return Result(values, notes | of_unknown, remarks=remarks, sentences=len(chosen))


def sample(pairs: Sequence[Pair], settings: ProbeSettings) -> list[Pair]:
    """Draw at most `pairs_a_row` pairs of each row, independently of the other rows."""
    chosen = []
    for in_row in by_row(pairs).values():
        if len(in_row) > settings.pairs_a_row:
            draw = np.random.default_rng(settings.seed)
            in_row = np.sort(draw.choice(in_row, settings.pairs_a_row, replace=False))
        chosen.extend(pairs[i] for i in in_row)
    return chosen


def by_row(pairs: Sequence[Pair]) -> dict[str, list[int]]:
    """Return row -> indices of its pairs."""
    rows: dict[str, list[int]] = {}
    for index, pair in enumerate(pairs):
        rows.setdefault(pair.row, []).append(index)
    return rows


def item_of(pair: Pair) -> str:
    """Return the lexical item of a pair; the pair itself if it has none."""
    # Unambiguous: an item contains no tab, which separates the fields of the file.
    return pair.item or f"{pair.grammatical}\t{pair.ungrammatical}"


def both_codes(trained: TrainedModel, encoded: EncodedPairs) -> np.ndarray:
    """Return posterior means of the grammatical and ungrammatical sentences, (N, 2, d) float64."""
    sentences = [
        ids for pair in zip(encoded.grammatical, encoded.ungrammatical, strict=True) for ids in pair
    ]
    means, rows = posterior_means(trained.model, sentences)
    return means.double().numpy()[rows].reshape(len(encoded), 2, -1)


@dataclass(frozen=True)
class LinearClassifier:
    """A linear classifier: the class is True if features.weights + intercept > 0.

    weights: (d,), for unscaled features; zero for those that were constant in training.
    """

    weights: np.ndarray
    intercept: float

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the predicted class, (N,) bool, of features (N, d)."""
        return features @ self.weights + self.intercept > 0


def fit(features: np.ndarray, labels: np.ndarray) -> LinearClassifier:
    """Fit a logistic regression to features (N, d) and labels (N,) bool; both labels must occur.

    It minimises the sum of log(1 + exp(-y (w.x + b))), y = 1 or -1, plus |w|^2 / 2, where x are the
    standardised features, so that the scale of a feature has no influence. Without the penalty
    linearly separable classes, common in 64 dimensions, would have no minimum. The intercept is not
    penalised. Newton's method runs to convergence: the result is deterministic.
    """
    # Imported here because it takes a second, which reading the settings should not.
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
    """Cross-validated accuracy on held-out items, 0..1.

    accuracy: over all sentences, each classified when its item is held out.
    standard_error: from the spread of the accuracies of items. It is approximate: items may have
        different numbers of sentences, those of a fold share a classifier, and classifiers share
        most of their training data. On pure noise it is too small by a factor of 1.2 to 1.5.
    chance: share of the more frequent class, the accuracy without features.
    """

    accuracy: float
    standard_error: float
    chance: float


def held_out(
    features: np.ndarray, labels: np.ndarray, items: np.ndarray, folds: int, seed: int
) -> HeldOut | None:
    """Cross-validate on sentences with features (N, d), labels (N,) bool and items (N,).

    No item is in both the training and the test part of a fold. Each fold is standardised by its
    training sentences. Return None for fewer than two items, or if the training part of a fold has
    one class only.
    """
    names, item = np.unique(items, return_inverse=True)
    if len(names) < 2:
        return None
    correct = np.empty(len(labels), dtype=bool)
    for part in deal(item, folds, seed):
        training = labels[~part]
        if training.all() or not training.any():
            return None
        correct[part] = fit(features[~part], training).predict(features[part]) == labels[part]
    by_item = np.bincount(item, weights=correct) / np.bincount(item)
    share = labels.mean()
    return HeldOut(float(correct.mean()), standard_error(by_item), float(max(share, 1 - share)))


def deal(item: np.ndarray, folds: int, seed: int) -> Iterator[np.ndarray]:
    """Yield masks (N,) bool of the held-out sentences of each fold; items (N,) are 0, 1, ...

    Items are shuffled and dealt to `folds` folds in turn, or to one fold each if there are fewer.
    """
    count = int(item.max()) + 1
    fold = np.empty(count, dtype=np.int64)
    fold[np.random.default_rng(seed).permutation(count)] = np.arange(count) % folds
    for number in range(min(folds, count)):
        yield fold[item] == number
