"""Identity of a training: everything that decides its weights, and a digest of it.

The checkpoints of one identity are in a folder named by the digest; the file identity.json there
contains the identity itself.
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
    """Return, as JSON, what decides the weights bit for bit besides settings and text.

    These are the code that `roots` depend on (see `textvae.provenance`), the version of torch, the
    number of threads, the type of device, the precision of matrix products, and whether compiled
    kernels are used.

    The number of threads counts because it changes the order of summation. The processor and the
    compiler also affect rounding, but are left out, so that a training can resume on another
    machine.
    """
    return {
        "code": _code(*roots),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": device.type,
        "products": str(precision).removeprefix("torch."),
        "compiled": native.in_use(precision, device),
    }


_CIRCUMSTANCES = ("code", "torch", "threads", "device", "products", "compiled")


@cache
def _code(*roots: str) -> str:
    """Return the digest of the code at the first call in this process."""
    return provenance.digest(provenance.SOURCE, *roots)


FILE = "identity.json"

# Characters of a value shown in a message.
MAX_SHOWN = 60


def digest(identity: object) -> str:
    """Return the digest of an identity, 16 hexadecimal digits."""
    text = json.dumps(identity, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_identity(identity: object, folder: Path) -> None:
    """Write the identity to `folder`, unless the same identity is already there."""
    with suppress(InputError, OSError):
        if _read(folder) == json.loads(json.dumps(identity)):
            return
    write_json(folder / FILE, identity)


def others(identity: object, root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folders of other trainings below `root`, each with its first difference."""
    own, own_digest = json.loads(json.dumps(identity)), digest(identity)
    for folder in sorted(root.glob("*")):
        if folder.name != own_digest and re.fullmatch("[0-9a-f]{16}", folder.name):
            yield folder, _reason(folder, own)


def difference(there: Any, here: Any, name: str = "it") -> str | None:
    """Return the first difference between two JSON values as a message, None if they are equal.

    Keys are compared in the order of `here` and named without their parents. Hashes are not quoted.
    """
    if isinstance(there, dict) and isinstance(here, dict):
        for key, value in here.items():
            message = (
                difference(there[key], value, key) if key in there else f"{key} is missing there"
            )
            if message is not None:
                return message
        only_there = next((key for key in there if key not in here), None)
        return None if only_there is None else f"{_shorten(only_there)} is not a setting here"
    # As text, because 1, 1.0 and true are equal in Python but have different digests.
    if json.dumps(there) == json.dumps(here):
        return None
    if isinstance(here, str) and re.fullmatch("[0-9a-f]{64}", here):
        return f"{name} differs"
    return f"{name} is {_shorten(there)} there and {_shorten(here)} here"


def other_training(saved: Any, identity: dict[str, Any]) -> str | None:
    """Return how a saved identity is of other settings, another text or seed; None if it is not.

    It may have more keys, and other circumstances.
    """
    own = _without_circumstances(json.loads(json.dumps(identity)))
    if not isinstance(saved, dict):
        return "it has no settings"
    there = _without_circumstances(saved)
    return difference({name: there[name] for name in own if name in there}, own)


def _without_circumstances(identity: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_circumstances(value) if isinstance(value, dict) else value
        for key, value in identity.items()
        if key not in _CIRCUMSTANCES
    }


def _shorten(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    # One printable line, whatever the file contains.
    return "".join(c if c.isprintable() else "?" for c in text[:MAX_SHOWN])


def _reason(folder: Path, here: Any) -> str:
    """Return why the checkpoints in `folder` are not those of the identity `here`."""
    try:
        return difference(_read(folder), here) or "its name does not match its settings"
    except (InputError, OSError, RecursionError):
        return f"its {FILE} is missing or damaged"


def _read(folder: Path) -> Any:
    return read_json(folder / FILE)
