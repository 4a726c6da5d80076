"""Checkpoints: all that a training needs to go on as if it had never stopped.

They lie in a folder of their own, outside what the workflow declares (and would delete), under a
digest of everything that decides the outcome: settings, corpus, sources, threads. A checkpoint says
itself of which training it is, in which format and after which step, and its name carries the hash
of its content: so one that was cut, damaged, renamed or copied from elsewhere is known before it is
believed.
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

from textvae.io import whole

# Of how a state is written down; another number for another way.
VERSION = 2

# The newest may be damaged by whatever killed the job; the one before is then still there.
KEPT = 2

NAME = r"step(\d{9})-([0-9a-f]{16})\.safetensors"


@dataclass(frozen=True)
class Checkpoint:
    """The state after `step` steps.

    Tensors are named model.NAME, optimiser.NAME.INDEX.KEY, objective.NAME, strategy.NAME, sums.
    """

    step: int
    tensors: dict[str, Tensor]


class Checkpoints:
    """The checkpoints of one training, which alone has them in hand.

    identity: its digest, which names their folder below `root`.
    refused: whether `newest` has met any that cannot be used.
    """

    def __init__(self, root: Path, identity: str) -> None:
        self.folder = root / identity
        self.identity = identity
        self.refused = False
        # Those that this process has read or written, the newest last.
        self._sound: list[Path] = []

    @property
    def last(self) -> Path | None:
        """The last one that is known to be good."""
        return self._sound[-1] if self._sound else None

    def newest(
        self, device: torch.device, misfit: Callable[[Checkpoint], str | None]
    ) -> Checkpoint | None:
        """The newest that can be used; each that cannot is named on stderr and passed over.

        misfit: why a checkpoint's tensors are not those of the training, None where they are.
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
            self._sound.append(path)
            tensors = {name: tensor.to(device) for name, tensor in checkpoint.tensors.items()}
            return Checkpoint(checkpoint.step, tensors)
        return None

    def save(self, checkpoint: Checkpoint) -> Path:
        """Write one whole, then let go of all but the newest sound ones."""
        told = {"version": VERSION, "identity": self.identity, "step": checkpoint.step}
        # Under one name, as safetensors writes several in any order: one state, one file.
        content = safetensors.torch.save(checkpoint.tensors, {"checkpoint": json.dumps(told)})
        path = self.folder / f"step{checkpoint.step:09d}-{_hash(content)}.safetensors"
        with whole(path, "wb") as file:
            file.write(content)
        self._sound = [*self._sound, path][-KEPT:]
        if len(self._sound) == KEPT:
            self._remove(set(self._sound))
        return path

    def _remove(self, spared: set[Path]) -> None:
        for path in _newest_first(self.folder):
            if path not in spared:
                with suppress(OSError):
                    path.unlink()


class _Unusable(Exception):
    """Why nobody should go on from a file."""


def step_of(path: Path) -> int:
    """The step that the name of a checkpoint tells."""
    return int(path.name[len("step") :].partition("-")[0])


def _newest_first(folder: Path) -> list[Path]:
    """All that is, or was, called a checkpoint."""
    named = {*folder.glob("step*"), *folder.glob("*.safetensors")}
    return sorted(path for path in named if not path.name.startswith("."))[::-1]


def _read(path: Path, identity: str) -> Checkpoint:
    """One checkpoint, on the CPU; _Unusable, with the reason, whatever its bytes are."""
    named = re.fullmatch(NAME, path.name)
    if named is None:
        raise _Unusable("not the name of one")
    try:
        if not path.is_file():
            raise _Unusable("not a file")
        content = path.read_bytes()
    except OSError as error:
        raise _Unusable(f"cannot be read ({error.strerror})") from None
    if _hash(content) != named[2]:
        raise _Unusable("damaged, not the bytes that its name tells")
    try:
        tensors = safetensors.torch.load(content)
        told = _told(content)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, AssertionError):
        raise _Unusable("not a file of safetensors") from None
    if told.get("version") != VERSION:
        version = ascii(told.get("version"))[:20]
        raise _Unusable(f"of format version {version}, expected {VERSION}")
    if told.get("identity") != identity:
        raise _Unusable("of a training with other settings")
    if told.get("step") != int(named[1]):
        raise _Unusable("of another step than its name tells")
    return Checkpoint(int(named[1]), tensors)


def _told(content: bytes) -> dict[str, Any]:
    """What a file of safetensors, known for one, says of itself; ValueError if that is not JSON."""
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length]).get("__metadata__") or {}
    told = json.loads(metadata.get("checkpoint", "{}"))
    return told if isinstance(told, dict) else {}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
