"""What a training is: all that decides its outcome, by which its checkpoints are known.

The checkpoints of one identity lie in a folder that is named by a digest of it; a file there says
what it is a digest of.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import torch

from textvae import provenance
from textvae.errors import InputError
from textvae.io import read_json, write_json
from textvae.models.kernels import compiled as native


def circumstances(
    roots: Sequence[str], device: torch.device, precision: torch.dtype
) -> dict[str, Any]:
    """Return, as JSON, what besides settings and text decides a training's bits.

    That is the code that `roots` stand on (see `textvae.provenance`), torch, threads, the kind of
    device, what products are made in there, and whether the loops are compiled ones.

    The threads are part of it, because sums over several of them round in another order. The kind
    of processor and the compiler, by which results differ in rounding too, are not: a training that
    is moved to another machine goes on there.
    """
    return {
        "code": _code(*roots),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": device.type,
        "products": str(precision).removeprefix("torch."),
        "compiled": native.in_use(precision, device),
    }


@cache
def _code(*roots: str) -> str:
    """Return the digest of the code as it is when the process first asks."""
    return provenance.digest(provenance.SOURCE, *roots)


FILE = "identity.json"

# Of a setting in a message, so many characters.
LONGEST = 60


def digest(identity: object) -> str:
    """A short name for everything that decides the outcome of a training."""
    text = json.dumps(identity, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_down(identity: object, folder: Path) -> None:
    """Say in `folder` what its checkpoints are of, unless it says so already."""
    with suppress(InputError, OSError):
        if _read(folder) == json.loads(json.dumps(identity)):
            return
    write_json(folder / FILE, identity)


def others(identity: object, root: Path) -> Iterator[tuple[Path, str]]:
    """The folders below `root` with checkpoints of other trainings, and what is other there."""
    here, mine = json.loads(json.dumps(identity)), digest(identity)
    for folder in sorted(root.glob("*")):
        if folder.name != mine and re.fullmatch("[0-9a-f]{16}", folder.name):
            yield folder, _how_other(folder, here)


def difference(there: Any, here: Any, name: str = "it") -> str | None:
    """The first thing in which two values of JSON differ, None where they do not.

    The order is that of `here`. Settings are named by their last name alone; of a hash it is said
    only that it is another.
    """
    if isinstance(there, dict) and isinstance(here, dict):
        for key, value in here.items():
            told = (
                difference(there[key], value, key) if key in there else f"{key} is not told there"
            )
            if told is not None:
                return told
        only_there = next((key for key in there if key not in here), None)
        return None if only_there is None else f"{_told(only_there)} is no setting here"
    # 1 and 1.0 and true are told apart, as they are by the digest.
    if json.dumps(there) == json.dumps(here):
        return None
    if isinstance(here, str) and re.fullmatch("[0-9a-f]{64}", here):
        return f"of other {name}"
    return f"{name} is {_told(there)} there and {_told(here)} here"


def _told(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    # Whatever a file may say stays on one line.
    return "".join(c if c.isprintable() else "?" for c in text[:LONGEST])


def _how_other(folder: Path, here: Any) -> str:
    try:
        return difference(_read(folder), here) or "its name is not that of its settings"
    except (InputError, OSError, RecursionError):
        return f"no {FILE} there says what it is"


def _read(folder: Path) -> Any:
    return read_json(folder / FILE)
