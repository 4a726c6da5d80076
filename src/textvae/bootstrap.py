"""How far a mean over independent values may be from what it estimates."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

# Under which a measurement has its replicates, beside its values.
KEY = "bootstrap"

Metrics = Mapping[str, float | None]


def resamples(sentences: int, replicates: int, seed: int = 1) -> Iterator[np.ndarray]:
    """How often each of N sentences is drawn, (N,) summing to N, for one resample after another.

    Resample r depends on N, the seed and r alone, not on how many there are.
    """
    for replicate in range(replicates):
        draw = np.random.default_rng((seed, sentences, replicate))
        yield np.bincount(draw.integers(sentences, size=sentences), minlength=sentences)


def replicated(
    metrics: Callable[[np.ndarray], Metrics], sentences: int, replicates: int, seed: int = 1
) -> dict[str, np.ndarray]:
    """Metric -> its replicates, (R,), where `metrics` tells metrics by the counts of a resample.

    NaN where a metric is None. No metric is there for no replicates.
    """
    found = [metrics(counts) for counts in resamples(sentences, replicates, seed)]
    names = found[0] if found else ()
    return {name: np.array([one[name] for one in found], dtype=float) for name in names}


def replicated_means(values: Mapping[str, np.ndarray], replicates: int) -> dict[str, np.ndarray]:
    """Metric -> replicates, (R,), of its mean over N sentences, each of which has a value, (N,)."""
    names, columns = list(values), np.stack(list(values.values()), axis=1)
    count = len(columns)
    return replicated(
        lambda drawn: dict(zip(names, drawn @ columns / count, strict=True)), count, replicates
    )


def rounded(replicates: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """For a file: to six significant digits, far below the spread that replicates tell of.

    A metric that some resample leaves undefined (no sentence of a length, say) is left out: there
    is too little of what it is made of.
    """
    return {
        name: [float(f"{value:.6g}") for value in values]
        for name, values in replicates.items()
        if np.isfinite(values).all()
    }


def standard_error(values: np.ndarray) -> float:
    """Of the mean of independent values (N,), two or more."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))
