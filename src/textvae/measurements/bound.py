"""The bound D + R >= H on a corpus from a source of known probabilities.

The expectation of D_i + R_i over codes is at least -log p(x_i) under the model, whose mean over
sentences is at least the entropy of the source. Comparing with -log p(x_i) under the source
sentence by sentence cancels most of the noise of the test set. On held-out sentences a clear
violation indicates an error in a measurement, never a good model. (On training sentences D + R may
fall below H through memorisation.)
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

# Upper bound of the -log p of a sentence.
_MAX_NATS = 1e6


@dataclass(frozen=True)
class Source:
    """The source of a split: its entropy H, and log p of each sentence, (N,), both in nats."""

    entropy: float
    log_probabilities: np.ndarray

    def excess(
        self, cost: np.ndarray, chosen: np.ndarray | slice = slice(None)
    ) -> dict[str, float]:
        """Return the mean excess of costs (n,) of chosen sentences over the source's -log p, nats.

        The bound holds where the excess is at least -3 standard errors.
        """
        differences = cost + self.log_probabilities[chosen]
        return {
            "bound_excess_nats": float(differences.mean()),
            "bound_excess_standard_error": standard_error(differences),
        }


def read_source(folder: Path, split: str, sentences: Sentences, vocabulary: Vocabulary) -> Source:
    """Read the source from a folder of `textvae grammar`; InputError if it has other sentences.

    Sentences are compared word by word: with another sample of the grammar, or a word replaced by
    `<unk>` in preparation, costs and probabilities would belong to different sentences.
    """
    path = folder / f"{split}.log-probabilities.npy"
    summary = read_json(folder / "grammar.json")
    entropy = summary.get("entropy_nats") if isinstance(summary, dict) else None
    # Negated, here and below, so that NaN is refused too.
    if type(entropy) not in (int, float) or not 0 <= entropy <= _MAX_NATS:
        raise InputError(f"{folder}/grammar.json: no valid 'entropy_nats' of a grammar")
    values = load_array(path, "textvae grammar")
    if values.shape != (len(sentences),):
        raise InputError(
            f"{path}: {values.size} log-probabilities for {len(sentences)} sentences; the corpus"
            " must be prepared from all sentences of its grammar"
        )
    if values.dtype != np.float64 or not ((values >= -_MAX_NATS) & (values <= 0)).all():
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
