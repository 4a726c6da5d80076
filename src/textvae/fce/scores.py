"""What sentences cost under a language model, of whatever kind. No torch here."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scores:
    """Of N sentences in their order, nats, `<eos>` included.

    nll: (N,) -log p(x). without_unk: (N,) the same sum without the words that are `<unk>` (what
    follows them is still predicted from them).
    """

    nll: np.ndarray
    without_unk: np.ndarray
