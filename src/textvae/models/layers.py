"""What comes out of a model is made of finite numbers, or its weights are damaged."""

import numpy as np
import torch
from torch import Tensor, nn

from textvae.errors import InputError


def embedding(words: int, size: int, spread: float) -> nn.Embedding:
    """Words to vectors, uniform in plus or minus `spread`."""
    layer = nn.Embedding(words, size)
    nn.init.uniform_(layer.weight, -spread, spread)
    return layer


def output(features: int, words: int) -> nn.Linear:
    """Features to logits: Glorot uniform, without bias at the start."""
    layer = nn.Linear(features, words)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def check_finite(what: str, *values: np.ndarray | Tensor) -> None:
    """InputError where one of the values, those of sentences, is no finite number."""
    if not all(torch.as_tensor(each).isfinite().all() for each in values):
        damaged = "the model's weights are damaged"
        raise InputError(f"{what} of a sentence is no finite number: {damaged}")
