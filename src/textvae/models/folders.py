"""The folder of a trained model, whatever its kind: weights, words and configuration.

Apart from the text VAE's, because language models are saved likewise and do not depend on it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import nn

from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.io import read_json, whole, write_json

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
