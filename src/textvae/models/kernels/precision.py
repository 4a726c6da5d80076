"""The precision of the matrix products of large layers."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}

# CPU instructions that multiply bfloat16; without one of them, bfloat16 is slower than float32.
_CPU_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")


def products_in(precision: torch.dtype, device: torch.device) -> torch.autocast:
    """Return a context in which products are computed in `precision`; float32 changes nothing."""
    return torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32)


@contextmanager
def recurrences_in(precision: torch.dtype, device: torch.device) -> Iterator[None]:
    """Return a context, of forward and backward passes, for the recurrent layers of cuDNN.

    Below float32 their products are rounded to TF32, which has more digits than bfloat16 and the
    range of float32. Changes nothing on a CPU.
    """
    if device.type != "cuda":
        yield
        return
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = precision != torch.float32
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def precision_here(tensor: torch.Tensor) -> torch.dtype:
    """Return the precision of a tensor's products in the present context."""
    device = tensor.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else tensor.dtype


def select_precision(name: str, device: torch.device) -> torch.dtype:
    """Return the precision `name`; `auto` is bfloat16 if the hardware multiplies it."""
    if name == "auto":
        name = "bfloat16" if multiplies_bfloat16(device) else "float32"
    return PRECISIONS[name]


def multiplies_bfloat16(device: torch.device) -> bool:
    """Return whether the hardware multiplies bfloat16."""
    return bool(bfloat16_hardware(device))


def bfloat16_hardware(device: torch.device) -> str:
    """Return what multiplies bfloat16 on a device, "" if nothing does."""
    if device.type == "cuda":
        major, minor = torch.cuda.get_device_capability(device)
        # Since Ampere; older GPUs emulate it.
        return f"a GPU of compute capability {major}.{minor}" if major >= 8 else ""
    capabilities = torch.cpu.get_capabilities()
    return ", ".join(name for name in _CPU_INSTRUCTIONS if capabilities.get(name, False))


def explain_auto(device: torch.device) -> str:
    """Return the precision that `auto` selects on a device, and the reason."""
    if hardware := bfloat16_hardware(device):
        return f"bfloat16, because this machine has {hardware}; its speed is not measured"
    return "float32, because this machine does not multiply bfloat16"
