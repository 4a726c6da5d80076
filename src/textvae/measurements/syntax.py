"""Share of minimal pairs whose grammatical sentence is preferred, by row (paper, Table 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from textvae import bootstrap
from textvae.corpora.minimal_pairs import Pair
from textvae.measurements.coverage import coverage_notes
from textvae.measurements.log_odds import (
    EncodedPairs,
    Question,
    encode,
    log_odds,
    posterior_means,
)
from textvae.measurements.report import Result, replicates_setting
from textvae.models.kernels.precision import PRECISIONS
from textvae.models.language_model import LanguageModel
from textvae.models.saved import TrainedModel
from textvae.models.vae import TextVAE
from textvae.registry import MEASUREMENTS
from textvae.settings import Settings, setting


class SyntaxSettings(Settings):
    """How minimal pairs are scored."""

    precision: str = setting(
        "auto",
        "precision of the normalisers' matrix products; auto is that of the training",
        choices=("auto", "float32", "bfloat16"),
    )
    checked: int = setting(
        2000, "randomly drawn pairs that are also scored in float32, to compare", ge=0
    )
    seed: int = setting(1, "seed of that sample", ge=0)
    bootstrap: int = replicates_setting("pairs of each subcategory")


@dataclass(frozen=True)
class Condition:
    """A model and a code for each pair: codes (K, d), and the row of each of N pairs, (N,)."""

    model: TextVAE | LanguageModel
    codes: Tensor
    rows: np.ndarray

    def log_odds(
        self, pairs: EncodedPairs, indices: np.ndarray, precision: torch.dtype, label: str
    ) -> np.ndarray:
        """Return log p(x+|z) - log p(x-|z) of the pairs with these indices, (n,), nats."""
        questions = [
            Question(int(self.rows[i]), pairs.grammatical[i], pairs.ungrammatical[i])
            for i in indices
        ]
        return log_odds(self.model, self.codes, questions, precision, label)


@MEASUREMENTS.register(
    "syntax",
    of="pairs",
    summary="whether a model prefers the grammatical sentence of minimal pairs",
    settings=SyntaxSettings,
    language_model=True,
    texts={"scores": "TSV of the log-odds of each pair, nats, under each code"},
)
def measure(
    trained: TrainedModel,
    pairs: Sequence[Pair],
    settings: SyntaxSettings,
    language_model: LanguageModel | None = None,
) -> Result:
    """Return the accuracies of each row, with the keys of `accuracies`, and the log-odds as a text.

    language_model: a model over the same vocabulary. Bootstrap replicates, if requested, are under
    the key `bootstrap`.
    """
    encoded = encode(pairs, trained.vocabulary)
    values, odds = judge(trained.model, pairs, encoded, settings, language_model)
    undefined = {metric: "no pair is covered" for metric, value in values.items() if value is None}
    notes, remarks = coverage_notes(pairs, encoded.covered, trained.vocabulary)
    return Result(
        values,
        undefined | notes,
        {"scores": partial(_table, pairs, encoded.covered, odds)},
        remarks,
    )


def judge(
    model: TextVAE,
    pairs: Sequence[Pair],
    encoded: EncodedPairs,
    settings: SyntaxSettings,
    language_model: LanguageModel | None = None,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return accuracies, with the keys of `accuracies`, and the log-odds behind them, (N,) each.

    encoded: the N pairs over the vocabulary of both models. If products are in bfloat16,
    `differs_from_float32` is the share of decisions, on a sample, that change in float32. Bootstrap
    replicates, if requested, are under the key `bootstrap`.
    """
    # With `auto`, repeated measurements of a model agree bit for bit.
    precision = PRECISIONS.get(settings.precision, model.inference_precision)
    tested = conditions(model, pairs, encoded)
    if language_model:
        no_code = torch.empty(1, 0)
        tested["language_model"] = Condition(language_model, no_code, np.zeros(len(pairs), int))
    every_pair = np.arange(len(pairs))
    odds = {
        name: each.log_odds(encoded, every_pair, precision, name) for name, each in tested.items()
    }
    values: dict[str, Any] = dict(accuracies(pairs, encoded.covered, odds))
    if precision != torch.float32 and settings.checked:
        values["differs_from_float32"] = _share_changed(tested, odds, encoded, settings)
    if settings.bootstrap:
        values[bootstrap.KEY] = replicated_accuracies(pairs, odds, settings.bootstrap)
    return values, odds


def _table(pairs: Sequence[Pair], covered: np.ndarray, log_odds: Mapping[str, np.ndarray]) -> str:
    """Return TSV with a line for each pair: row, sentences, whether it is covered, log-odds."""
    header = ["row", "set", "subcategory", "grammatical", "ungrammatical", "covered", *log_odds]
    lines = ["\t".join(header)]
    for index, pair in enumerate(pairs):
        words = [pair.row, pair.set, pair.subcategory, pair.grammatical, pair.ungrammatical]
        numbers = [f"{odds[index]:.6g}" for odds in log_odds.values()]
        lines.append("\t".join([*words, "yes" if covered[index] else "no", *numbers]))
    return "".join(f"{line}\n" for line in lines)


