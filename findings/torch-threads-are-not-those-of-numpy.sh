#!/usr/bin/env bash
# Package: torch 2.13.0, numpy 2.4.6 (PyPI). Seen: 2026-11-30.
#
# Behaviour: torch.set_num_threads(1) sets the threads of torch's own products. NumPy's wheel has an
# OpenBLAS of its own, which keeps a thread for each core; between two products its threads wait
# actively. OPENBLAS_NUM_THREADS=1, set before NumPy is imported, gives it one.
# One would have guessed: a process with one torch thread is a process with one thread, so that as
# many of them as there are cores do not disturb each other. A bootstrap of covariances of codes,
# thousands of small products in NumPy, took 1.4 s of CPU with one thread of OpenBLAS, and 30 s with
# two, beside two trainings on two cores. (That comparison is not repeated here.)
#
# Output seen (on two cores):
#   after torch.set_num_threads(1): torch 1, openblas one for each core
#   with OPENBLAS_NUM_THREADS=1: torch 1, openblas 1
#
# What to do: set OPENBLAS_NUM_THREADS, or use threadpoolctl, where processes run side by side.
# Needs two cores or more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 threadpoolctl==3.6.0 2> pip.log || { cat pip.log; exit 2; }

cat > threads.py <<'END'
import sys

import numpy
import torch
from threadpoolctl import threadpool_info

torch.set_num_threads(1)
numpy.ones((64, 64)) @ numpy.ones((64, 64))
cores = int(sys.argv[1])
(blas,) = {one["num_threads"] for one in threadpool_info() if one["internal_api"] == "openblas"}
shown = "one for each core" if blas == cores > 1 else blas
print(f"torch {torch.get_num_threads()}, openblas {shown}")
END
cores=$(nproc)
[ "$cores" -ge 2 ] || { echo "needs two cores, found $cores"; exit 2; }
unset OMP_NUM_THREADS OPENBLAS_NUM_THREADS GOTO_NUM_THREADS MKL_NUM_THREADS
found=$(venv/bin/python threads.py "$cores")
echo "after torch.set_num_threads(1): $found"
limited=$(OPENBLAS_NUM_THREADS=1 venv/bin/python threads.py "$cores")
echo "with OPENBLAS_NUM_THREADS=1: $limited"
[ "$found" = "torch 1, openblas one for each core" ] && [ "$limited" = "torch 1, openblas 1" ] || {
    echo "changed: torch's threads are those of NumPy now" >&2
    exit 1
}
