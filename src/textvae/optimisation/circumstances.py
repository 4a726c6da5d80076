"""What, besides its settings and its text, decides the bits of a training."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import torch

from textvae.models import native
from textvae.provenance import source_files


def circumstances(module: str, device: torch.device, precision: torch.dtype) -> dict[str, Any]:
    """As JSON: the sources that `module` stands on, torch, threads, the kind of device, what
    products are made in there, and whether the loops are compiled ones.

    The threads are part of it, because sums over several of them round in another order. The kind
    of processor and the compiler, by which results differ in rounding too, are not: a training that
    is moved to another machine goes on there.
    """
    return {
        "code": _code(module),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": device.type,
        "products": str(precision).removeprefix("torch."),
        "compiled": native.in_use(precision, device),
    }


@cache
def _code(module: str) -> str:
    """SHA-256 of the sources: another objective is another task."""
    source = Path(__file__).parents[2]
    contents = (path.read_bytes() for path in source_files(source, module))
    return hashlib.sha256(b"\0".join(contents)).hexdigest()
