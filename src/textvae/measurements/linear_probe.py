"""A linear classifier, judged on lexical items that it did not learn from.

Logistic regression with weights w and intercept b, which minimises the sum over sentences of
log(1 + exp(-y (w.x + b))), y = 1 or -1, plus |w|^2 / 2. Without that penalty there would be no
minimum where a plane parts the classes without error, and 64 dimensions often allow one: the
weights would grow for ever. The intercept bears no penalty: it says only where the plane lies.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from textvae.bootstrap import standard_error

# A feature of a smaller standard deviation is taken for constant. Posterior means lie on the scale
# of the prior, 1, and come in float32: what varies by less is rounding, which standardising would
# blow up to a feature like the others. (Every dimension of a model at C = 3 was above 0.005.)
LEAST_DEVIATION = 1e-5
# Newton's last step is the one that promises to gain less than this share of the objective. It is
# far above the rounding of the objective's sum, and the error that the step leaves is of the order
# of its square.
_TOLERANCE = 1e-11


@dataclass(frozen=True)
class LinearClassifier:
    """Which side of a plane: features.weights + intercept > 0.

    weights: (d,), of the features as they come; zero for those that were constant in training.
    """

    weights: np.ndarray
    intercept: float

    def predict(self, features: np.ndarray) -> np.ndarray:
        """(N,) bool: the class of features (N, d)."""
        return features @ self.weights + self.intercept > 0


@dataclass(frozen=True)
class HeldOut:
    """How well classes are told of items that the classifier did not learn from; shares 0..1.

    accuracy: over all sentences, each classified when its item was held out.
    standard_error: from how far the accuracies of single items differ. A rough one: items may have
        different numbers of sentences, those of a fold are told by one classifier, and classifiers
        share most of what they learnt from. On features of noise it is too small by a factor of
        1.2 to 1.5.
    chance: of the more frequent class, what one who sees no features can have.
    """

    accuracy: float
    standard_error: float
    chance: float


def fit(features: np.ndarray, labels: np.ndarray) -> LinearClassifier:
    """Learn from features (N, d) and labels (N,) bool, of which there must be both.

    The penalty is on the weights of standardised features, so that the unit of a feature has no
    say. Newton's method, to convergence.
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    varies = deviation > LEAST_DEVIATION
    scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=varies)
    ones = np.ones((len(features), 1))
    weights = _newton(np.hstack([(features - mean) * scale, ones]), np.where(labels, 1.0, -1.0))
    unscaled = weights[:-1] * scale
    return LinearClassifier(unscaled, float(weights[-1] - mean @ unscaled))


def held_out(
    features: np.ndarray, labels: np.ndarray, items: np.ndarray, folds: int, seed: int
) -> HeldOut | None:
    """Cross-validate on sentences with features (N, d), labels (N,) bool and items (N,).

    No item is both learnt from and judged on: what is peculiar to a noun is of no use for another.
    None where there are fewer than two items, or where what is left to learn from is of one class.
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
    """Masks (N,) bool of the sentences that each fold holds out, by their items (N,), 0, 1, ...

    Items are shuffled and dealt like cards into `folds` folds, or one an item if there are fewer.
    """
    count = int(item.max()) + 1
    fold = np.empty(count, dtype=np.int64)
    fold[np.random.default_rng(seed).permutation(count)] = np.arange(count) % folds
    for number in range(min(folds, count)):
        yield fold[item] == number


def _newton(inputs: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """(d,) weights of inputs (N, d) for classes 1 and -1, (N,); the last input is all ones."""
    penalty = np.ones(inputs.shape[1])
    penalty[-1] = 0.0
    weights = np.zeros(inputs.shape[1])

    def objective(weights: np.ndarray) -> float:
        losses = np.logaddexp(0.0, -signs * (inputs @ weights))
        return float(losses.sum() + penalty @ weights**2 / 2)

    value = objective(weights)
    while True:
        # The probability of the class that is not the right one: exp(-margin) / (1 + exp(-margin)).
        wrong = np.exp(-np.logaddexp(0.0, signs * (inputs @ weights)))
        gradient = penalty * weights - inputs.T @ (signs * wrong)
        hessian = (inputs.T * (wrong * (1 - wrong))) @ inputs + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        # Half of it is what the whole step gains where the objective is a parabola.
        slope = float(gradient @ step)
        if slope < _TOLERANCE * value:
            return weights - step
        # Far from the minimum a whole step may overshoot; the objective is convex, so that a part
        # of the step always gains.
        part = 1.0
        while (trial := objective(weights - part * step)) > value - part * slope / 4:
            part /= 2
        weights, value = weights - part * step, trial
