"""Checkpoints: all that a training needs to go on as if it had never stopped.

They lie in a folder of their own, outside what the workflow declares (and would delete), under a
digest of everything that decides the outcome: settings, corpus, sources, threads. So a checkpoint
of another task is never even looked at. The file's name carries the hash of its content, so that a
file that was cut or damaged is known before it is believed.
"""

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from textvae.files import whole

# The newest may be damaged by whatever killed the job; the one before is then still there.
KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """The state after `step` steps; tensors are named model.* and optimiser.*."""

    step: int
    tensors: dict[str, Tensor]


def digest(identity: object) -> str:
    """A short name for everything that decides the outcome of a training."""
    text = json.dumps(identity, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write one checkpoint whole, then let go of all but the newest."""
    content = safetensors.torch.save(checkpoint.tensors)
    path = folder / f"step{checkpoint.step:09d}-{_hash(content)}.safetensors"
    with whole(path, "wb") as file:
        file.write(content)
    for old in _newest_first(folder)[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def newest(folder: Path, device: torch.device) -> Checkpoint | None:
    """The newest sound checkpoint, or None; a damaged one is named on stderr and passed over."""
    for path in _newest_first(folder):
        content = path.read_bytes()
        if _hash(content) != path.stem.split("-")[1]:
            print(f"{path}: damaged checkpoint, not used", file=sys.stderr)
            continue
        tensors = safetensors.torch.load(content)
        step = int(path.name[len("step") : path.name.index("-")])
        return Checkpoint(step, {name: tensor.to(device) for name, tensor in tensors.items()})
    return None


def last_path(folder: Path) -> Path | None:
    """Where the newest checkpoint lies, for a message."""
    return next(iter(_newest_first(folder)), None)


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("step*-*.safetensors"), reverse=True)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
