"""In which precision the products of large layers are made."""

import torch

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}

# Instructions of CPUs that multiply bfloat16: without one of them it is slower than float32.
_CPU_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")


def products_in(precision: torch.dtype, device: torch.device) -> torch.autocast:
    """A context in which they are; in float32 it changes nothing."""
    return torch.autocast(device.type, dtype=precision, enabled=precision != torch.float32)


def precision_here(tensor: torch.Tensor) -> torch.dtype:
    """In what the products of a tensor are made in the present context."""
    device = tensor.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else tensor.dtype


def select_precision(name: str, device: torch.device) -> torch.dtype:
    """The precision called `name`; auto is bfloat16 where the device multiplies it in hardware."""
    if name == "auto":
        name = "bfloat16" if multiplies_bfloat16(device) else "float32"
    return PRECISIONS[name]


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the hardware has products of bfloat16."""
    if device.type == "cuda":
        # Since Ampere; older ones have it in software.
        return torch.cuda.get_device_capability(device) >= (8, 0)
    found = torch.cpu.get_capabilities()
    return any(found.get(instruction, False) for instruction in _CPU_INSTRUCTIONS)
