"""An LSTM language model "with the parametrisation of our decoder" (paper, section 3.3.2).

It is the LSTM decoder with a code of zero dimensions.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import UNK_ID, Vocabulary
from textvae.errors import InputError
from textvae.fce.kneser_ney import Scores
from textvae.io import read_json
from textvae.models import layers
from textvae.models.architecture import LanguageModelSizes
from textvae.models.batches import Batch, in_order
from textvae.models.folders import load_folder, save_folder
from textvae.models.kernels.fused_loss import fused_linear_cross_entropy, token_nll
from textvae.models.kernels.precision import Choice, products_in
from textvae.models.layers import check_finite
from textvae.models.recurrent import RecurrentDecoder
from textvae.runtime.progress import progress


class LanguageModel(nn.Module):
    """p(x) over sentences from a vocabulary of `words` words."""

    def __init__(self, sizes: LanguageModelSizes, words: int) -> None:
        super().__init__()
        # Of large matrix products in scoring; see TextVAE.
        self.inference_precision = torch.float32
        self.sizes = sizes
        self.embedding = layers.embedding(words, sizes.embedding, sizes.embedding_range)
        self.decoder = RecurrentDecoder(nn.LSTM, sizes.embedding, 0, sizes.hidden, latent_gain=1)
        self.output = layers.output(sizes.hidden, words)

    def forward(self, batch: Batch, precision: torch.dtype) -> Tensor:
        """Return -log p summed over the tokens of a batch, `<eos>` included: a scalar in nats."""
        with products_in(precision, self.device):
            features = self._features(batch)
        weight, bias = self.output.weight, self.output.bias
        return fused_linear_cross_entropy(features.float(), weight, bias, batch.words, precision)

    @torch.no_grad()
    def token_nll(self, batch: Batch) -> Tensor:
        """Return -log p of each token given the tokens before it, (T,), nats."""
        precision = self.inference_precision
        with products_in(precision, self.device):
            features = self._features(batch)
        return token_nll(
            features.float(), self.output.weight, self.output.bias, batch.words, precision
        )

    def _features(self, batch: Batch) -> Tensor:
        embedded = self.embedding(batch.previous)
        return self.decoder(embedded, embedded.new_empty(len(batch), 0), batch)

    @property
    def device(self) -> torch.device:
        return self.output.weight.device


def save(
    folder: Path,
    model: LanguageModel,
    vocabulary: Vocabulary,
    training: dict[str, Any],
    precision: Choice | None = None,
) -> None:
    """Write the folder of a language model; `training` describes its text and settings."""
    what: dict[str, Any] = {"language_model": model.sizes.model_dump()}
    if precision is not None:
        what["precision"] = precision.as_dict()
    save_folder(folder, model, vocabulary, what, training)


def origin(folder: Path) -> dict[str, Any]:
    """Return the record of a training; empty if unknown.

    It has the settings `sizes` and `recipe`, the digests `text` and `corpus`, and the number of
    `sentences`. InputError if that is no number.
    """
    path = folder / "config.json"
    training = read_json(path).get("training")
    if not isinstance(training, dict):
        return {}
    sentences = training.get("sentences", 0)
    if not isinstance(sentences, int):
        raise InputError(
            f"{path}: 'sentences' of 'training' is {sentences!r:.40}, expected a whole number"
        )
    return training


def weights(folder: Path) -> str | None:
    """Return the SHA-256 of the weights of a folder that `load` accepts; None if not recorded."""
    recorded = read_json(folder / "config.json").get("weights")
    return recorded if isinstance(recorded, str) else None


def load(folder: Path, device: torch.device) -> tuple[LanguageModel, Vocabulary]:
    """Read a folder that `save` wrote, ready to score; InputError if it is not valid."""

    def build(config: dict[str, Any], words: int) -> LanguageModel:
        sizes = LanguageModelSizes(**config["language_model"])
        return LanguageModel(sizes, words)

    _, model, vocabulary = load_folder(folder, device, build)
    return model, vocabulary


def score(model: LanguageModel, sentences: Sentences) -> Scores:
    """Score every sentence; InputError if a result is not finite."""
    nll, without_unk = np.empty(len(sentences)), np.empty(len(sentences))
    with progress("scored", len(sentences), "sentences") as done:
        for part, batch in in_order(sentences, model.device):
            tokens = model.token_nll(batch).double()
            known = tokens * (batch.words != UNK_ID)
            nll[part] = batch.restore(batch.per_sentence(tokens)).cpu().numpy()
            without_unk[part] = batch.restore(batch.per_sentence(known)).cpu().numpy()
            done(len(batch))
    check_finite("cost", nll)
    return Scores(nll, without_unk)
