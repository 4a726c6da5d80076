"""What comes out of a model is made of finite numbers, or its weights are damaged."""

import numpy as np
import torch
from torch import Tensor

from textvae.errors import InputError


def check_finite(what: str, *values: np.ndarray | Tensor) -> None:
    """InputError where one of the values, those of sentences, is no finite number."""
    if not all(torch.as_tensor(each).isfinite().all() for each in values):
        damaged = "the model's weights are damaged"
        raise InputError(f"{what} of a sentence is no finite number: {damaged}")
