"""Compiled element-wise kernels in C, which make one pass over memory where torch makes several.

They are built at the start of a training by the machine's C compiler for its processor. Without a
compiler, on a GPU, or outside `compiled()`, the calling modules compute the same in torch. The
kernels are used in training only: measurements use torch, so that they do not depend on the
compiler.
"""

import ctypes
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from textvae.runtime.costs import counting_children

SOURCES = sorted(Path(__file__).parent.glob("*.c"))

# Flags that enable vectorisation of the marked loops without -ffast-math, which would change the
# floating-point mode of the whole process. Fused multiply-add is set because compilers differ in
# their default.
_FLAGS = ["-std=c11", "-O3", "-fno-math-errno", "-fno-trapping-math", "-fopenmp-simd"]
_FLAGS += ["-ffp-contract=fast"]

# For this processor. By default compilers use half of an x86's 512-bit vectors.
_FLAGS_OF_MACHINE = {
    "x86_64": ["-march=native", "-mprefer-vector-width=512"],
    "aarch64": ["-mcpu=native"],
    "arm64": ["-mcpu=native"],
}

# Seconds. Compiling takes half a second; a compiler that hangs must not block a training.
_SECONDS = 60


@dataclass(frozen=True)
class Built:
    """A compiled library, or the reason why it could not be built."""

    loaded: ctypes.CDLL | None = None
    why_not: str | None = None


def build(flags: list[str]) -> Built:
    """Compile and load all sources for this processor, with additional `flags`.

    The compiler is $CC, or `cc`. The library is not kept on disk, because machines that share a
    folder may have different processors.
    """
    try:
        compiler = shlex.split(os.environ.get("CC", "")) or ["cc"]
        if shutil.which(compiler[0]) is None:
            return Built(why_not=f"there is no C compiler called {compiler[0]}")
        with tempfile.TemporaryDirectory(prefix="textvae-") as folder:
            return _build(compiler, flags, Path(folder, "kernels.so"))
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return Built(why_not=f"nothing can be compiled: {error}")


def _build(compiler: list[str], flags: list[str], library: Path) -> Built:
    """Compile and load all sources, with `library` as the compiler's output."""
    machine_flags = _FLAGS_OF_MACHINE.get(platform.machine(), [])
    output = ["-shared", "-fPIC", "-o", library]
    command = [*compiler, *_FLAGS, *machine_flags, *flags, *output, *SOURCES, "-lm"]
    with counting_children():
        finished = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS
        )
    if finished.returncode != 0:
        message = next(
            iter(finished.stderr.splitlines()), f"ended with status {finished.returncode}"
        )
        return Built(why_not=f"{compiler[0]}: {message}")
    return Built(ctypes.CDLL(str(library)))


# The number of integers and the number of arrays that each kernel takes.
_KERNELS = {
    "add": (1, 2),
    "softmax_gradient": (2, 5),
    "lstm_forward": (2, 6),
    "lstm_backward": (2, 8),
    "gru_forward": (2, 7),
    "gru_backward": (2, 10),
}
_FLAG_NAMES = {torch.float32: [], torch.bfloat16: ["-DBFLOAT16"]}

_requested = False


@contextmanager
def compiled() -> Iterator[None]:
    """Return a context in which trainings on a CPU use the kernels that can be built."""
    global _requested
    before, _requested = _requested, True
    try:
        yield
    finally:
        _requested = before


def kernel(name: str, precision: torch.dtype, device: torch.device) -> Callable[..., float] | None:
    """Return the kernel `name`, or None where torch has to do its work.

    It takes integers and then arrays, which must be contiguous (ValueError otherwise) and of the
    types in its C source; products are in `precision`.
    """
    # Kernels run in one thread; torch uses all.
    if not _requested or device.type != "cpu" or torch.get_num_threads() > 1:
        return None
    return _kernels(precision).get(name)


def add(sums: Tensor, products: Tensor) -> None:
    """Add products to a contiguous array of their shape, in one pass if there is a kernel."""
    in_one_pass = kernel("add", products.dtype, products.device)
    if in_one_pass is not None and products.is_contiguous():
        in_one_pass(products.numel(), sums, products)
    else:
        sums += products


def in_use(precision: torch.dtype, device: torch.device) -> bool:
    """Return whether a training in that precision uses kernels now; they round unlike torch."""
    return kernel("add", precision, device) is not None


def why_not(precision: torch.dtype, device: torch.device) -> str | None:
    """Return the reason why trainings go without kernels; None if they need none or have them."""
    needed = device.type == "cpu" and torch.get_num_threads() == 1
    return _built(precision).why_not if needed else None


@cache
def _built(precision: torch.dtype) -> Built:
    flags = _FLAG_NAMES.get(precision)
    return Built(why_not=f"no kernels for {precision}") if flags is None else build(flags)


@cache
def _kernels(precision: torch.dtype) -> dict[str, Callable[..., float]]:
    library = _built(precision).loaded
    if library is None:
        return {}
    return {name: _callable(getattr(library, name), *takes) for name, takes in _KERNELS.items()}


def _callable(function: Callable[..., float], numbers: int, arrays: int) -> Callable[..., float]:
    function.argtypes = [ctypes.c_long] * numbers + [ctypes.c_void_p] * arrays
    function.restype = ctypes.c_double if function.__name__ == "softmax_gradient" else None

    def call(*arguments: int | Tensor) -> float:
        tensors = arguments[numbers:]
        if not all(tensor.is_contiguous() for tensor in tensors):
            raise ValueError(f"{function.__name__}: array is not contiguous")
        return function(*arguments[:numbers], *(tensor.data_ptr() for tensor in tensors))

    return call
