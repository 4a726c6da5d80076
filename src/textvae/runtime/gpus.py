"""One GPU for each process, of those that it may use.

`snakemake --resources gpu=N` counts GPUs and gives out no numbers, so a job finds its own: the
first GPU whose lock nobody holds. The locks lie in a folder of the user's on this machine, named by
UUID, because a job of a cluster sees whatever GPU it was given as number 0. The system lets go of a
lock when its process ends, however it ends.
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
from textvae.runtime.locks import BETWEEN_LINES, BETWEEN_LOOKS, Lock

VISIBLE = "CUDA_VISIBLE_DEVICES"

# Seconds. With many GPUs asleep nvidia-smi takes ten; with a broken one it hangs for good.
PATIENCE = 60.0


@dataclass(frozen=True)
class GPU:
    """A GPU as CUDA_VISIBLE_DEVICES may call it; its UUID where nvidia-smi tells one."""

    entry: str
    uuid: str | None

    @property
    def identity(self) -> str:
        """What all processes of this machine call it, as part of a file's name."""
        return (self.uuid or self.entry).replace("/", "_")


@dataclass(frozen=True)
class Claim:
    """A GPU that is this process's own until `release`, or until the process ends."""

    gpu: GPU
    lock: Lock

    def release(self) -> None:
        """Let another process have it."""
        global _own
        self.lock.release()
        _own = None


# Asked a second time a process keeps its GPU: torch keeps to those that it woke up with.
_own: Claim | None = None


def claim(cells_per_gpu: int, sleep: Callable[[float], object] = time.sleep) -> Claim | None:
    """A GPU that fewer than `cells_per_gpu` processes have, the emptiest first; None without GPUs.

    Waits while all are taken, and says so. Says which GPU it is, and makes it the only one that
    CUDA will show this process, which must not have asked CUDA for anything before.
    """
    global _own
    if _own is not None:
        return _own
    gpus = visible(os.environ.get(VISIBLE), listed())
    if not gpus:
        return None
    folder = private_folder(Path(tempfile.gettempdir()) / f"textvae-gpus-{os.getuid()}")
    said = -BETWEEN_LINES
    while (claimed := _first_free(gpus, cells_per_gpu, folder)) is None:
        if time.monotonic() - said >= BETWEEN_LINES:
            said = time.monotonic()
            taken = "the GPU is" if len(gpus) == 1 else f"all {len(gpus)} GPUs are"
            share = f"a --cells-per-gpu above {cells_per_gpu} lets more share one"
            print(f"{taken} taken; waiting ({share})", file=sys.stderr, flush=True)
        sleep(BETWEEN_LOOKS)
    gpu = claimed.gpu
    # The order of nvidia-smi, which told the numbers; CUDA's own begins with the fastest.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    os.environ[VISIBLE] = gpu.entry
    uuid = f" ({gpu.uuid})" if gpu.uuid not in (None, gpu.entry) else ""
    entries = ", ".join(gpu.entry for gpu in gpus)
    print(f"GPU {gpu.entry} of {entries}{uuid}", file=sys.stderr, flush=True)
    _own = claimed
    return claimed


def visible(entries: str | None, uuids: Mapping[str, str] | None) -> list[GPU]:
    """The GPUs that CUDA would show, in order.

    entries: the text of CUDA_VISIBLE_DEVICES, None where it is not set. uuids: number -> UUID of
    the GPUs of this machine; None where nobody tells. CUDA's rules: numbers, UUIDs, beginnings of
    UUIDs; what follows an invalid entry does not count; where one is named twice, none counts.
    """
    if entries is None:
        return [GPU(number, uuid) for number, uuid in (uuids or {}).items()]
    gpus: list[GPU] = []
    for entry in entries.split(","):
        gpu = _gpu(entry.strip(), uuids)
        if gpu is None:
            break
        gpus.append(gpu)
    return gpus if len({gpu.identity for gpu in gpus}) == len(gpus) else []


def _gpu(entry: str, uuids: Mapping[str, str] | None) -> GPU | None:
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
        meant = [uuid for uuid in uuids.values() if uuid.startswith(entry)]
        return GPU(entry, meant[0]) if len(meant) == 1 else None
    return None


def listed() -> dict[str, str] | None:
    """Number -> UUID of this machine's GPUs, by nvidia-smi; None where it is not there or fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    try:
        text = _output(program, "--query-gpu=index,uuid", "--format=csv,noheader")
    except OSError as error:
        why = f"nvidia-smi: {error.strerror or error}"
        print(f"{why}; processes may meet on one GPU", file=sys.stderr, flush=True)
        return None
    return dict(re.findall(r"^([0-9]+), *(GPU-[\w-]+)$", text, re.MULTILINE | re.ASCII))


def private_folder(path: Path) -> Path:
    """The folder `path`, made if need be; InputError where it is another's, or open to others."""
    # Everyone may write beside it, so what has its name may be anybody's, or lead anywhere.
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise InputError(f"{path}: not a folder of yours alone; remove it, or set TMPDIR")
    return path


def _first_free(gpus: list[GPU], cells_per_gpu: int, folder: Path) -> Claim | None:
    for slot in range(cells_per_gpu):
        for gpu in gpus:
            lock = Lock.take(folder / f"{gpu.identity}.{slot}")
            if lock is not None:
                return Claim(gpu, lock)
    return None


def _output(*command: str) -> str:
    """What a command prints; OSError where it cannot be started, fails or hangs."""
    together = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, **together, text=True, errors="replace")
    try:
        text, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.stdout.close()
        # One that hangs in the driver cannot even be killed.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        raise TimeoutError(f"no answer in {PATIENCE:g} s") from None
    if process.returncode:
        raise OSError(next(iter(text.splitlines()), f"exit status {process.returncode}"))
    return text
