"""Loops in C over what products leave behind: each one pass over memory where torch makes many.

They are built when a training begins, by whatever C compiler there is, for this very processor.
Where there is none, on a GPU, or where nobody asked for them, torch does the same in the modules
that look for them here. They are for learning alone: what is measured is measured by torch, so that
it is the same wherever it is done.
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

SOURCES = sorted(Path(__file__).parent.glob("*.c"))

# What makes vectors of loops: that nobody asks for errno or traps, and that it is said which ones
# may be taken apart. Products may be added to in one rounding, which compilers have different
# opinions of. Not -ffast-math, which changes how the whole process computes.
_FLAGS = ["-std=c11", "-O3", "-fno-math-errno", "-fno-trapping-math", "-fopenmp-simd"]
_FLAGS += ["-ffp-contract=fast"]

# For the processor that runs this. An x86 with vectors of 512 bits is given half of that otherwise.
_FLAGS_OF_MACHINE = {
    "x86_64": ["-march=native", "-mprefer-vector-width=512"],
    "aarch64": ["-mcpu=native"],
    "arm64": ["-mcpu=native"],
}

# Compilers take half a second. One that hangs must not hold up a training.
_SECONDS = 60


@dataclass(frozen=True)
class Built:
    """A library, or why there is none."""

    loaded: ctypes.CDLL | None = None
    why_not: str | None = None


def build(flags: list[str]) -> Built:
    """Compile and load all sources with more flags, for the processor that runs this.

    The compiler is that of $CC, or `cc`. Nothing is kept on the disk: in a folder that several
    machines share would lie what only one of them can run.
    """
    try:
        asked = shlex.split(os.environ.get("CC", "")) or ["cc"]
        if shutil.which(asked[0]) is None:
            return Built(why_not=f"there is no C compiler called {asked[0]}")
        with tempfile.TemporaryDirectory(prefix="textvae-") as folder:
            return _build(asked, flags, Path(folder, "loops.so"))
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return Built(why_not=f"nothing can be compiled: {error}")


def _build(compiler: list[str], flags: list[str], library: Path) -> Built:
    here = _FLAGS_OF_MACHINE.get(platform.machine(), [])
    output = ["-shared", "-fPIC", "-o", library]
    command = [*compiler, *_FLAGS, *here, *flags, *output, *SOURCES, "-lm"]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=_SECONDS
    )
    if done.returncode != 0:
        said = next(iter(done.stderr.splitlines()), f"ended with status {done.returncode}")
        return Built(why_not=f"{compiler[0]}: {said}")
    return Built(ctypes.CDLL(str(library)))


# Of each loop: the whole numbers and the arrays that it takes.
_LOOPS = {
    "add": (1, 2),
    "softmax_gradient": (2, 5),
    "lstm_forward": (2, 6),
    "lstm_backward": (2, 8),
    "gru_forward": (2, 7),
    "gru_backward": (2, 10),
}
_FLAG_NAMES = {torch.float32: [], torch.bfloat16: ["-DBFLOAT16"]}

_wanted = False


@contextmanager
def compiled() -> Iterator[None]:
    """A context whose trainings on a CPU use them, where they can be built."""
    global _wanted
    before, _wanted = _wanted, True
    try:
        yield
    finally:
        _wanted = before


def loop(name: str, precision: torch.dtype, device: torch.device) -> Callable[..., float] | None:
    """The loop of a name, or None where torch has to do.

    It takes its whole numbers and then its arrays, which must be contiguous (ValueError otherwise)
    and of the types that its C source says; products are in `precision`.
    """
    # Loops have one thread; where there are more, torch makes use of them.
    if not _wanted or device.type != "cpu" or torch.get_num_threads() > 1:
        return None
    return _loops(precision).get(name)


def add(sums: Tensor, products: Tensor) -> None:
    """Add products to a contiguous array of their shape, in one pass where there is a loop."""
    in_one_pass = loop("add", products.dtype, products.device)
    if in_one_pass is not None and products.is_contiguous():
        in_one_pass(products.numel(), sums, products)
    else:
        sums += products


def in_use(precision: torch.dtype, device: torch.device) -> bool:
    """Whether a training in that precision goes by them now; they round as torch does not."""
    return loop("add", precision, device) is not None


def why_not(precision: torch.dtype, device: torch.device) -> str | None:
    """In words, what keeps trainings from what would make them faster; None where nothing does."""
    wants = device.type == "cpu" and torch.get_num_threads() == 1
    return _built(precision).why_not if wants else None


@cache
def _built(precision: torch.dtype) -> Built:
    flags = _FLAG_NAMES.get(precision)
    return Built(why_not=f"no loops in {precision}") if flags is None else build(flags)


@cache
def _loops(precision: torch.dtype) -> dict[str, Callable[..., float]]:
    library = _built(precision).loaded
    if library is None:
        return {}
    return {name: _callable(getattr(library, name), *takes) for name, takes in _LOOPS.items()}


def _callable(function: Callable[..., float], numbers: int, arrays: int) -> Callable[..., float]:
    function.argtypes = [ctypes.c_long] * numbers + [ctypes.c_void_p] * arrays
    function.restype = ctypes.c_double if function.__name__ == "softmax_gradient" else None

    def call(*arguments: int | Tensor) -> float:
        tensors = arguments[numbers:]
        if not all(tensor.is_contiguous() for tensor in tensors):
            raise ValueError(f"{function.__name__}: an array has gaps")
        return function(*arguments[:numbers], *(tensor.data_ptr() for tensor in tensors))

    return call
