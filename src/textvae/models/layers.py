"""Embedding and output layers with the paper's initialisation, and a check for finite results."""

import numpy as np
import torch
from torch import Tensor, nn

from textvae.errors import InputError


def embedding(words: int, size: int, spread: float) -> nn.Embedding:
    """Return an embedding of `words` words, initialised uniformly in [-spread, spread]."""
    layer = nn.Embedding(words, size)
    nn.init.uniform_(layer.weight, -spread, spread)
    return layer


def output(features: int, words: int) -> nn.Linear:
    """Return the linear layer from features to logits: Glorot-uniform weights, zero bias."""
    layer = nn.Linear(features, words)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def check_finite(what: str, *values: np.ndarray | Tensor) -> None:
    """Raise InputError if a value computed for a sentence is not finite."""
    if not all(torch.as_tensor(each).isfinite().all() for each in values):
        damaged = "the model's weights are damaged"
        raise InputError(f"{what} of a sentence is not finite (NaN or infinity): {damaged}")
