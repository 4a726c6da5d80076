"""Saving and loading trained text VAEs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from textvae.cells import Cell
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.models.architecture import ModelConfig
from textvae.models.folders import load_folder, save_folder
from textvae.models.kernels.precision import Choice
from textvae.models.vae import TextVAE


@dataclass(frozen=True)
class TrainedModel:
    """A trained model with its cell and vocabulary.

    corpus: the fingerprint of the corpus that it was trained on; None if unknown. normalise: the
    steps that its sentences were normalised by; None if unknown. weights: the SHA-256 of
    model.safetensors, which identifies the training; None for a model not yet saved. unk_percent:
    of the words of the training text; None if unknown.
    """

    cell: Cell
    model: TextVAE
    vocabulary: Vocabulary
    corpus: str | None = None
    normalise: tuple[str, ...] | None = None
    weights: str | None = None
    unk_percent: float | None = None


def save(
    folder: Path,
    trained: TrainedModel,
    training: dict[str, Any],
    precision: Choice | None = None,
    automatic: dict[str, Any] | None = None,
) -> None:
    """Write the folder of a text VAE; `training` and `precision` describe its training.

    automatic: how its training chose C, if it did.
    """
    what: dict[str, Any] = {
        "cell": trained.cell.as_dict(),
        "architecture": trained.model.config.model_dump(),
    }
    if trained.normalise is not None:
        what["normalise"] = list(trained.normalise)
    if trained.unk_percent is not None:
        what["training_unk_percent"] = trained.unk_percent
    if precision is not None:
        what["precision"] = precision.as_dict()
    if automatic is not None:
        what["automatic"] = automatic
    save_folder(folder, trained.model, trained.vocabulary, what, training)


def load(folder: Path, device: torch.device) -> TrainedModel:
    """Read a folder that `save` wrote, ready to evaluate; InputError if it is not valid."""

    def build(config: dict[str, Any], words: int) -> TextVAE:
        if "language_model" in config:
            raise InputError("it is a language model, which has no code")
        described = config["architecture"]
        if not isinstance(described, dict):
            raise InputError("'architecture' is not a mapping of settings")
        for parts in ModelConfig.PARTS:
            parts.check_registered(described[parts.kind])
        # Earlier versions wrote the settings of all parts, chosen or not.
        every = ModelConfig.every().model_fields
        if unknown := next((name for name in described if name not in every), None):
            raise InputError(f"{unknown!r:.80} is not a setting")
        model = ModelConfig.resolve(described)
        Cell(**config["cell"])
        _steps(config.get("normalise"))
        return TextVAE(model, words)

    config, model, vocabulary = load_folder(folder, device, build)
    training = config.get("training")
    corpus = training.get("corpus") if isinstance(training, dict) else None
    steps = _steps(config.get("normalise"))
    cell = Cell(**config["cell"])
    unknown = config.get("training_unk_percent")
    unknown = unknown if isinstance(unknown, int | float) else None
    return TrainedModel(cell, model, vocabulary, corpus, steps, config["weights"], unknown)


def _steps(value: Any) -> tuple[str, ...] | None:
    """Return normalisation steps from JSON; InputError if they are not a list of names."""
    if value is None:
        return None
    if not (isinstance(value, list) and all(isinstance(name, str) for name in value)):
        raise InputError("'normalise' is not a list of names")
    return tuple(value)
