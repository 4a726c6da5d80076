"""The objective of a training in which a controller moves C."""

from typing import TYPE_CHECKING, Any, ClassVar

from textvae.cells import MAX_C
from textvae.config.registered import fixed_rate_fault, strategy_fault
from textvae.registry import POSTERIORS
from textvae.settings import Settings, setting
from textvae.training.automatic.controller import HELD_FROM, Controller, Outcome
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from textvae.models.terms import BatchTerms
    from textvae.training.schedule import Schedule


class MovingTargetSettings(Settings):
    """Settings of every objective that moves C."""

    beta: float = setting(1.0, "weight of the rate term", ge=0)
    max_rate: float = setting(100.0, "largest C, nats", gt=0, le=MAX_C)


class MovingTarget(Objective):
    """D + beta |R - C|, with the C of a controller, whose state is part of the checkpoints."""

    Settings = MovingTargetSettings
    # Fewest steps of a training in which C can be found.
    MIN_STEPS: ClassVar[int] = 1

    def __init__(self, settings: Settings, C: float, schedule: "Schedule") -> None:
        import torch

        super().__init__(settings, C, schedule)
        self.controller = self.start(schedule.steps)
        # The sum of D over the batches since the controller last observed it, and their number.
        sums = torch.zeros(2, dtype=torch.float64)
        self.state = {"controller": self._numbers(), "sums": sums}

    @classmethod
    def check_job(
        cls,
        settings: MovingTargetSettings,
        trained: "Mapping[str, Any]",
        steps: int | None,
        valid: int | None,
    ) -> str | None:
        """Refuse a C without effect, one C throughout, and too few steps."""
        if settings.beta == 0:
            return "beta 0 gives the rate no weight, and C no effect, expected more than 0"
        if reason := fixed_rate_fault(trained) or strategy_fault(trained):
            return reason
        posterior = trained["posterior"]
        fixed = POSTERIORS.declared()[posterior].facts.get("C_setting")
        if fixed is not None and trained.get(fixed) is None:
            return (
                f"{fixed} is missing: the rate of the posterior {posterior} follows from a C that"
                " does not move; expected a value, or another posterior"
            )
        if steps is not None and steps < cls.MIN_STEPS:
            return (
                f"{steps} step{'' if steps == 1 else 's'}, expected at least {cls.MIN_STEPS} to"
                " find C: more epochs or a smaller batch"
            )
        return None

    def start(self, steps: int) -> Controller:
        """Return the controller of a training of `steps` steps."""
        raise NotImplementedError

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D + beta |R - C|, both means over the batch, a scalar in nats per sentence."""
        gap = (terms.rates.mean() - self.controller.C_after(step)).abs()
        return terms.distortion + self.settings.beta * gap

    def update(self, means: "Mapping[str, Tensor]", step: int) -> None:
        """Let the controller observe the mean D of the steps since it last did."""
        import torch

        sums = self.state["sums"]
        # A new tensor, because the old one may be that of a checkpoint.
        D = means["D"].to(torch.float64)
        sums = sums + torch.stack([D, torch.ones_like(D)])
        self.state = self.state | {"sums": sums}
        # Seldom, because reading a number from a GPU synchronises.
        if self.controller.observes_after(step + 1):
            total, batches = sums.tolist()
            self.controller.observe(total / batches, int(batches), step + 1)
            self._keep(torch.zeros_like(sums))

    def looks_after(self, step: int) -> bool:
        """Return whether the controller needs values of validation sentences after a step."""
        return self.controller.looks_after(step + 1)

    def look(self, measured: "Mapping[str, float]", step: int) -> None:
        """Let the controller see values of validation sentences."""
        self.controller.look(measured, step + 1)
        self._keep(self.state["sums"])

    def record(self, step: int) -> dict[str, float]:
        """Return C, its target and what is missing."""
        return self.controller.record(step)

    def outcome(self) -> Outcome | None:
        """Return how the search for C ended, None before its end."""
        return self.controller.outcome()

    def load_state_dict(self, state: "Mapping[str, Tensor]") -> None:
        super().load_state_dict(state)
        self.controller.restore(self.state["controller"].tolist())

    def _keep(self, sums: "Tensor") -> None:
        self.state = {"controller": self._numbers().to(sums.device), "sums": sums}

    def _numbers(self) -> "Tensor":
        import torch

        # Python's numbers exactly, so that a resumed training is the same bit for bit.
        return torch.tensor(self.controller.numbers(), dtype=torch.float64)


class SearchSettings(MovingTargetSettings):
    """Settings of objectives that search for a target by moving C from a start."""

    ramp_epochs: float = setting(2.0, "epochs over which C rises from 0 to its value", ge=0)


class Search(MovingTarget):
    """A search for a target, in which C moves from a start to which it rises from 0."""

    Settings = SearchSettings
    # The share of all steps from which on C is not moved any more.
    LAST_MOVE: ClassVar[float] = HELD_FROM

    @classmethod
    def check_job(
        cls,
        settings: SearchSettings,
        trained: "Mapping[str, Any]",
        steps: int | None,
        valid: int | None,
    ) -> str | None:
        """Refuse what MovingTarget does, and a rise that leaves no steps to search in."""
        if fault := super().check_job(settings, trained, steps, valid):
            return fault
        ramp, epochs = settings.ramp_epochs, trained["epochs"]
        if ramp >= cls.LAST_MOVE * epochs:
            return (
                f"ramp_epochs {ramp:g} leaves no steps to search in before C is held, after"
                f" {cls.LAST_MOVE:.0%} of epochs {epochs}; expected less than"
                f" {cls.LAST_MOVE * epochs:g}"
            )
        return None

    def ramp(self) -> float:
        """Return the steps in which C rises from 0 to its start, as in the paper's objective."""
        return self.settings.ramp_epochs * self.schedule.steps_per_epoch
