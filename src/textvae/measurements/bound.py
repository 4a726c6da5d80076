"""No model can beat the source: D + R >= H on a corpus whose probabilities are known.

D_i + R_i is, in the mean over codes, at least -log p(x_i) under the model, and the mean of that
over sentences is at least the entropy of the source. Compared sentence by sentence with the
source's own -log p(x_i), most of the noise of the test set cancels. On sentences that the model
was not trained on, a clear violation is a fault in a measurement, never a good model. (On those it
was trained on, learning them by heart is no fault, and may pay.)
"""

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from textvae.bootstrap import standard_error
from textvae.corpora.encoded import Sentences, load_array
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.io import read_json, read_text

# No sentence is less probable.
_MOST_NATS = 1e6


@dataclass(frozen=True)
class Source:
    """What is known of a split's source: its entropy H, and log p of each sentence, (N,); nats."""

    entropy: float
    log_probabilities: np.ndarray

    def excess(
        self, cost: np.ndarray, chosen: np.ndarray | slice = slice(None)
    ) -> dict[str, float]:
        """How far a cost in nats of chosen sentences, (n,), lies above the source's -log p.

        The bound holds where the excess is at least -3 standard errors.
        """
        differences = cost + self.log_probabilities[chosen]
        return {
            "bound_excess_nats": float(differences.mean()),
            "bound_excess_standard_error": standard_error(differences),
        }


def read_source(folder: Path, split: str, sentences: Sentences, vocabulary: Vocabulary) -> Source:
    """From a folder that `textvae grammar` wrote; InputError if it is not of these sentences.

    They are compared word for word: another sample of the grammar, or a word that preparation made
    `<unk>`, would pair the cost of one sentence with the probability of another.
    """
    path = folder / f"{split}.log-probabilities.npy"
    summary = read_json(folder / "grammar.json")
    entropy = summary.get("entropy_nats") if isinstance(summary, dict) else None
    # As in what follows: not "below" or "above", because NaN is neither.
    if type(entropy) not in (int, float) or not 0 <= entropy <= _MOST_NATS:
        raise InputError(f"{folder}/grammar.json: does not say the 'entropy_nats' of a grammar")
    values = load_array(path, "textvae grammar")
    if values.shape != (len(sentences),):
        raise InputError(f"{path}: {values.size} log-probabilities for {len(sentences)} sentences")
    if values.dtype != np.float64 or not ((values >= -_MOST_NATS) & (values <= 0)).all():
        raise InputError(f"{path}: not log-probabilities in nats, float64")
    lines = read_text(folder / f"{split}.txt").removesuffix("\n").split("\n")
    encoded = (" ".join(vocabulary.decode(ids)) for ids in sentences)
    for number, (line, sentence) in enumerate(zip_longest(lines, encoded), start=1):
        if line != sentence:
            raise InputError(
                f"{folder / split}.txt, line {number}: not sentence {number} of the corpus, which "
                "must be prepared from this text, with no word unknown"
            )
    return Source(float(entropy), np.array(values))
