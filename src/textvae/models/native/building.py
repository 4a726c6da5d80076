"""From the C sources beside this file to a library in this process."""

import ctypes
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

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
