"""No model can beat the source: D + R >= H on a corpus whose probabilities are known.

D_i + R_i is, in the mean over codes, at least -log p(x_i) under the model, and the mean of that
over sentences is at least the entropy of the source. Compared sentence by sentence with the
source's own -log p(x_i), most of the noise of the test set cancels. A clear violation is a fault
in a measurement, never a good model.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textvae.errors import InputError
from textvae.files import read_json


@dataclass(frozen=True)
class Source:
    """What is known of a split's source: its entropy H, and log p of each sentence, (N,); nats."""

    entropy: float
    log_probabilities: np.ndarray

    def excess(self, cost: np.ndarray) -> dict[str, float]:
        """How far a cost in nats of the first sentences, (n,), lies above the source's -log p.

        The bound holds where the excess is at least -3 standard errors.
        """
        differences = cost + self.log_probabilities[: len(cost)]
        return {
            "bound_excess_nats": float(differences.mean()),
            "bound_excess_standard_error": standard_error(differences),
        }


def read_source(folder: Path, split: str, sentences: int) -> Source:
    """From a folder that `textvae grammar` wrote; InputError if it is not of these sentences."""
    path = folder / f"{split}.log-probabilities.npy"
    try:
        entropy = float(read_json(folder / "grammar.json")["entropy_nats"])
        values = np.load(path, allow_pickle=False)
    except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder}: not a folder of `textvae grammar` ({error})") from None
    if values.shape != (sentences,):
        raise InputError(f"{path}: {len(values)} log-probabilities for {sentences} sentences")
    return Source(entropy, values)


def standard_error(values: np.ndarray) -> float:
    """Of the mean of independent values (N,)."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))
