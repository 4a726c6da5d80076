"""Threads and device of this process."""

import torch

from textvae.errors import InputError

# More than the cores of common machines; far more threads would exhaust the machine.
MAX_THREADS = 1024


def use_threads(threads: int) -> None:
    """Set the number of CPU threads.

    One thread is best if several cells run at once: small products wait for the slowest thread.
    """
    if not 1 <= threads <= MAX_THREADS:
        raise InputError(f"--threads: {threads} is not a number from 1 to {MAX_THREADS}")
    torch.set_num_threads(threads)


def select_device(name: str) -> torch.device:
    """Return the device called `name` (cpu, cuda, cuda:1, or auto: cuda if available).

    Also disables TF32, so that float32 means float32. InputError for another name or a missing GPU.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"--device: {name!r} is not cpu, cuda, cuda:N or auto") from None
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"--device: {name!r} is not cpu, cuda, cuda:N or auto")
    # By default a GPU rounds the products of recurrent layers to 10 bits.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f"--device: there is no {name} here ({torch.cuda.device_count()} found)")
    return device
