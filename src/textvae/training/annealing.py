"""Objectives that change the weight of the rate by a schedule of steps. Does not import torch."""

from itertools import islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from textvae.settings import Settings
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from textvae.models.terms import BatchTerms

# From this weight on, an annealed objective is the ELBO.
FULL_WEIGHT = 0.99
# The steps of a training of unknown length.
_SOME_STEPS = 1000


class Annealing(Objective):
    """D + beta R; a subclass defines beta as the `weight` of a step."""

    @classmethod
    def check_job(
        cls, settings: Settings, trained: "Mapping[str, Any]", steps: int | None, valid: int | None
    ) -> str | None:
        """Refuse a weight that is full in all steps in which the rate counts, or in all but one.

        Also one that is not full in the last step.
        """
        count = _SOME_STEPS if steps is None else steps
        first = round(count * trained.get("pretraining", 0))
        annealed = cls(settings, 0.0, SimpleNamespace(steps=count))
        rising = (step for step in range(first, count) if annealed.weight(step) < FULL_WEIGHT)
        found = len(list(islice(rising, 2)))
        last = annealed.weight(count - 1)
        if found == 2 and last >= FULL_WEIGHT:
            return None
        given = " and ".join(f"{name} {value:g}" for name, value in settings.model_dump().items())
        if found == 2:
            return (
                f"{given} leave the weight of the rate at {last:.3g} in the last of {count} steps,"
                f" expected at least {FULL_WEIGHT:g}: a shorter rise"
            )
        when = f" after pretraining {trained['pretraining']:g}" if first else ""
        return (
            f"{given} leave the weight of the rate below 1 in {('no step', 'one step only')[found]}"
            f"{when}; expected a longer rise"
        )

    def weight(self, step: int) -> float:
        """Return beta at a step from 0."""
        raise NotImplementedError

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + beta R, both means over the batch, a scalar in nats per sentence."""
        return terms.distortion + self.weight(step) * terms.rates.mean()

    def record(self, step: int) -> dict[str, float]:
        """Return C, which is only a label, and beta."""
        return {"C": self.C, "beta": self.weight(step)}
