"""Saving and loading the folder of any trained model: weights, vocabulary and configuration.

Shared by text VAEs (`textvae.models.saved`) and language models.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn

from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.io import atomic_write, read_json, write_json
from textvae.models.kernels.precision import PRECISIONS, multiplies_bfloat16

Model = TypeVar("Model", bound=nn.Module)

WEIGHTS = "model.safetensors"


def save_folder(
    folder: Path,
    model: nn.Module,
    vocabulary: Vocabulary,
    what: dict[str, Any],
    training: dict[str, Any],
) -> None:
    """Write weights, vocabulary and `config.json`, with the keys of `what` and `training`.

    `config.json` has the SHA-256 of the weights. It is written last, so that a folder with it is
    complete.
    """
    # An earlier model in this folder is no longer complete from here on.
    (folder / "config.json").unlink(missing_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    content = safetensors.torch.save(weights)
    with atomic_write(folder / WEIGHTS, "wb") as file:
        file.write(content)
    vocabulary.save(folder / "vocabulary.txt")
    words = {"words": len(vocabulary), "sha256": vocabulary.digest}
    digest = hashlib.sha256(content).hexdigest()
    config = {**what, "weights": digest, "vocabulary": words, "training": training}
    write_json(folder / "config.json", config)


def load_folder(
    folder: Path, device: torch.device, build: Callable[[dict[str, Any], int], Model]
) -> tuple[dict[str, Any], Model, Vocabulary]:
    """Read config, model and vocabulary that `save_folder` wrote; InputError if they do not match.

    The config returned has the SHA-256 of the weights, which earlier versions did not write.

    build: makes a model without weights from the config and the number of words; raises KeyError,
    TypeError or InputError if the config describes something else.
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
    path = folder / WEIGHTS
    try:
        model.load_state_dict(safetensors.torch.load_file(path))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (SafetensorError, RuntimeError) as error:
        # The first line of torch's message is only a heading.
        reason = str(error).strip().splitlines()[-1].strip()
        raise InputError(f"{path}: not the weights that config.json describes ({reason})") from None
    with path.open("rb") as file:
        weights = hashlib.file_digest(file, "sha256").hexdigest()
    if config.get("weights") not in (None, weights):
        raise InputError(
            f"{path}: not the weights that config.json describes (its SHA-256 differs)"
        )
    model.inference_precision = _precision(config, device)
    return config | {"weights": weights}, model.to(device).eval(), vocabulary


def _precision(config: dict[str, Any], device: torch.device) -> torch.dtype:
    """Return the precision of a model's training, float32 if it is unknown or slow here."""
    training = config.get("training")
    name = training.get("products") if isinstance(training, dict) else None
    known = isinstance(name, str) and name in PRECISIONS and multiplies_bfloat16(device)
    return PRECISIONS[name] if known else torch.float32
