"""Shares of pairs whose grammatical sentence is preferred, row by row (paper, Table 4)."""

from collections.abc import Mapping, Sequence

import numpy as np

from textvae import bootstrap
from textvae.corpora.pairs import Pair

# Under codes that are means over a subcategory, accuracies are means over subcategories, each of
# one weight; all others pool the pairs of a row.
BARRED = ("p1_bar", "p2_bar")

# A subcategory: row, file and name, since names come again in other files.
Subcategory = tuple[str, str, str]


def subcategory(pair: Pair) -> Subcategory:
    """Which subcategory a pair is of."""
    return pair.row, pair.set, pair.subcategory


def accuracies(
    pairs: Sequence[Pair], covered: np.ndarray, log_odds: Mapping[str, np.ndarray]
) -> dict[str, float | None]:
    """The values of a measurement, "{row}.{metric}", rows in the order of the pairs.

    covered: (N,) whether a pair's differing words are all known. log_odds: by metric (p1, say)
    those of the N pairs; the grammatical sentence is preferred where they are above 0, so a tie
    counts as wrong. Of each row: the number of `pairs`, the share `coverage` of covered ones, and
    each metric over all pairs and over the covered alone (`p1_covered`; None if none is covered).
    """
    values: dict[str, float | None] = {}
    for row, groups in _by_row(pairs).items():
        known = [group[covered[group]] for group in groups]
        count = sum(map(len, groups))
        values[f"{row}.pairs"] = count
        values[f"{row}.coverage"] = sum(map(len, known)) / count
        for metric, odds in log_odds.items():
            preferred = odds > 0
            unweighted = metric in BARRED
            values[f"{row}.{metric}"] = _share(preferred, groups, unweighted)
            values[f"{row}.{metric}_covered"] = _share(preferred, known, unweighted)
    return values


def replicated_accuracies(
    pairs: Sequence[Pair], log_odds: Mapping[str, np.ndarray], replicates: int
) -> dict[str, np.ndarray]:
    """Of each row and metric the replicates, (R,), on resampled pairs; over all pairs alone.

    Pairs are drawn within each subcategory, as many as it has: subcategories are what the test set
    is designed of, and barred accuracies need some of each. (Of one with a single pair there is
    nothing to draw.) One resample serves all metrics, and no two subcategories share one.
    """
    found: dict[str, np.ndarray] = {}
    seed = 0
    for row, groups in _by_row(pairs).items():
        # metric -> (subcategories, R): how many pairs are preferred in each.
        preferred: dict[str, list[np.ndarray]] = {metric: [] for metric in log_odds}
        for group in groups:
            seed += 1
            columns = np.stack([odds[group] > 0 for odds in log_odds.values()], axis=1).astype(int)
            counts = bootstrap.resamples(len(group), replicates, seed)
            sums = np.array([drawn @ columns for drawn in counts])
            for metric, of_metric in zip(log_odds, sums.T, strict=True):
                preferred[metric].append(of_metric)
        sizes = np.array([[len(group)] for group in groups])
        for metric, sums in preferred.items():
            of_groups = np.array(sums)
            unweighted = metric in BARRED
            shares = (of_groups / sizes).mean(0) if unweighted else of_groups.sum(0) / sizes.sum()
            found[f"{row}.{metric}"] = shares
    return found


def _by_row(pairs: Sequence[Pair]) -> dict[str, list[np.ndarray]]:
    """Row -> the places of the pairs of each of its subcategories, in the order of the pairs."""
    places: dict[str, dict[Subcategory, list[int]]] = {}
    for place, pair in enumerate(pairs):
        places.setdefault(pair.row, {}).setdefault(subcategory(pair), []).append(place)
    return {row: [np.array(group) for group in found.values()] for row, found in places.items()}


def _share(preferred: np.ndarray, groups: Sequence[np.ndarray], unweighted: bool) -> float | None:
    """The share of preferred pairs, pooled or as a mean over groups; None where there are none."""
    groups = [group for group in groups if len(group)]
    if not groups:
        return None
    if unweighted:
        return float(np.mean([preferred[group].mean() for group in groups]))
    return float(preferred[np.concatenate(groups)].mean())
