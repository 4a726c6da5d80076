"""Does a text VAE prefer the grammatical sentence of a pair? (paper, section 3.4, Table 4)

It is asked under four codes: z+ and z-, the posterior means of a pair's own two sentences (p1 and
p2), and the means of all z+ and of all z- of a subcategory (barred p1 and p2), in which what
belongs to single sentences is averaged out. A language model is asked as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from textvae import bootstrap
from textvae.corpora.pairs import Pair
from textvae.models.language_model import LanguageModel
from textvae.models.precision import select_precision
from textvae.models.vae import TextVAE
from textvae.settings import at_least, one_of
from textvae.syntax.accuracy import accuracies, replicated_accuracies, subcategory
from textvae.syntax.codes import posterior_means
from textvae.syntax.encoding import EncodedPairs
from textvae.syntax.log_odds import Question, log_odds


@dataclass(frozen=True)
class Settings:
    """How pairs are scored."""

    precision: str = field(
        default="auto",
        metadata=one_of(
            "auto",
            "float32",
            "bfloat16",
            help="of the products behind normalisers; auto: bfloat16 where the hardware has it",
        ),
    )
    checked: int = field(
        default=2000,
        metadata=at_least(0, help="pairs at random that float32 decides too, to compare"),
    )
    seed: int = field(default=1, metadata=at_least(0, help="of that sample"))
    bootstrap: int = field(default=0, metadata=bootstrap.REPLICATES)


@dataclass(frozen=True)
class Condition:
    """Who is asked, and with which code: for each of N pairs its row of the codes (K, d)."""

    model: TextVAE | LanguageModel
    codes: Tensor
    rows: np.ndarray

    def log_odds(
        self, pairs: EncodedPairs, places: np.ndarray, precision: torch.dtype, label: str
    ) -> np.ndarray:
        """log p(x+|z) - log p(x-|z) of the pairs at some places, (n,), nats."""
        questions = [
            Question(int(self.rows[i]), pairs.grammatical[i], pairs.ungrammatical[i])
            for i in places
        ]
        return log_odds(self.model, self.codes, questions, precision, label)


def measure(
    model: TextVAE,
    pairs: Sequence[Pair],
    encoded: EncodedPairs,
    settings: Settings,
    language_model: LanguageModel | None = None,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Accuracies of each row, as `accuracies` names them, and the log-odds behind them, (N,) each.

    encoded: the N pairs over the model's vocabulary, which is the language model's too. Where
    products are in bfloat16, `differs_from_float32` is the share of a sample's decisions that are
    others in float32. Where replicates are asked for, they are under `bootstrap`.
    """
    precision = select_precision(settings.precision, model.device)
    asked = conditions(model, pairs, encoded)
    if language_model:
        no_code = torch.empty(1, 0)
        asked["language_model"] = Condition(language_model, no_code, np.zeros(len(pairs), int))
    every = np.arange(len(pairs))
    odds = {name: one.log_odds(encoded, every, precision, name) for name, one in asked.items()}
    values: dict[str, Any] = dict(accuracies(pairs, encoded.covered, odds))
    if precision != torch.float32 and settings.checked:
        values["differs_from_float32"] = _turned(asked, odds, encoded, settings)
    if settings.bootstrap:
        values[bootstrap.KEY] = replicated_accuracies(pairs, odds, settings.bootstrap)
    return values, odds


def conditions(
    model: TextVAE, pairs: Sequence[Pair], encoded: EncodedPairs
) -> dict[str, Condition]:
    """The four codes of the paper: p1 and p2 under a pair's own, barred under its subcategory's."""
    means, rows = posterior_means(model, (*encoded.grammatical, *encoded.ungrammatical))
    groups = {group: row for row, group in enumerate(dict.fromkeys(map(subcategory, pairs)))}
    of_group = np.array([groups[subcategory(pair)] for pair in pairs])
    found = {}
    for name, own in (("p1", rows[: len(pairs)]), ("p2", rows[len(pairs) :])):
        averaged = [means[own[of_group == group]].mean(0) for group in groups.values()]
        found[name] = Condition(model, means, own)
        found[f"{name}_bar"] = Condition(model, torch.stack(averaged), of_group)
    return found


def _turned(
    asked: dict[str, Condition],
    odds: dict[str, np.ndarray],
    encoded: EncodedPairs,
    settings: Settings,
) -> float:
    """The share of decisions on a sample of the pairs that float32 takes otherwise."""
    draw = np.random.default_rng(settings.seed)
    count = min(settings.checked, len(encoded))
    sample = draw.choice(len(encoded), count, replace=False)
    turned = [
        (condition.log_odds(encoded, sample, torch.float32, f"{name} in float32") > 0)
        != (odds[name][sample] > 0)
        for name, condition in asked.items()
    ]
    return float(np.mean(turned))
