"""Imports and compiles what the commands of the package need later, before processes are forked."""

import importlib
import pkgutil

import torch

import textvae
from textvae.models.kernels.compiled import why_not

MODULES = (
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf", "matplotlib.pyplot"),
    *("matplotlib.backends.backend_svg", "pandas", "scipy.special", "sklearn.linear_model"),
    *(one.name for one in pkgutil.walk_packages(textvae.__path__, "textvae.")),
)

for name in MODULES:
    if not name.endswith("__main__"):
        importlib.import_module(name)
# The first optimiser of a process imports more of torch, which takes two seconds.
torch.optim.Adam([torch.zeros(1, requires_grad=True)])
for precision in (torch.float32, torch.bfloat16):
    why_not(precision, torch.device("cpu"))
