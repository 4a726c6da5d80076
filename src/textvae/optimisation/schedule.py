"""A recipe laid out over the steps of one corpus. No torch here."""

import math
from dataclasses import dataclass
from typing import Protocol


class Recipe(Protocol):
    """What a schedule asks of a recipe."""

    epochs: int
    batch: int
    learning_rate: float
    decay: float


@dataclass(frozen=True)
class Schedule:
    """Steps are counted from 0."""

    recipe: Recipe
    sentences: int

    @property
    def steps_per_epoch(self) -> int:
        """The last batch of an epoch may be smaller."""
        return math.ceil(self.sentences / self.recipe.batch)

    @property
    def steps(self) -> int:
        return self.recipe.epochs * self.steps_per_epoch

    def learning_rate(self, step: int) -> float:
        """Constant, then linear to 0 over the last `decay` of all steps."""
        left, falling = self.steps - step, self.recipe.decay * self.steps
        return self.recipe.learning_rate * (1 if left >= falling else left / falling)
