"""Steps, random streams and learning rate of a training. Imports torch only to seed it."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

# Independent random streams of one seed.
_ORDER, _STEP, _INNER, _FURTHER = 0, 1, 2, 3


def epoch_order(sentences: int, seed: int, epoch: int) -> np.ndarray:
    """Return a new permutation of all sentences, not sorted by length: batches are i.i.d."""
    return np.random.default_rng([seed, _ORDER, epoch]).permutation(sentences)


def seed_step(seed: int, step: int) -> None:
    """Seed torch's generators for one step (noise of z, dropout)."""
    _seed_torch(seed, _STEP, step)


def seed_inner_step(seed: int, step: int, inner: int) -> None:
    """Seed torch's generators for an inner step, 1, 2, ..., of a step."""
    _seed_torch(seed, _INNER, step, inner)


def further_sentences(sentences: int, size: int, seed: int, step: int, inner: int) -> np.ndarray:
    """Draw `size` distinct sentences for an inner step, 1, 2, ..., of a step."""
    rng = np.random.default_rng([seed, _FURTHER, step, inner])
    return rng.choice(sentences, size, replace=False)


def _seed_torch(*seed: int) -> None:
    import torch

    state = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    torch.manual_seed(int(state[0]))


class ScheduleSettings(Protocol):
    """The training settings that a schedule needs."""

    epochs: int
    batch: int
    learning_rate: float
    decay: float


@dataclass(frozen=True)
class Schedule:
    """Training settings applied to a corpus of `sentences`; steps are counted from 0."""

    recipe: ScheduleSettings
    sentences: int

    @property
    def steps_per_epoch(self) -> int:
        """Return the batches in an epoch, of which the last may be smaller."""
        return math.ceil(self.sentences / self.recipe.batch)

    @property
    def steps(self) -> int:
        return self.recipe.epochs * self.steps_per_epoch

    def learning_rate(self, step: int) -> float:
        """Return the rate at a step: constant, then linear to 0 over the share `decay` of steps."""
        left, falling = self.steps - step, self.recipe.decay * self.steps
        return self.recipe.learning_rate * (1 if left >= falling else left / falling)
