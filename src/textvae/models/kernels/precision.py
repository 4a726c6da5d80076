"""The precision of the matrix products of large layers."""

import torch

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}

# CPU instructions that multiply bfloat16; without one of them, bfloat16 is slower than float32.
_CPU_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")


def products_in(precision: torch.dtype, device: torch.device) -> torch.autocast:
    """Return a context in which products are computed in `precision`; float32 changes nothing."""
    return torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32)


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
    if device.type == "cuda":
        # Since Ampere; older GPUs emulate it.
        return torch.cuda.get_device_capability(device) >= (8, 0)
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(instruction, False) for instruction in _CPU_INSTRUCTIONS)
