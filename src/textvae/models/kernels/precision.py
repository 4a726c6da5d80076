"""The precision of the matrix products of large layers.

`auto` is the faster one here. It is measured, not derived from the names of instructions: among
processors with avx512_bf16, bfloat16 is twice as fast as float32 on some and slower on others.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}

# CPU instructions that multiply bfloat16; without one of them, bfloat16 is slower than float32.
_CPU_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")

# A probe stops after these seconds or rounds, whichever is later.
PROBE_SECONDS = 0.05
PROBE_ROUNDS = 2


@dataclass(frozen=True)
class Choice:
    """A precision that `auto` selected, and why.

    speeds: tokens per second in each precision, by name, if they were measured.
    """

    name: str
    reason: str
    speeds: dict[str, float] | None = None

    @property
    def precision(self) -> torch.dtype:
        return PRECISIONS[self.name]

    def as_dict(self) -> dict[str, Any]:
        """Return the choice as JSON."""
        return {"chosen": self.name, "tokens_per_second": self.speeds}

    def __str__(self) -> str:
        return f"precision auto is {self.name}: {self.reason}"


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


def choose(work: Callable[[torch.dtype], int], device: torch.device) -> Choice:
    """Return the faster precision for `work` on this device, float32 if it lacks bfloat16.

    work: computes with products in a given precision; returns a number of tokens.
    """
    if not multiplies_bfloat16(device):
        return Choice("float32", "this machine does not multiply bfloat16")
    speeds = probe(work, device)
    other, name = sorted(PRECISIONS, key=lambda name: (speeds[name], name == "float32"))
    speed = f"{speeds[name]:,.0f} tokens/s against {speeds[other]:,.0f} in {other}"
    return Choice(name, f"{speed}, measured here", speeds)


def probe(work: Callable[[torch.dtype], int], device: torch.device) -> dict[str, float]:
    """Return the speed of `work` in each precision, by name: tokens per second, best of rounds.

    The first call in each precision is not counted; the precisions take turns.
    """
    for precision in PRECISIONS.values():
        work(precision)
    best = dict.fromkeys(PRECISIONS, 0.0)
    spent, rounds = 0.0, 0
    while spent < PROBE_SECONDS or rounds < PROBE_ROUNDS:
        for name, precision in PRECISIONS.items():
            _wait(device)
            start = time.perf_counter()
            tokens = work(precision)
            _wait(device)
            seconds = max(time.perf_counter() - start, 1e-9)
            best[name] = max(best[name], round(tokens / seconds, 1))
            spent += seconds
        rounds += 1
    return best


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def multiplies_bfloat16(device: torch.device) -> bool:
    """Return whether the hardware multiplies bfloat16, at whatever speed."""
    if device.type == "cuda":
        # Since Ampere; older GPUs emulate it.
        return torch.cuda.get_device_capability(device)[0] >= 8
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in _CPU_INSTRUCTIONS)