def conditions(
    model: TextVAE, pairs: Sequence[Pair], encoded: EncodedPairs
) -> dict[str, Condition]:
    """Return the paper's conditions: p1 and p2 with a pair's codes, barred with mean codes.

    A barred condition uses the mean code over the pairs of a subcategory.
    """
    means, rows = posterior_means(model, (*encoded.grammatical, *encoded.ungrammatical))
    groups = {group: row for row, group in enumerate(dict.fromkeys(map(subcategory, pairs)))}
    group_of = np.array([groups[subcategory(pair)] for pair in pairs])
    tested = {}
    for name, own in (("p1", rows[: len(pairs)]), ("p2", rows[len(pairs) :])):
        averaged = [means[own[group_of == group]].mean(0) for group in groups.values()]
        tested[name] = Condition(model, means, own)
        mean_codes = model.prior.supported(torch.stack(averaged))
        tested[f"{name}_bar"] = Condition(model, mean_codes, group_of)
    return tested


def _share_changed(
    tested: dict[str, Condition],
    odds: dict[str, np.ndarray],
    encoded: EncodedPairs,
    settings: SyntaxSettings,
) -> float:
    """Return the share of decisions on a sample of the pairs that change in float32."""
    draw = np.random.default_rng(settings.seed)
    count = min(settings.checked, len(encoded))
    sample = draw.choice(len(encoded), count, replace=False)
    changed = [
        (condition.log_odds(encoded, sample, torch.float32, f"{name} in float32") > 0)
        != (odds[name][sample] > 0)
        for name, condition in tested.items()
    ]
    return float(np.mean(changed))


# Conditions with mean codes: accuracies are unweighted means over subcategories. The accuracies of
# all others pool the pairs of a row.
BARRED = ("p1_bar", "p2_bar")

# A subcategory: row, file and name, since several files use the same names.
Subcategory = tuple[str, str, str]


def subcategory(pair: Pair) -> Subcategory:
    """Return the subcategory of a pair."""
    return pair.row, pair.set, pair.subcategory


def accuracies(
    pairs: Sequence[Pair], covered: np.ndarray, log_odds: Mapping[str, np.ndarray]
) -> dict[str, float | None]:
    """Return the values of a measurement as "{row}.{metric}", rows in the order of the pairs.

    covered: (N,) whether all words of a pair are known. log_odds: metric (p1, say) -> log-odds
    of the N pairs, (N,). The grammatical sentence is preferred if they are above 0; a tie counts as
    wrong. For each row: the number of `pairs`, the share `coverage` of covered ones, and each
    metric over all pairs and over covered ones (`p1_covered`; None if none is covered).
    """
    values: dict[str, float | None] = {}
    for row, groups in _by_row(pairs).items():
        covered_groups = [group[covered[group]] for group in groups]
        count = sum(map(len, groups))
        values[f"{row}.pairs"] = count
        values[f"{row}.coverage"] = sum(map(len, covered_groups)) / count
        for metric, odds in log_odds.items():
            preferred = odds > 0
            unweighted = metric in BARRED
            values[f"{row}.{metric}"] = _share(preferred, groups, unweighted)
            values[f"{row}.{metric}_covered"] = _share(preferred, covered_groups, unweighted)
    return values


def replicated_accuracies(
    pairs: Sequence[Pair], log_odds: Mapping[str, np.ndarray], replicates: int
) -> dict[str, np.ndarray]:
    """Return replicates, (R,), of each row and metric on resampled pairs, covered or not.

    Pairs are resampled within each subcategory, at its size: the test set is designed by
    subcategory, and barred accuracies need pairs of each. (A subcategory with a single pair does
    not vary.) All metrics share a resample; the resamples of subcategories are independent.
    """
    replicated: dict[str, np.ndarray] = {}
    seed = 0
    for row, groups in _by_row(pairs).items():
        # metric -> (subcategories, R): number of preferred pairs in each.
        preferred: dict[str, list[np.ndarray]] = {metric: [] for metric in log_odds}
        for group in groups:
            seed += 1
            columns = np.stack([odds[group] > 0 for odds in log_odds.values()], axis=1).astype(int)
            resamples = bootstrap.resamples(len(group), replicates, seed)
            sums = np.array([counts @ columns for counts in resamples])
            for metric, numbers in zip(log_odds, sums.T, strict=True):
                preferred[metric].append(numbers)
        sizes = np.array([[len(group)] for group in groups])
        for metric, sums in preferred.items():
            numbers = np.array(sums)
            unweighted = metric in BARRED
            shares = (numbers / sizes).mean(0) if unweighted else numbers.sum(0) / sizes.sum()
            replicated[f"{row}.{metric}"] = shares
    return replicated


def _by_row(pairs: Sequence[Pair]) -> dict[str, list[np.ndarray]]:
    """Return row -> indices of the pairs of each of its subcategories, in the order of pairs."""
    rows: dict[str, dict[Subcategory, list[int]]] = {}
    for index, pair in enumerate(pairs):
        rows.setdefault(pair.row, {}).setdefault(subcategory(pair), []).append(index)
    return {row: [np.array(group) for group in groups.values()] for row, groups in rows.items()}


def _share(preferred: np.ndarray, groups: Sequence[np.ndarray], unweighted: bool) -> float | None:
    """Return the share of preferred pairs, pooled or as mean over groups; None without pairs."""
    groups = [group for group in groups if len(group)]
    if not groups:
        return None
    if unweighted:
        return float(np.mean([preferred[group].mean() for group in groups]))
    return float(preferred[np.concatenate(groups)].mean())
