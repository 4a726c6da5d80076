"""A trained model on the disk: weights, what they are weights of, and the words they know.

The folder holds `model.safetensors`, `config.json` (the cell, the architecture, how it was
trained) and `vocabulary.txt`, so that it serves wherever it is copied to.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError

from textvae.cells import Cell
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.files import read_json, whole, write_json
from textvae.models.architecture import Architecture
from textvae.models.vae import TextVAE
from textvae.settings import check


@dataclass(frozen=True)
class TrainedModel:
    """A model as it came out of training, with the words that its numbers stand for."""

    cell: Cell
    model: TextVAE
    vocabulary: Vocabulary


def save(folder: Path, trained: TrainedModel, training: dict[str, Any]) -> None:
    """Write the folder; `config.json` comes last, so that a folder with it is whole."""
    # Of an earlier model in the same place, which is whole no longer.
    (folder / "config.json").unlink(missing_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in trained.model.state_dict().items()}
    with whole(folder / "model.safetensors", "wb") as file:
        file.write(safetensors.torch.save(weights))
    trained.vocabulary.save(folder / "vocabulary.txt")
    config = {
        "cell": trained.cell.as_dict(),
        "architecture": asdict(trained.model.architecture),
        "vocabulary": {"words": len(trained.vocabulary), "sha256": trained.vocabulary.digest},
        "training": training,
    }
    write_json(folder / "config.json", config)


def load(folder: Path, device: torch.device) -> TrainedModel:
    """Read a folder that `save` wrote, ready to evaluate; InputError names what does not fit."""
    config = read_json(folder / "config.json")
    vocabulary = Vocabulary.load(folder / "vocabulary.txt")
    try:
        cell = Cell(**config["cell"])
        architecture = Architecture(**config["architecture"])
        check(architecture)
        expected = config["vocabulary"]["sha256"]
    except (KeyError, TypeError, InputError) as error:
        raise InputError(f"{folder}/config.json: not the configuration of a model ({error})") from (
            None
        )
    if vocabulary.digest != expected:
        raise InputError(f"{folder}/vocabulary.txt: not the vocabulary the model was trained with")
    model = TextVAE(architecture, len(vocabulary))
    path = folder / "model.safetensors"
    try:
        model.load_state_dict(safetensors.torch.load_file(path))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (SafetensorError, RuntimeError) as error:
        # torch begins with a line that says no more than that there are errors.
        reason = str(error).strip().splitlines()[-1].strip()
        raise InputError(f"{path}: not the weights that config.json describes ({reason})") from None
    return TrainedModel(cell, model.to(device).eval(), vocabulary)
