"""Every random draw of a training follows from its seed and its step alone.

So a training that was interrupted draws, from its checkpoint on, what it would have drawn.
"""

import numpy as np
import torch

# Streams of one seed that must not run into each other.
_ORDER, _STEP = 0, 1


def epoch_order(sentences: int, seed: int, epoch: int) -> np.ndarray:
    """A fresh permutation of all sentences: i.i.d. batches, never sorted by length."""
    return np.random.default_rng([seed, _ORDER, epoch]).permutation(sentences)


def seed_step(seed: int, step: int) -> None:
    """Set torch's generators for one step (noise of z, dropout)."""
    state = np.random.SeedSequence([seed, _STEP, step]).generate_state(1, np.uint64)
    torch.manual_seed(int(state[0]))
