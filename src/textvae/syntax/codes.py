"""The codes of sentences that are often alike: each sentence is encoded once."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from textvae.corpora.encoded import Sentences
from textvae.errors import InputError
from textvae.models.channel import posteriors
from textvae.models.vae import TextVAE
from textvae.syntax.encoding import Ids


def posterior_means(model: TextVAE, sentences: Sequence[Ids]) -> tuple[Tensor, np.ndarray]:
    """Posterior means of the distinct sentences, (K, d) on the CPU, and the row of each, (N,).

    InputError where they are no finite numbers: no classifier and no decoder has a use for them.
    """
    place = {ids: row for row, ids in enumerate(dict.fromkeys(sentences))}
    means = posteriors(model, Sentences.of(place)).mean
    if not means.isfinite().all():
        raise InputError("the model's codes are not finite numbers: its weights are damaged")
    return means, np.array([place[ids] for ids in sentences])
