"""In which precision the products of large layers are made while a model is trained."""

import torch

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def products_in(precision: torch.dtype, device: torch.device) -> torch.autocast:
    """A context in which they are; in float32 it changes nothing."""
    return torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32)
