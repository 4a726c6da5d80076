"""A trained text VAE on the disk: its cell, its parts, and how it was trained."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn

from textvae.cells import Cell
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.io import read_json, whole, write_json
from textvae.models.architecture import ModelConfig
from textvae.models.vae import TextVAE

Model = TypeVar("Model", bound=nn.Module)


def save_folder(
    folder: Path,
    model: nn.Module,
    vocabulary: Vocabulary,
    what: dict[str, Any],
    training: dict[str, Any],
) -> None:
    """Write weights, words and `config.json`: `what` the weights are of, and their training.

    `config.json` comes last, so that a folder with it is whole.
    """
    # Of an earlier model in the same place, which is whole no longer.
    (folder / "config.json").unlink(missing_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    with whole(folder / "model.safetensors", "wb") as file:
        file.write(safetensors.torch.save(weights))
    vocabulary.save(folder / "vocabulary.txt")
    words = {"words": len(vocabulary), "sha256": vocabulary.digest}
    write_json(folder / "config.json", {**what, "vocabulary": words, "training": training})


def load_folder(
    folder: Path, device: torch.device, build: Callable[[dict[str, Any], int], Model]
) -> tuple[dict[str, Any], Model, Vocabulary]:
    """Config, model and words of a folder that `save_folder` wrote; InputError if it is not whole.

    build: from the config and the number of words to a model without weights; KeyError, TypeError
    or InputError where the config is of something else.
    """
    config = read_json(folder / "config.json")
    vocabulary = Vocabulary.load(folder / "vocabulary.txt")
    try:
        model = build(config, len(vocabulary))
        expected = config["vocabulary"]["sha256"]
    except (KeyError, TypeError, InputError) as error:
        raise InputError(f"{folder}/config.json: not the configuration of a model ({error})") from (
            None
        )
    if vocabulary.digest != expected:
        raise InputError(f"{folder}/vocabulary.txt: not the vocabulary the model was trained with")
    path = folder / "model.safetensors"
    try:
        model.load_state_dict(safetensors.torch.load_file(path))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (SafetensorError, RuntimeError) as error:
        # torch begins with a line that says no more than that there are errors.
        reason = str(error).strip().splitlines()[-1].strip()
        raise InputError(f"{path}: not the weights that config.json describes ({reason})") from None
    return config, model.to(device).eval(), vocabulary


@dataclass(frozen=True)
class TrainedModel:
    """A model as it came out of training, with the words that its numbers stand for."""

    cell: Cell
    model: TextVAE
    vocabulary: Vocabulary


def save(folder: Path, trained: TrainedModel, training: dict[str, Any]) -> None:
    """Write the folder of a text VAE; `training` says how it was trained."""
    what = {"cell": trained.cell.as_dict(), "architecture": trained.model.config.model_dump()}
    save_folder(folder, trained.model, trained.vocabulary, what, training)


def load(folder: Path, device: torch.device) -> TrainedModel:
    """Read a folder that `save` wrote, ready to evaluate; InputError names what does not fit."""

    def build(config: dict[str, Any], words: int) -> TextVAE:
        if "language_model" in config:
            raise InputError("but of a language model, which has no code")
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
        return TextVAE(model, words)

    config, model, vocabulary = load_folder(folder, device, build)
    return TrainedModel(Cell(**config["cell"]), model, vocabulary)
