"""Claiming one of the visible GPUs for this process.

`snakemake --resources gpu=N` limits the number of GPU jobs but assigns no GPU, so a job claims the
first GPU whose lock is free. The locks are in a private folder on this machine, named by UUID,
because a cluster job sees any GPU it was given as number 0. The system releases a lock when its
process ends, however it ends.
"""

import contextlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from textvae.errors import InputError
from textvae.runtime.costs import counting_children
from textvae.runtime.locks import SECONDS_BETWEEN_ATTEMPTS, SECONDS_BETWEEN_MESSAGES, Lock

VISIBLE = "CUDA_VISIBLE_DEVICES"

# Seconds. nvidia-smi takes up to 10 s to wake idle GPUs and may hang on a broken one.
TIMEOUT = 60.0


@dataclass(frozen=True)
class GPU:
    """A GPU as an entry of CUDA_VISIBLE_DEVICES, and its UUID if nvidia-smi gives one."""

    entry: str
    uuid: str | None

    @property
    def identity(self) -> str:
        """Return a name for file names, the same for all processes of this machine."""
        return (self.uuid or self.entry).replace("/", "_")


@dataclass(frozen=True)
class Claim:
    """A GPU reserved for this process until `release`, or until the process ends."""

    gpu: GPU
    lock: Lock

    def release(self) -> None:
        """Release the GPU to other processes."""
        global _claimed
        self.lock.release()
        _claimed = None


# Cached: torch cannot change its visible devices after initialisation.
_claimed: Claim | None = None


def claim(cells_per_gpu: int, sleep: Callable[[float], object] = time.sleep) -> Claim | None:
    """Claim a GPU that fewer than `cells_per_gpu` processes use, the least used first.

    Return None without GPUs. Waits while all are taken, with a message. Prints the GPU and makes it
    the only one visible to CUDA in this process, which must not have initialised CUDA before.
    """
    global _claimed
    if _claimed is not None:
        return _claimed
    gpus = visible(os.environ.get(VISIBLE), list_gpus())
    if not gpus:
        return None
    folder = private_folder(Path(tempfile.gettempdir()) / f"textvae-gpus-{os.getuid()}")
    reported = -SECONDS_BETWEEN_MESSAGES
    while (free := _first_free(gpus, cells_per_gpu, folder)) is None:
        if time.monotonic() - reported >= SECONDS_BETWEEN_MESSAGES:
            reported = time.monotonic()
            taken = "the GPU is" if len(gpus) == 1 else f"all {len(gpus)} GPUs are"
            share = f"a --cells-per-gpu above {cells_per_gpu} lets more share one"
            print(f"{taken} taken; waiting ({share})", file=sys.stderr, flush=True)
        sleep(SECONDS_BETWEEN_ATTEMPTS)
    gpu = free.gpu
    # Number GPUs as nvidia-smi does; CUDA's default order begins with the fastest.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    os.environ[VISIBLE] = gpu.entry
    uuid = f" ({gpu.uuid})" if gpu.uuid not in (None, gpu.entry) else ""
    entries = ", ".join(gpu.entry for gpu in gpus)
    print(f"GPU {gpu.entry} of {entries}{uuid}", file=sys.stderr, flush=True)
    _claimed = free
    return free


def visible(entries: str | None, uuids: Mapping[str, str] | None) -> list[GPU]:
    """Return the GPUs that CUDA would show, in order.

    entries: the text of CUDA_VISIBLE_DEVICES, None if unset. uuids: number -> UUID of the GPUs of
    this machine; None if unknown. CUDA's rules: numbers, UUIDs, prefixes of UUIDs; what follows an
    invalid entry is ignored; if a GPU is named twice, there are none.
    """
    if entries is None:
        return [GPU(number, uuid) for number, uuid in (uuids or {}).items()]
    gpus: list[GPU] = []
    for entry in entries.split(","):
        gpu = _find_gpu(entry.strip(), uuids)
        if gpu is None:
            break
        gpus.append(gpu)
    return gpus if len({gpu.identity for gpu in gpus}) == len(gpus) else []


def _find_gpu(entry: str, uuids: Mapping[str, str] | None) -> GPU | None:
    """Return the GPU of one entry of CUDA_VISIBLE_DEVICES, None if the entry is invalid."""
    if re.fullmatch(r"MIG-[\w/-]+", entry, re.ASCII):
        return GPU(entry, None)
    if re.fullmatch(r"[0-9]{1,9}", entry):
        number = str(int(entry))
        if uuids is None:
            return GPU(number, None)
        return GPU(number, uuids[number]) if number in uuids else None
    if re.fullmatch(r"GPU-[\w-]+", entry, re.ASCII):
        if uuids is None:
            return GPU(entry, None)
        matches = [uuid for uuid in uuids.values() if uuid.startswith(entry)]
        return GPU(entry, matches[0]) if len(matches) == 1 else None
    return None


def list_gpus() -> dict[str, str] | None:
    """Return number -> UUID of this machine's GPUs, by nvidia-smi; None if missing or failing."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        with counting_children():
            text = _output(program, "--query-gpu=index,uuid", "--format=csv,noheader")
    except OSError as error:
        why = f"nvidia-smi: {error.strerror or error}"
        print(f"{why}; several processes may use the same GPU", file=sys.stderr, flush=True)
        return None
    return dict(re.findall(r"^([0-9]+), *(GPU-[\w-]+)$", text, re.MULTILINE | re.ASCII))


def private_folder(path: Path) -> Path:
    """Create the folder `path` if needed; InputError if another user owns or may enter it."""
    # Its parent is writable by everyone, so this name may be another user's, or a link.
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise InputError(f"{path}: not a private folder of this user; remove it, or set TMPDIR")
    return path


def _first_free(gpus: list[GPU], cells_per_gpu: int, folder: Path) -> Claim | None:
    """Lock and return the first of the least used GPUs; None if all are taken."""
    for slot in range(cells_per_gpu):
        for gpu in gpus:
            lock = Lock.take(folder / f"{gpu.identity}.{slot}")
            if lock is not None:
                return Claim(gpu, lock)
    return None


def _output(*command: str) -> str:
    """Return the output of a command; OSError if it cannot be started, fails or hangs."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, **streams, text=True, errors="replace")
    try:
        text, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.stdout.close()
        # A process that hangs in the driver cannot be killed.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        raise TimeoutError(f"no answer in {TIMEOUT:g} s") from None
    if process.returncode:
        raise OSError(next(iter(text.splitlines()), f"exit status {process.returncode}"))
    return text
