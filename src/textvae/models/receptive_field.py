"""How far a dilated decoder sees. Does not import torch."""

from collections.abc import Mapping
from typing import Any


def receptive_field(layers: int, width: int) -> int:
    """Return the tokens that a word depends on, of layers of dilation 1, 2, 4, ...."""
    return 1 + (width - 1) * (2**layers - 1)


def fault(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Refuse a decoder that sees every sentence whole, and so is no weaker than a recurrent one."""
    layers, width = settings["dilated_layers"], settings["dilated_width"]
    seen = receptive_field(layers, width)
    if longest is None or seen <= longest:
        return None
    return (
        f"dilated_layers {layers} and dilated_width {width} see {seen} tokens, and the longest"
        f" sentence has {longest} words; expected fewer layers or a smaller width"
    )
