"""Imports, compiled kernels and cached digests that all forked trainings share."""

# The first optimiser imports torch._dynamo, which takes seconds.
import torch._dynamo

import tiny_language_model  # noqa: F401
import training_processes  # noqa: F401
from textvae.fce import training
from textvae.models.kernels import compiled
from textvae.runtime import locks
from textvae.training import cell
from textvae.training.fingerprint import circumstances
from tiny import CPU

for module in (cell, training):
    circumstances([module.__name__], CPU, torch.float32)
compiled.why_not(torch.float32, CPU)
locks.SECONDS_BETWEEN_ATTEMPTS = 0.02
