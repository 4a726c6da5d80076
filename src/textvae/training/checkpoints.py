"""Checkpoints: the full state of a training, from which it resumes as if uninterrupted.

They are kept in a separate folder, outside the declared outputs of the workflow (which it would
delete), under a digest of everything that decides the outcome: settings, corpus, sources, threads.
A checkpoint contains this digest, its format version and its step, and its name contains a hash of
its content. A truncated, damaged, renamed or misplaced checkpoint is therefore detected before use.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from textvae.io import atomic_write

# Format version of a checkpoint.
VERSION = 2

# Two, because the newest may be damaged when a job is killed.
KEPT = 2

NAME = r"step(\d{9})-([0-9a-f]{16})\.safetensors"


@dataclass(frozen=True)
class Checkpoint:
    """The training state after `step` steps.

    Tensors are named model.NAME, optimiser.NAME.INDEX.KEY, objective.NAME, strategy.NAME, sums.
    """

    step: int
    tensors: dict[str, Tensor]


class Checkpoints:
    """The checkpoints of one training; no other process may write to them meanwhile.

    identity: digest of the training, which names its folder below `root`.
    refused: whether `newest` has skipped an unusable checkpoint.
    """

    def __init__(self, root: Path, identity: str) -> None:
        self.folder = root / identity
        self.identity = identity
        self.refused = False
        # Checkpoints that this process has read or written, the newest last.
        self._valid: list[Path] = []

    @property
    def last(self) -> Path | None:
        """Return the newest checkpoint known to be valid, None if there is none."""
        return self._valid[-1] if self._valid else None

    def newest(
        self, device: torch.device, misfit: Callable[[Checkpoint], str | None]
    ) -> Checkpoint | None:
        """Return the newest usable checkpoint, on `device`; report skipped ones on stderr.

        misfit: returns why the tensors of a checkpoint do not fit the training, None if they do.
        """
        for path in _newest_first(self.folder):
            try:
                checkpoint = _read(path, self.identity)
                if reason := misfit(checkpoint):
                    raise _Unusable(reason)
            except _Unusable as error:
                print(f"{path}: checkpoint not used: {error}", file=sys.stderr, flush=True)
                self.refused = True
                continue
            self._valid.append(path)
            tensors = {name: tensor.to(device) for name, tensor in checkpoint.tensors.items()}
            return Checkpoint(checkpoint.step, tensors)
        return None

    def save(self, checkpoint: Checkpoint) -> Path:
        """Write a checkpoint atomically, then delete all but the newest KEPT valid ones."""
        metadata = {"version": VERSION, "identity": self.identity, "step": checkpoint.step}
        # A single metadata entry: safetensors orders several arbitrarily, and bytes must not vary.
        content = safetensors.torch.save(checkpoint.tensors, {"checkpoint": json.dumps(metadata)})
        path = self.folder / f"step{checkpoint.step:09d}-{_hash(content)}.safetensors"
        with atomic_write(path, "wb") as file:
            file.write(content)
        self._valid = [*self._valid, path][-KEPT:]
        if len(self._valid) == KEPT:
            self._remove(set(self._valid))
        return path

    def _remove(self, kept: set[Path]) -> None:
        """Delete all checkpoints but those in `kept`."""
        for path in _newest_first(self.folder):
            if path not in kept:
                with suppress(OSError):
                    path.unlink()


class _Unusable(Exception):
    """The reason why a file cannot be used as a checkpoint."""


def step_of(path: Path) -> int:
    """Return the step in the name of a checkpoint."""
    return int(path.name[len("step") :].partition("-")[0])


def _newest_first(folder: Path) -> list[Path]:
    """Return all files named like a checkpoint, partly or wholly, the newest first."""
    candidates = {*folder.glob("step*"), *folder.glob("*.safetensors")}
    return sorted(path for path in candidates if not path.name.startswith("."))[::-1]


def _read(path: Path, identity: str) -> Checkpoint:
    """Read one checkpoint to the CPU; raise _Unusable, with the reason, if it is not valid."""
    match = re.fullmatch(NAME, path.name)
    if match is None:
        raise _Unusable("not the name of a checkpoint")
    try:
        if not path.is_file():
            raise _Unusable("not a file")
        content = path.read_bytes()
    except OSError as error:
        raise _Unusable(f"cannot be read ({error.strerror})") from None
    if _hash(content) != match[2]:
        raise _Unusable("damaged, its content does not match the hash in its name")
    try:
        tensors = safetensors.torch.load(content)
        metadata = _read_metadata(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, AssertionError):
        raise _Unusable("not a safetensors file") from None
    if metadata.get("version") != VERSION:
        version = ascii(metadata.get("version"))[:20]
        raise _Unusable(f"format version {version}, expected {VERSION}")
    if metadata.get("identity") != identity:
        raise _Unusable("from a training with other settings")
    if metadata.get("step") != int(match[1]):
        raise _Unusable("its step does not match its name")
    return Checkpoint(int(match[1]), tensors)


def _read_metadata(content: bytes) -> dict[str, Any]:
    """Read our metadata from a valid safetensors file; ValueError if it is not JSON."""
    length = int.from_bytes(content[:8], "little")
    entries = json.loads(content[8 : 8 + length]).get("__metadata__") or {}
    metadata = json.loads(entries.get("checkpoint", "{}"))
    return metadata if isinstance(metadata, dict) else {}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
