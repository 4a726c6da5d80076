"""The uncertainty of measurements: standard errors and the paired bootstrap over sentences."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

# The key of the replicates in a measurement file, beside `values`.
KEY = "bootstrap"

Metrics = Mapping[str, float | None]


def resamples(sentences: int, replicates: int, seed: int = 1) -> Iterator[np.ndarray]:
    """Yield one resample after another: the counts of N sentences, shape (N,), which sum to N.

    Resample r depends only on N, the seed and r, not on the number of replicates.
    """
    for replicate in range(replicates):
        draw = np.random.default_rng((seed, sentences, replicate))
        yield np.bincount(draw.integers(sentences, size=sentences), minlength=sentences)


def replicated(
    metrics: Callable[[np.ndarray], Metrics], sentences: int, replicates: int, seed: int = 1
) -> dict[str, np.ndarray]:
    """Return metric -> its R replicates, shape (R,), NaN where it is None; {} for R = 0.

    metrics: computes metrics from the counts of a resample.
    """
    values = [metrics(counts) for counts in resamples(sentences, replicates, seed)]
    names = values[0] if values else ()
    return {name: np.array([one[name] for one in values], dtype=float) for name in names}


def replicated_means(values: Mapping[str, np.ndarray], replicates: int) -> dict[str, np.ndarray]:
    """Return metric -> R replicates, shape (R,), of its mean over N sentences with values, (N,)."""
    names, columns = list(values), np.stack(list(values.values()), axis=1)
    count = len(columns)
    return replicated(
        lambda counts: dict(zip(names, counts @ columns / count, strict=True)), count, replicates
    )


def rounded(replicates: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """Round to six significant digits, for a file: the error is far below the replicates' spread.

    A metric that is undefined on some resample (which has no sentence of a bucket, for example) is
    left out: there are too few data for it.
    """
    return {
        name: [float(f"{value:.6g}") for value in values]
        for name, values in replicates.items()
        if np.isfinite(values).all()
    }


def standard_error(values: np.ndarray) -> float:
    """Return the standard error of the mean of two or more independent values, shape (N,)."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))
